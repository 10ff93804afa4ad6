import pytest

from atm_gcn.cli import main
from tests.runs import TINY_SETS, tiny_store


@pytest.fixture(scope="session")
def store(tmp_path_factory):
    """Folder of a tiny frame store."""
    return tiny_store(tmp_path_factory.mktemp("tiny")).path


@pytest.fixture(scope="session")
def tiny_sets():
    """Options that make a model train in a blink."""
    return [part for setting in TINY_SETS for part in ("--set", setting)] + ["--set", "train.jitter=0"]


@pytest.fixture(scope="session")
def trained(store, tiny_sets, tmp_path_factory):
    """Folder of a finished run on the tiny store."""
    out = tmp_path_factory.mktemp("runs") / "run"
    assert main.run(["train", str(store), str(out), "--device", "cpu", *tiny_sets]) == 0
    return out
