import shutil

import pytest

from atm_gcn.config import DataConfig
from atm_gcn.data import prepare
from tests.data.recordings import three_clips


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A store of three clips."""
    folder = tmp_path_factory.mktemp("finished")
    return prepare(three_clips(folder), folder / "store", DataConfig(size=16))


@pytest.fixture
def copy(finished, tmp_path):
    """Folder of a copy of it, to be changed."""
    return shutil.copytree(finished.path, tmp_path / "store")
