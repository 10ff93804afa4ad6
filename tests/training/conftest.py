"""A finished run that the tests of training share."""

import shutil

import pytest

from atm_gcn.training.preflight import resolve
from atm_gcn.training.run import run_folds
from tests.runs import tiny_config
from tests.sharing import made_once


@pytest.fixture(scope="session")
def config(store):
    """Settings for the store of three subjects."""
    return resolve(tiny_config(), tiny_config(), store)


@pytest.fixture(scope="session")
def finished(store, config, tmp_path_factory):
    """The folder of a finished run, which tests only read."""
    return made_once(tmp_path_factory, "finished-run", lambda folder: run_folds(config, store, folder))


@pytest.fixture
def run(finished, tmp_path):
    """A copy of it."""
    return shutil.copytree(finished, tmp_path / "run")
