"""No clip, no subject and no recorded frame is on two sides of a fold."""

import shutil

import pytest

from atm_gcn.data import Clip, FrameStore
from atm_gcn.errors import ATMGCNError
from atm_gcn.training.leakage import check_leakage, onset_digests
from atm_gcn.training.preflight import dry_run, resolve
from atm_gcn.training.protocol import tasks_of
from atm_gcn.training.splits import Fold
from tests.runs import tiny_config

PROTOCOLS = [
    {},
    {"protocol": "kfold", "folds": 3},
    {"validation_subjects": 1},
    {"protocol": "all", "validation_subjects": 1},
]


def clip(subject: str, name: str, onset: int = 0, source: str = "") -> Clip:
    return Clip("d", subject, name, onset, onset + 5, onset + 9, 30.0, label="x", source=source)


CLIPS = [clip("b", "1"), clip("a", "1"), clip("b", "2"), clip("c", "1"), clip("a", "1")]
APART = Fold("f", train=[0, 2], validation=[3], test=[1])


@pytest.mark.parametrize(
    ("fold", "message"),
    [
        (Fold("f", [1, 0], [2]), "clip d/b/1 trains and clip d/b/2 is held out, but both are of subject d/b"),
        (Fold("f", [1, 0], [3], [2]), "clip d/b/1 trains and clip d/b/2 validates, but both are of subject d/b"),
        (Fold("f", [1], [0], [2]), "clip d/b/2 validates and clip d/b/1 is held out, but both are of subject d/b"),
        (Fold("f", [1], [4]), "clip d/a/1 trains and clip d/a/1 is held out, but they are one clip"),
    ],
)
def test_a_clip_or_subject_on_two_sides_is_named(fold, message):
    with pytest.raises(ATMGCNError, match=f"fold f: {message}; mend the manifest"):
        check_leakage(CLIPS, fold)
    check_leakage(CLIPS, APART)


def test_frames_of_one_recording_on_two_sides_are_named():
    clips = [clip("a", "1", source="x.mp4"), clip("b", "1", source="x.mp4", onset=9)]
    with pytest.raises(ATMGCNError, match=r"they share frames of x\.mp4"):
        check_leakage(clips, Fold("f", [0], [1]))
    clips[1] = clip("b", "1", source="x.mp4", onset=10)
    check_leakage(clips, Fold("f", [0], [1]))


def test_equal_onset_frames_on_two_sides_are_named():
    with pytest.raises(ATMGCNError, match="d/c/1 validates, but their onset frames are the same picture"):
        check_leakage(CLIPS, APART, ["p", "q", "r", "p", "q"])
    check_leakage(CLIPS, APART, ["p", "q", "p", "s", "q"])
    check_leakage(CLIPS, APART, ["", "", "", "", ""])  # blank pictures


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_protocol_is_checked(store, protocol, tmp_path):
    """Every subject's first clip begins with the same picture."""
    config = resolve(tiny_config(**protocol), tiny_config(), store)
    assert tasks_of(config, store)
    copied = FrameStore.open(shutil.copytree(store.path, tmp_path / "store"))
    for index in (3, 6):
        copied.frames[copied.clips[index].first] = copied.frames[0]
    assert len(set(onset_digests(copied))) == len(copied) - 2
    for begin in (tasks_of, dry_run):
        with pytest.raises(ATMGCNError, match="their onset frames are the same picture"):
            begin(config, copied)
