"""The long videos of a frame store, and its clips of micro-expressions."""

from dataclasses import replace

import pytest
import torch

from atm_gcn.data import FrameStore, from_dataset
from atm_gcn.data.store.clip_store import SelectedClips
from atm_gcn.errors import ATMGCNError
from atm_gcn.spotting.long_videos import long_videos, micro_clips
from tests.sequences import feature_clips


def with_clips(store, change):
    """The store with other clips."""
    return FrameStore(store.path, store.meta, [replace(one, clip=change(one.clip)) for one in store.clips])


def test_every_video_has_its_expressions(long_store):
    videos = long_videos(long_store)
    assert [video.place for video in videos] == [(f"synth-long/s0{number}", f"s0{number}") for number in (1, 2, 3)]
    for video in videos:
        clips = [one.clip for one in long_store.clips if one.clip.source == video.source]
        assert [(one.onset, one.offset, one.emotion) for one in video.expressions["micro"]] == [
            (clip.onset, clip.offset, clip.label) for clip in clips if clip.kind == "micro"
        ]
        assert video.apexes["micro"] == [clip.apex for clip in clips if clip.kind == "micro"]
        assert [one.onset for one in video.expressions["macro"]] == [
            clip.onset for clip in clips if clip.kind == "macro"
        ]
        assert [len(each) for each in video.expressions.values()] == [3, 1] and video.digest and video.fps is None


def test_videos_of_one_name_are_told_apart(long_store, tmp_path):
    for folder in ("day1", "day2"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.mp4").write_bytes(b"never read")
    days = iter(["day1", "day2"] * len(long_store))
    store = with_clips(long_store, lambda clip: replace(clip, source=str(tmp_path / next(days) / "a.mp4"), subject="x"))
    assert [video.name for video in long_videos(store)] == ["day1/a", "day2/a"]


def test_micro_expressions_are_selected(long_store):
    selected = micro_clips(long_store)
    assert isinstance(selected, SelectedClips) and {one.clip.kind for one in selected.clips} == {"micro"}
    assert len(selected) == 9 and selected.subjects == long_store.subjects
    assert selected.checksum not in (long_store.checksum, SelectedClips(long_store, [0]).checksum)
    for place, one in enumerate(selected.clips):
        whole = long_store.item(long_store.clips.index(one), 1)
        own = selected.item(place, 1)
        assert own.clip == one.clip.key and torch.equal(own.frames, whole.frames) and torch.equal(own.y, whole.y)
    assert micro_clips(with_clips(long_store, lambda clip: replace(clip, kind="micro"))).checksum == long_store.checksum


def test_what_cannot_be_searched_is_refused(long_store, tmp_path):
    gone = with_clips(long_store, lambda clip: replace(clip, source=str(tmp_path / "gone.mp4"), subject="x"))
    with pytest.raises(ATMGCNError, match=r"gone\.mp4: is gone, and .* put it back, or prepare the clips again"):
        long_videos(gone)
    several = with_clips(long_store, lambda clip: replace(clip, source=long_store.clips[0].clip.source))
    with pytest.raises(ATMGCNError, match="shows 3 people"):
        long_videos(several)
    macro = with_clips(long_store, lambda clip: replace(clip, kind="macro"))
    with pytest.raises(ATMGCNError, match="holds no micro-expressions"):
        micro_clips(macro)
    with pytest.raises(ATMGCNError, match="holds features"):
        long_videos(from_dataset(feature_clips()))
