import pytest

from atm_gcn.training.run import run_folds


@pytest.fixture(scope="module")
def serial(store, config, tmp_path_factory):
    """A run in this process, with the ``config`` of the module."""
    out = tmp_path_factory.mktemp("serial") / "run"
    run_folds(config, store, out)
    return out
