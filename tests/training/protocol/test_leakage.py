"""No clip, no person and no recorded moment is on two sides of a fold."""

from dataclasses import replace

import numpy as np
import pytest

from atm_gcn.config import DataConfig
from atm_gcn.data import Clip, FrameStore
from atm_gcn.data.store import JoinedStore
from atm_gcn.errors import ATMGCNError
from atm_gcn.training.preflight import dry_run, resolve
from atm_gcn.training.protocol.leakage import Tie, check_leakage, ties_of
from atm_gcn.training.protocol.splits import Fold
from atm_gcn.training.protocol.tasks import tasks_of
from tests.runs import ChangeableStore, tiny_config

PROTOCOLS = [
    {},
    {"kind": "kfold", "folds": 3},
    {"validation_subjects": 1},
    {"kind": "all", "validation_subjects": 1},
]


def clip(subject: str, name: str) -> Clip:
    return Clip("d", subject, name, 0, 5, 9, 30.0, label="x")


CLIPS = [clip("b", "1"), clip("a", "1"), clip("b", "2"), clip("c", "1"), clip("a", "1")]
APART = Fold("f", train=[0, 2], validation=[3], test=[1])


def with_clips(store: FrameStore, *changes: dict) -> FrameStore:
    """The store with other annotations for its clips, one per subject's first clip."""
    clips = list(store.clips)
    for index, change in enumerate(changes):
        clips[3 * index] = replace(clips[3 * index], clip=replace(clips[3 * index].clip, **change), recording="")
    return FrameStore(store.path, store.meta, clips)


def with_subjects(store: FrameStore, **names: str) -> FrameStore:
    """The store as an earlier version would have made it, with subjects of other names."""
    clips = [
        replace(one, clip=replace(one.clip, subject=names.get(one.clip.subject, one.clip.subject)))
        for one in store.clips
    ]
    return FrameStore(store.path, store.meta, clips)


@pytest.fixture
def copied(store):
    """A store whose pictures can be changed."""
    return ChangeableStore.open(store.path)


def reasons(store: FrameStore, **settings) -> list[str]:
    return [tie.reason for tie in ties_of(store, DataConfig(size=32, **settings))]


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
    with pytest.raises(ATMGCNError, match=f"fold f: {message}; fix the manifest"):
        check_leakage(CLIPS, fold)
    check_leakage(CLIPS, APART)


def test_tied_clips_on_two_sides_are_named():
    message = "clip d/b/1 trains and clip d/c/1 validates, but they rhyme; fix the manifest"
    with pytest.raises(ATMGCNError, match=message):
        check_leakage(CLIPS, APART, [Tie((0, 2), "they sing"), Tie((3, 0), "they rhyme")])
    check_leakage(CLIPS, APART, [Tie((0, 2), "they sing"), Tie((4, 0), "clip 4 is on no side")])


def test_nothing_ties_different_people(store):
    assert ties_of(store, DataConfig(size=32)) == []


def test_frames_of_one_recording_are_tied_whatever_was_decided(store):
    shared = with_clips(store, {"source": "x/../y.mp4"}, {"source": "y.mp4", "onset": 3, "apex": 4, "offset": 6})
    for settings in ({}, {"shared_recordings": "allow"}):
        assert reasons(shared, **settings) == ["they share frames of y.mp4"]
    apart = with_clips(store, {"source": "y.mp4"}, {"source": "y.mp4", "onset": 4, "apex": 5, "offset": 6})
    assert reasons(apart) == ["they are of one recording, y.mp4"]
    assert reasons(apart, shared_recordings="allow") == []


def test_copies_are_known_by_their_digest(store):
    clips = list(store.clips)
    clips[0], clips[3] = (replace(clips[index], recording="digest") for index in (0, 3))
    shared = FrameStore(store.path, store.meta, clips)
    assert "they share frames of" in reasons(shared)[0]


@pytest.mark.parametrize("names", [{"s1": "S0"}, {"s1": "s00"}, {"s1": "s-0"}, {"s1": "sO"}])
def test_subjects_that_look_alike_are_tied(store, names):
    older = with_subjects(store, **names)
    (tie,) = ties_of(older, DataConfig(size=32))
    assert tie.clips == (0, 1, 2, 3, 4, 5) and "look like one person" in tie.reason
    assert reasons(older, similar_subjects="distinct") == []


def test_people_of_two_stores_are_compared(store):
    other = with_subjects(store, s0="S0", s1="x", s2="y")
    joined = JoinedStore(store, FrameStore(store.path, other.meta, other.clips))
    assert "their subjects tiny/s0 and tiny/S0 look like one person" in reasons(joined)


def test_equal_onset_frames_are_tied_and_blank_ones_are_not(copied):
    for index in (3, 6):
        copied.frames[copied.clips[index].first] = copied.frames[0]
    (tie,) = ties_of(copied, DataConfig(size=32, similar_pictures="distinct"))
    assert tie.clips == (0, 3, 6) and tie.reason == "their onset frames are the same picture"
    for index in (0, 3, 6):
        copied.frames[copied.clips[index].first] = 128
    assert reasons(copied) == []


def test_changed_copies_of_pictures_are_tied(copied):
    """A frame within one clip is the onset of another one, brighter and noisier."""
    noise = np.random.default_rng(0).normal(0, 3, (32, 32, 3))
    copied.frames[copied.clips[3].first] = np.clip(copied.read(0)[2] * 0.8 + 30 + noise, 0, 255)
    (tie,) = ties_of(copied, DataConfig(size=32))
    assert tie.clips == (0, 3) and "they show one moment of one recording" in tie.reason
    assert reasons(copied, similar_pictures="distinct") == []
    decided = with_subjects(copied, s1="S0")
    assert reasons(decided, similar_subjects="distinct") == []  # who has two such ids was decided about


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_protocol_is_checked(store, copied, protocol):
    """Every subject's first clip begins with the same picture."""
    config = resolve(tiny_config(**protocol), tiny_config(), store)
    assert tasks_of(config, store)
    for index in (3, 6):
        copied.frames[copied.clips[index].first] = copied.frames[0]
    for begin in (tasks_of, dry_run):
        with pytest.raises(ATMGCNError, match="their onset frames are the same picture"):
            begin(config, copied)


def test_a_decision_can_be_made_at_training(store):
    older = with_subjects(store, s1="S0")
    with pytest.raises(ATMGCNError, match=r"tiny/s0 and tiny/S0 look like one person; prepare again with --similar-"):
        tasks_of(resolve(tiny_config(), tiny_config(), older), older)
    wanted = tiny_config().override(["data.similar_subjects=distinct"])
    config = resolve(wanted, tiny_config(), older)
    assert config.data.similar_subjects == "distinct" and tasks_of(config, older)
    with pytest.raises(ATMGCNError, match=r"data\.similar_subjects is 'same', but .* was prepared with 'refuse'"):
        resolve(tiny_config().override(["data.similar_subjects=same"]), tiny_config(), older)


def test_classes_that_look_alike_are_refused(store):
    names = {"down": "Left"}
    clips = [
        replace(one, clip=replace(one.clip, label=names.get(one.clip.label, one.clip.label))) for one in store.clips
    ]
    older = FrameStore(store.path, store.meta | {"classes": ["Left", "left", "still"]}, clips)
    with pytest.raises(ATMGCNError, match="the classes 'Left' and 'left' look like one"):
        dry_run(resolve(tiny_config(), tiny_config(), older), older)
    assert dry_run(resolve(tiny_config().override(["data.similar_labels=distinct"]), tiny_config(), older), older)
