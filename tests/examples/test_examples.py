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
        r"6 clips of 2 subjects, each held out once(.|\n)*chance",
    ),
    "custom_encoder": (
        {"people": 2, "clips_per_subject": 3, "epochs": 2},
        r"6 clips of 2 subjects(.|\n)*loaded model of the fold synth__s\d+: \[",
    ),
    "custom_model": (
        {"people": 2, "clips_per_subject": 6, "epochs": 2},
        r"GRU +UF1 \d\.\d+ .*\nATM-GCN +UF1 .*\nATM-GCN - GRU, UF1: [+-]\d\.\d+ \[",
    ),
    "precomputed_features": (
        {"people": 2, "clips_per_subject": 6, "epochs": 2},
        r"12 clips of 2 subjects, each held out once(.|\n)*chance",
    ),
    "sensor_windows": ({"people": 3, "windows": 20, "epochs": 1}, r"TMGCNConv: accuracy [01]\.\d\d on 20 windows"),
}


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_it_runs(path, tmp_path, monkeypatch, capsys):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.syspath_prepend(EXAMPLES)  # as for "python examples/NAME.py": one imports another
    spec.loader.exec_module(module)
    monkeypatch.chdir(tmp_path)  # where the contact sheet goes
    arguments, printed = SMALL[path.stem]
    module.main(**arguments)
    assert re.search(printed, capsys.readouterr().out)
