"""The Python of the README and of docs/ runs as it stands there, and links of every page lead somewhere."""

import re
from pathlib import Path

import pytest
import torch
from torch_geometric.loader import DataLoader

from atm_gcn import ATMGCN
from atm_gcn.config import DataConfig
from atm_gcn.data import Clip, FrameStore, MERDataset, prepare
from atm_gcn.training.preflight import resolve
from atm_gcn.training.run import run_folds
from tests.runs import CLASSES, SIZE, tiny_config, write_clip

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("**/*.md"))]
PAGES = [page for page in PAGES if "_build" not in page.parts]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
LINKING = [*sorted(ROOT.glob("*.md")), *PAGES[1:], *sorted((ROOT / "benchmarks").glob("**/*.md"))]
RUN_ELSEWHERE = {"first-hour.md"}  # by tests/examples
RUNNING = [page for page in PAGES if page.name not in RUN_ELSEWHERE and BLOCK.search(page.read_text(encoding="utf-8"))]
ALONE = {"your-own-data.md"}  # whose sections are reached through the table at its top
IMPORTS_ONLY = {"training.md"}  # what it imports trains whole runs; tests/training does


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def blocks_of(page: Path, names: dict) -> dict:
    """Run a page's blocks one after the other; what they define. Those of some pages see nothing of each other."""
    given = dict(names)
    for block in BLOCK.findall(page.read_text(encoding="utf-8")):
        if page.name in IMPORTS_ONLY:
            block = "\n".join(line for line in block.splitlines() if line.startswith(("from ", "import ")))
        names = dict(given) if page.name in ALONE else names
        exec(compile(block, str(page), "exec"), names)
    return names


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Where a page finds what it speaks of: frames in clips/, a frame store in store/ and a run in run/."""
    path = tmp_path_factory.mktemp("pages")
    clips = []
    for subject in ("s01", "s02", "s03"):
        for number, label in enumerate(CLASSES, start=1):
            name = f"c{number:02}"
            source = write_clip(path / "clips" / subject / name, label, seed=len(clips))
            clips.append(Clip("synth", subject, name, 0, 3, 4, 30.0, label=label, source=str(source)))
    store = prepare(clips, path / "store", DataConfig(size=SIZE))
    config = tiny_config(epochs=1).merge({"model": {"window": 1}})
    run_folds(resolve(config, config, store), store, path / "run")
    return path


def test_the_readme_computes_what_it_says():
    names = blocks_of(ROOT / "README.md", {})
    assert names["logits"].shape == (2, 3)
    assert names["h"].shape == (14, 128)


@pytest.mark.parametrize("page", RUNNING[1:], ids=name_of)
def test_python_of_the_docs_runs(page, folder, monkeypatch):
    monkeypatch.chdir(folder)
    clips = MERDataset(FrameStore.open("store"))
    blocks_of(page, {"torch": torch, "ATMGCN": ATMGCN, "clip": clips[0], "batch": next(iter(DataLoader(clips, 2)))})


def test_the_docs_have_python_to_run():
    assert {"docs/quick-start.md", "docs/explain.md"} <= {name_of(page) for page in RUNNING}


@pytest.mark.parametrize("page", LINKING, ids=name_of)
def test_links_lead_somewhere(page):
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
    files = [link.partition("#")[0] for link in links if not link.startswith("http")]
    missing = [file for file in files if file and not (page.parent / file).exists()]
    assert not missing


def test_the_readme_has_links():
    assert len(re.findall(r"\]\([^)]+\)", (ROOT / "README.md").read_text(encoding="utf-8"))) > 5
