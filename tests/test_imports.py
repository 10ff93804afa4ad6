"""Imports go one way: graph and encoders below model, then training, then the command line."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import atm_gcn

PACKAGE = Path(atm_gcn.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
LEAVES = {"version", "defaults", "errors", "files", "machine", "_lazy"}
HEAVY = ("torch", "cv2", "av", "click", "matplotlib", "kornia")
MAY_IMPORT = {  # part of the package -> other parts that it may import
    "graph": set(),
    "encoders": set(),
    "config": set(),
    "metrics": set(),
    "losses": set(),
    "media": set(),
    "explanation": {"graph"},
    "checkpoint": {"config"},
    "batch_check": {"graph.topology", "encoders"},
    "model": {"graph", "encoders", "config", "checkpoint", "explanation", "batch_check"},
    "data": {"config", "graph.topology", "media"},
    "synth": {"data", "media"},
    "training": {"model", "data", "media", "config", "checkpoint", "losses", "metrics"},
    "inference": {"training", "model", "data", "media", "config", "checkpoint"},
    "explain": {"inference", "training", "model", "explanation", "data", "media", "config", "checkpoint"},
    "report": {"explain", "training", "data", "media", "metrics"},
}
ONLY_IN = {
    "cv2": ("media/", "synth/"),
    "av": ("media/",),
    "click": ("cli/",),
    "torch_scatter": ("graph/_backends/",),
    "lightning": ("training/execution/",),
    "ray": ("training/execution/",),
}


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write imports in full"
            names.add(node.module)
    return names


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_go_one_way(path):
    inside = path.relative_to(PACKAGE)
    part = inside.parts[0].removesuffix(".py")
    for name in imported(path):
        home = ONLY_IN.get(name.partition(".")[0])
        assert home is None or str(inside).startswith(home), f"{inside} imports {name}"
        if not name.startswith("atm_gcn.") or part not in MAY_IMPORT:
            continue
        target = name.removeprefix("atm_gcn.")
        allowed = MAY_IMPORT[part] | LEAVES | {part}
        assert any(target == a or target.startswith(f"{a}.") for a in allowed), f"{inside} imports {name}"


def loaded_by(statement: str) -> list[str]:
    code = f"import sys; {statement}; print(*[m for m in {HEAVY} if m in sys.modules])"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()


def test_importing_the_package_is_cheap():
    assert loaded_by("import atm_gcn") == []


def test_importing_the_model_brings_in_no_heavy_tools():
    assert loaded_by("from atm_gcn import ATMGCN, RunConfig") == ["torch"]
