"""Every example runs."""

import importlib.util
import re
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
SMALL = {  # arguments that make it quick, and what it then prints
    "contact_sheet": ({"people": 1}, ""),
    "custom_dataset": (
        {"people": 2, "clips_per_subject": 3, "epochs": 2},
        r"epoch 2: loss 0\.\d+\n.* of 3 clips correct",
    ),
    "custom_encoder": ({"people": 2, "clips_per_subject": 3, "epochs": 2}, r"loaded model gives equal logits: True"),
    "precomputed_features": ({"clips": 60, "epochs": 2}, r"held-out clips: \d+ of 20 correct"),
    "sensor_windows": ({"people": 3, "windows": 20, "epochs": 1}, r"TMGCNConv: accuracy [01]\.\d\d on 20 windows"),
}


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_it_runs(path, tmp_path, monkeypatch, capsys):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.chdir(tmp_path)  # where the contact sheet goes
    arguments, printed = SMALL[path.stem]
    module.main(**arguments)
    assert re.search(printed, capsys.readouterr().out)
