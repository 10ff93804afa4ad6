"""The clips of a store with action units as targets."""

import logging
from dataclasses import replace

import pytest
import torch

from atm_gcn import ATMGCNError
from atm_gcn.data import MERDataset, collate_clips
from atm_gcn.data.action_units.unit_store import UnitStore
from atm_gcn.data.store import JoinedStore
from tests.units import store_of, unit_clips


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    clips = unit_clips(tmp_path_factory.mktemp("clips"), subjects=2)
    units = ["17", "4 or 10", "none", "", "4+xyz", "12"]
    return [replace(clip, action_units=text) for clip, text in zip(clips, units, strict=True)]


@pytest.fixture(scope="module")
def frames(clips, tmp_path_factory):
    return store_of(clips, tmp_path_factory.mktemp("frames") / "store")


def test_units_of_a_frame_store_become_targets(frames, clips, caplog):
    store = UnitStore(frames, [4, 10, 12, 17])
    assert store.classes == ["AU4", "AU10", "AU12", "AU17"]
    assert store.targets == [(0, 0, 0, 1), (-1, -1, 0, 0), (0, 0, 0, 0), (0, 0, 1, 0)]
    assert [stored.clip.label for stored in store.clips] == ["AU17", "AU4?+AU10?", "none", "AU12"]
    assert [stored.clip.action_units for stored in store.clips] == ["17", "4 or 10", "none", "12"]
    with caplog.at_level(logging.WARNING):
        store.report_left_out()
    assert caplog.messages == [
        f"{frames.path}: 2 of 6 clips are left out, because no action units are annotated or they cannot be read: "
        f"{clips[3].key}, {clips[4].key} ('4+xyz')"
    ]
    assert store.of([12]).targets == [(0,), (0,), (0,), (1,)]


def test_clips_keep_their_frames_whatever_is_left_out(frames):
    store, last = UnitStore(frames, [4, 12]), len(frames) - 1
    item = MERDataset(store, view="frames")[3]
    assert torch.equal(item.frames, frames.item(last, 1).frames) and item.clip == frames.clips[last].clip.key
    assert torch.equal(item.y, torch.tensor([[0.0, 1.0]]))
    assert (store.read(3) == frames.read(last)).all()
    batch = collate_clips(list(MERDataset(store)))
    assert batch.y.shape == (4, 2) and batch.y[1].tolist() == [-1, 0]
    assert (store.checksum, store.config, store.frame_size) == (frames.checksum, frames.config, 32)


def test_stores_of_different_emotions_are_joined_by_their_units(frames, tmp_path):
    others = [replace(clip, dataset="other", label="a" + clip.label) for clip in unit_clips(tmp_path / "clips", 2)]
    other = store_of(others, tmp_path / "store")
    with pytest.raises(ATMGCNError, match="has the classes adown, aleft, astill, and"):
        JoinedStore(frames, other)
    joined = JoinedStore(UnitStore(frames, [4, 17]), UnitStore(other, [4, 17]))
    assert len(joined.targets) == len(joined) == 10 and joined.targets[4:7] == [(0, 1), (1, 0), (0, 0)]
    assert joined.item(5, 1).y.tolist() == [[1, 0]]


def test_a_store_without_units_is_refused_in_one_sentence(clips, tmp_path):
    frames = store_of([replace(clip, action_units="") for clip in clips], tmp_path / "store")
    with pytest.raises(ATMGCNError) as caught:
        UnitStore(frames)
    assert str(caught.value) == (
        f"{tmp_path / 'store'}: none of its 6 clips has action units that can be read; fill in the column action_units "
        "of the manifest, and prepare again"
    )
