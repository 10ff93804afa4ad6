import pytest

from tests.runs import tiny_store


@pytest.fixture(scope="session")
def store(tmp_path_factory):
    return tiny_store(tmp_path_factory.mktemp("tiny"))
