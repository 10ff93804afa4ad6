"""Two stores read as one."""

import pickle

import numpy as np
import pytest

from atm_gcn.config import DataConfig
from atm_gcn.data import MERDataset, prepare
from atm_gcn.data.store import JoinedStore
from atm_gcn.errors import ATMGCNError
from tests.data.recordings import three_clips


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    folder = tmp_path_factory.mktemp("joined")
    return [
        prepare(three_clips(folder / name, dataset=name), folder / f"{name}-store", DataConfig(size=16, **settings))
        for name, settings in (("a", {"similar_pictures": "distinct"}), ("b", {}))
    ]


def test_clips_of_the_second_follow_those_of_the_first(stores):
    joined = JoinedStore(*stores)
    assert (len(joined), joined.boundary, joined.subjects) == (6, 3, ["a/p1", "a/p2", "b/p1", "b/p2"])
    for index in range(6):
        store, position = stores[index // 3], index % 3
        assert joined.clips[index] == store.clips[position]
        assert np.array_equal(joined.read(index), store.read(position))
        assert joined.item(index, 2).pos.tolist() == store.positions(position)[1:].tolist()


def test_it_makes_a_dataset_and_travels_to_workers(stores):
    dataset = MERDataset(pickle.loads(pickle.dumps(JoinedStore(*stores))))
    assert [clip.clip for clip in dataset] == [f"{d}/{s}" for d in "ab" for s in ("p1/a", "p1/b", "p2/c")]


def test_it_has_a_checksum_of_both_and_the_decisions_of_both(stores):
    joined, swapped = JoinedStore(*stores), JoinedStore(*reversed(stores))
    assert len({joined.checksum, swapped.checksum, *(store.checksum for store in stores)}) == 4
    assert joined.config == DataConfig(size=16) != stores[0].config


def test_stores_of_other_frames_or_classes_are_refused(stores, tmp_path):
    clips = three_clips(tmp_path / "c", dataset="c")
    with pytest.raises(ATMGCNError, match=r"was prepared with size 32, and .*a-store with 16; prepare one again"):
        JoinedStore(stores[0], prepare(clips, tmp_path / "size", DataConfig(size=32)))
    other = prepare(clips, tmp_path / "classes", DataConfig(size=16, classes=["rage", "joy"]))
    with pytest.raises(ATMGCNError, match=r"has the classes rage, joy, and .*a-store has joy, rage"):
        JoinedStore(stores[0], other)
