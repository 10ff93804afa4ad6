"""Opening a frame store, and the errors for damaged ones."""

import json
import pickle

import numpy as np
import pytest

from atm_gcn.config import DataConfig
from atm_gcn.data import FrameStore, load_manifest
from atm_gcn.errors import ATMGCNError


def test_opens_what_was_prepared(finished):
    store = FrameStore.open(str(finished.path))
    assert store.clips == finished.clips
    assert store.meta == finished.meta
    assert (store.meta["num_clips"], store.meta["num_subjects"], store.meta["num_frames"]) == (3, 2, 34)
    assert DataConfig.model_validate(store.meta["config"]) == DataConfig(size=16)
    assert isinstance(store.frames, np.memmap)
    assert load_manifest(finished.path) == [stored.clip for stored in store.clips]


def test_a_moved_store_still_opens(copy, finished):
    assert FrameStore.open(copy).clips == finished.clips


def test_is_pickled_by_its_path(finished):
    assert finished.frames is not None
    pickled = pickle.dumps(finished)
    assert len(pickled) < 4000 < finished.frames.nbytes
    assert np.array_equal(pickle.loads(pickled).frames, finished.frames)


def test_writing_to_the_frames_never_reaches_the_file(copy):
    before = (copy / "frames.npy").read_bytes()
    FrameStore.open(copy).frames[:] = 0
    assert (copy / "frames.npy").read_bytes() == before


def refuses(message: str, path) -> None:
    with pytest.raises(ATMGCNError, match=message) as error:
        FrameStore.open(path)
    assert str(path) in str(error.value)


def test_missing_files_are_named(copy, tmp_path):
    refuses(r"is no frame store, it has no meta\.json", tmp_path / "nothing")
    (copy / "frames.npy").unlink()
    refuses(r"frames\.npy: is missing", copy)
    (copy / "manifest.csv").unlink()
    refuses(r"manifest\.csv: there is no such manifest", copy)


def test_truncated_frames_are_named(copy):
    file = copy / "frames.npy"
    whole = file.read_bytes()
    for content in (whole[:-1], whole[:200], whole[:40], b""):
        file.write_bytes(content)
        refuses(r"frames\.npy: is truncated", copy)
    np.save(file, np.zeros((33, 16, 16, 3), np.uint8))
    refuses(r"holds uint8 \[33, 16, 16, 3\] where its manifest needs uint8 \[34, 16, 16, 3\]", copy)


def test_another_version_or_damage_is_named(copy):
    meta = json.loads((copy / "meta.json").read_text())
    for content, message in [
        (json.dumps(meta | {"format": 99}), "has store format 99"),
        (json.dumps({key: value for key, value in meta.items() if key != "classes"}), "is damaged"),
        (json.dumps(meta | {"size": "big"}), "is damaged"),
        ("[]", "is damaged"),
        ("{", "is damaged"),
    ]:
        (copy / "meta.json").write_text(content)
        refuses(message, copy)


@pytest.mark.parametrize(
    ("old", "new"), [(",12,12,", ",13,12,"), (",annotated", ",x,annotated"), (",0,12,4,", ",0,12,0,")]
)
def test_a_damaged_manifest_is_named(copy, old, new):
    text = (copy / "manifest.csv").read_text()
    assert old in text
    (copy / "manifest.csv").write_text(text.replace(old, new))
    refuses(r"manifest\.csv, row \d", copy)
