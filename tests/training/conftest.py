import pytest

from atm_gcn.data import FrameStore
from tests.runs import tiny_store
from tests.sharing import made_once


@pytest.fixture(scope="session")
def store(tmp_path_factory):
    return FrameStore.open(made_once(tmp_path_factory, "tiny", tiny_store) / "store")
