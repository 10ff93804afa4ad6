"""Labels, subjects, times and pictures of a store are never silently others than when it was prepared."""

import json
import os

import numpy as np
import pytest

from atm_gcn.data import FrameStore, MERDataset
from atm_gcn.errors import ATMGCNError


def refuses(message: str, path) -> None:
    with pytest.raises(ATMGCNError, match=message):
        FrameStore.open(path)


def test_another_label_or_subject_is_refused(copy):
    text = (copy / "manifest.csv").read_text()
    for old, new in ((",joy,", ",rage,"), (",p1,", ",p2,"), (",p1,", ",p3,")):
        assert old in text
        (copy / "manifest.csv").write_text(text.replace(old, new, 1))
        refuses(r"manifest\.csv: was changed after the store was prepared|holds no clip, or one twice", copy)


def test_a_label_outside_the_classes_is_refused(copy):
    file = copy / "manifest.csv"
    file.write_text(file.read_text().replace(",joy,", ",fear,", 1))
    refuses(r"manifest\.csv, row 2: has the label 'fear', which is no class of the store", copy)


def test_other_times_are_refused(copy):
    times = np.load(copy / "times.npy")
    np.save(copy / "times.npy", times * 2)
    refuses(r"times\.npy: was changed after the store was prepared", copy)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"classes": ["rage", "joy"]}, "was changed after"),
        ({"classes": []}, "is damaged at 'classes'"),
        ({"classes": "joy"}, "is damaged at 'classes'"),
        ({"checksum": 5}, "is damaged at 'checksum'"),
        ({"config": {"size": "large"}}, "is damaged at 'config.size'"),
        ({"config": None}, "is damaged at 'config'"),
        ({"size": 0}, "is damaged at 'size'"),
        ({"sha256": {"../../x": "12"}}, "is damaged at"),
        ({"num_clips": 4}, "was changed after"),
    ],
)
def test_other_facts_are_refused(copy, change, message):
    file = copy / "meta.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    refuses(rf"meta\.json: {message}", copy)


def test_arrays_of_another_kind_are_refused(copy):
    for name in ("times.npy", "frames.npy"):
        with (copy / name).open("wb") as file:
            np.savez(file, np.zeros(3))
        refuses(rf"{name}: is truncated or no array", copy)


def test_changed_pictures_are_found_on_demand(copy, finished):
    assert list(finished.check_frames()) == []
    with (copy / "frames.npy").open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        last = file.read(1)[0]
        file.seek(-1, os.SEEK_END)
        file.write(bytes([last ^ 1]))
    (sentence,) = FrameStore.open(copy).check_frames()
    key = finished.clips[-1].clip.key
    assert sentence == f"{copy / 'frames.npy'}: the frames of clip {key} are not those that were prepared"


def test_a_store_that_is_cut_while_it_is_read_is_an_error(copy):
    dataset = MERDataset(copy)
    assert dataset[2].frames.size(0) == dataset.num_frames[2] - 1
    os.truncate(copy / "frames.npy", 400)
    with pytest.raises(ATMGCNError, match=r"frames\.npy: was changed while it was in use; prepare the store again"):
        dataset[2]


def test_a_store_that_is_removed_while_it_is_read_is_an_error(copy):
    dataset = MERDataset(copy)
    assert dataset[0]
    (copy / "frames.npy").unlink()
    with pytest.raises(ATMGCNError, match=r"frames\.npy: cannot be read \(No such file"):
        dataset[0]


def test_frames_behind_the_last_one_are_refused(copy):
    with (copy / "frames.npy").open("ab") as file:
        file.write(bytes(100))
    refuses(r"frames\.npy: holds more than its frames", copy)


def test_times_of_any_length_are_refused_at_once(copy):
    os.truncate(copy / "times.npy", 1 << 40)
    refuses(r"times\.npy: does not fit its manifest", copy)


def test_a_store_without_its_digests_is_refused(copy):
    file = copy / "meta.json"
    meta = json.loads(file.read_text())
    for digests in ({}, {"meta.json": meta["sha256"]["meta.json"]}):
        file.write_text(json.dumps(meta | {"sha256": digests}))
        refuses(r"meta\.json: lacks the digests of its store", copy)
    del meta["sha256"]
    file.write_text(json.dumps(meta))
    refuses(r"meta\.json: lacks the digests of its store", copy)
