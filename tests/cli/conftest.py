import pytest

from atm_gcn.cli import main
from tests.runs import TINY_SETS, tiny_store
from tests.sharing import made_once


@pytest.fixture(scope="session")
def store(tmp_path_factory):
    """Folder of a tiny frame store."""
    return made_once(tmp_path_factory, "tiny", tiny_store) / "store"


@pytest.fixture(scope="session")
def tiny_sets():
    """Options that make a model train in a blink."""
    return [part for setting in TINY_SETS for part in ("--set", setting)] + ["--set", "train.augment.jitter=0"]


@pytest.fixture(scope="session")
def trained(store, tiny_sets, tmp_path_factory):
    """Folder of a finished run on the tiny store."""

    def train(out):
        assert main.run(["train", str(store), str(out), "--device", "cpu", *tiny_sets]) == 0

    return made_once(tmp_path_factory, "trained", train)


@pytest.fixture
def predict(trained, capsys):
    """Run ``atm-gcn predict`` and return its exit code, stdout and stderr."""

    def run(*arguments):
        capsys.readouterr()
        code = main.run(["predict", *map(str, arguments), "--model", str(trained), "--device", "cpu"])
        return (code, *capsys.readouterr())

    return run
