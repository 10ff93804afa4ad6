"""The record of a run names every frame store whose clips were read."""

import pytest

from atm_gcn.data.store import AuxiliaryStore, JoinedStore
from atm_gcn.data.store.clip_store import SelectedClips
from atm_gcn.errors import ATMGCNError
from atm_gcn.training.results.run_record import StoreRecord
from tests.runs import tiny_store


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    """Two frame stores of different clips."""
    return [tiny_store(tmp_path_factory.mktemp(name), people) for name, people in (("one", 1), ("two", 2))]


def keys(opened):
    return [[one.clip.key for one in store.clips] for store in opened]


def test_a_store_is_recorded_with_its_place_and_checksum(stores):
    record = StoreRecord.of(stores[0])
    assert record.paths == [str(stores[0].path)]
    assert (record.origins[0].checksum, record.origins[0].clips) == (stores[0].checksum, None)
    assert keys(record.open()) == keys(stores[:1])


@pytest.mark.parametrize("kind", [JoinedStore, AuxiliaryStore])
def test_two_stores_are_recorded_each(stores, kind):
    record = StoreRecord.of(kind(*stores))
    assert record.paths == [str(store.path) for store in stores]
    assert keys(record.open()) == keys(stores)


def test_some_of_the_clips_are_recorded_by_their_positions(stores):
    few = SelectedClips(JoinedStore(SelectedClips(stores[0], [1, 2]), stores[1]), [1, 2, 3])
    record = StoreRecord.model_validate_json(StoreRecord.of(few).model_dump_json())
    assert [origin.clips for origin in record.origins] == [(2,), (0, 1)]
    assert [key for each in keys(record.open()) for key in each] == [one.clip.key for one in few.clips]


def test_a_run_of_an_earlier_version_has_one_store(stores):
    record = StoreRecord(checksum=stores[0].checksum, path=str(stores[0].path))
    assert record.paths == [str(stores[0].path)]
    assert keys(record.open()) == keys(stores[:1])


def test_what_was_changed_or_is_gone_is_said(stores, tmp_path):
    changed = StoreRecord(checksum="0" * 64, path=str(stores[0].path))
    with pytest.raises(ATMGCNError, match=r"the run's frame store .*store was prepared again"):
        changed.open()
    with pytest.raises(ATMGCNError, match=r"the run's frame store .*none is gone or damaged"):
        StoreRecord(checksum="0" * 64, path=str(tmp_path / "none")).open()
    with pytest.raises(ATMGCNError, match="the run has no frame store"):
        StoreRecord(checksum="0" * 64, path="").open()
