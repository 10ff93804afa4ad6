"""Folders and files stay small, every package says what it is, and the public names exist."""

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted(path for top in ("atm_gcn", "tests", "benchmarks", "examples") for path in (ROOT / top).rglob("*.py"))
PACKAGES = [path for path in FILES if path.name == "__init__.py" and path.parts[len(ROOT.parts)] != "tests"]
LONGEST_FILE = 300  # lines
LARGEST_FOLDER = 13  # modules
PUBLIC = {  # what users' code relies on
    "atm_gcn": "ATMGCN ATMGCNError AdaptiveTM DataConfig FoldEnsemble ModelConfig MotionEncoder RunConfig TMGCNConv "
    "TrainConfig predict_video",
    "atm_gcn.graph": "AdaptiveTM AttentionReadout DenseTMGCNConv TMGCNConv build_topology temporal_motion_weight",
    "atm_gcn.encoders": "MotionEncoder encode_stream",
    "atm_gcn.metrics": "scores",
    "atm_gcn.data": "Clip FrameStore MERDataset from_dataframe from_dataset load_features load_manifest prepare "
    "read_annotations to_dataframe write_manifest",
    "atm_gcn.training": "Result cross_validate",
    "atm_gcn.synth": "synthesize",
}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_no_file_is_long():
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_no_folder_is_crowded():
    counts = {}
    for path in FILES:
        if path.name != "__init__.py" and not path.is_relative_to(ROOT / "tests"):
            counts[name_of(path.parent)] = counts.get(name_of(path.parent), 0) + 1
    assert {folder: count for folder, count in counts.items() if count > LARGEST_FOLDER} == {}


@pytest.mark.parametrize("path", PACKAGES, ids=name_of)
def test_every_package_says_in_one_sentence_what_it_is(path):
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    summary = docstring.partition("\n\n")[0]
    assert summary.endswith(".") and not re.search(r"[.!?]\s+[A-Z]", summary)


@pytest.mark.parametrize("package", PUBLIC)
def test_public_names_exist(package):
    module = import_module(package)
    names = set(PUBLIC[package].split())
    assert names <= set(module.__all__)
    assert [name for name in names if not hasattr(module, name)] == []


def test_public_methods_exist():
    model = import_module("atm_gcn").ATMGCN
    assert all(
        callable(getattr(model, name)) for name in ("from_preset", "save_pretrained", "from_pretrained", "explain")
    )
