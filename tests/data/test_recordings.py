"""Clips of one recording, under whatever path."""

import shutil

import numpy as np
import pytest

from atm_gcn.data.clip import Clip
from atm_gcn.data.recordings import is_blank, recording_digest, shared_recordings
from tests.data.recordings import drawn_face, picture, write_folder, write_image, write_video


def clip(subject: str, source, onset: int = 0) -> Clip:
    return Clip("d", subject, "c", onset, onset + 4, onset + 9, 30.0, label="x", source=str(source))


@pytest.fixture
def folder(tmp_path):
    video = write_video(tmp_path / "a.avi", (drawn_face(number / 12) for number in range(12)))
    write_video(tmp_path / "other.avi", (drawn_face(number / 12, x=150) for number in range(12)))
    write_folder(tmp_path / "frames", range(3, 20), lambda number: drawn_face(number / 20))
    (tmp_path / "sub").mkdir()
    shutil.copy(video, tmp_path / "copy.mkv")
    shutil.copytree(tmp_path / "frames", tmp_path / "frames2")
    (tmp_path / "link.avi").symlink_to(video)
    (tmp_path / "frames3").symlink_to(tmp_path / "frames")
    (tmp_path / "hard.avi").hardlink_to(video)
    return tmp_path


@pytest.mark.parametrize("name", ["a.avi", "sub/../a.avi", "./a.avi", "link.avi", "hard.avi", "copy.mkv"])
def test_paths_links_and_copies_of_a_video_are_one(folder, name):
    clips = [clip("anna", folder / "a.avi"), clip("ben", folder / "other.avi"), clip("carl", f"{folder}/{name}", 2)]
    (pair,) = shared_recordings(clips)
    assert (pair.first, pair.second, pair.overlap) == (0, 2, True)


@pytest.mark.parametrize("name", ["frames", "frames2", "frames3"])
def test_links_and_copies_of_a_folder_are_one(folder, name):
    clips = [clip("anna", folder / "frames", 3), clip("carl", folder / name, 5)]
    assert [pair.overlap for pair in shared_recordings(clips)] == [True]


def test_renamed_frames_are_a_copy_and_changed_ones_are_not(folder):
    for number in range(3, 20):
        (folder / "frames2" / f"img{number}.png").rename(folder / "frames2" / f"{number + 100}.png")
    assert recording_digest(folder / "frames2") == recording_digest(folder / "frames")
    write_image(folder / "frames2" / "103.png", drawn_face(0.9))
    assert recording_digest(folder / "frames2") != recording_digest(folder / "frames")


def test_clips_of_one_subject_share_their_recording_freely(folder):
    assert shared_recordings([clip("anna", folder / "a.avi"), clip("anna", folder / "copy.mkv", 1)]) == []


def test_clips_that_do_not_overlap_are_reported_once(folder):
    clips = [clip("anna", folder / "a.avi"), clip("ben", folder / "copy.mkv", 10), clip("anna", folder / "a.avi", 20)]
    (pair,) = shared_recordings(clips)
    assert (pair.overlap, pair.group) == (False, (0, 1, 2))
    assert "is of the recording" in pair.describe(clips, "row 2", allowed=False)
    assert "it shows both, as shared_recordings=allow says" in pair.describe(clips, "row 2", allowed=True)


def test_blank_recordings_say_nothing(tmp_path):
    folders = [write_folder(tmp_path / name, range(10), picture) for name in ("a", "b")]
    assert recording_digest(folders[0]) == recording_digest(folders[1])
    assert shared_recordings([clip(name, folder) for name, folder in zip("ab", folders, strict=True)]) == []
    assert is_blank(np.stack([picture(1), picture(2)]))
    assert not is_blank(np.stack([picture(1), np.arange(24 * 32 * 3, dtype=np.uint8).reshape(24, 32, 3)]))


def test_recordings_that_are_gone_are_known_by_their_path_and_digest(tmp_path):
    assert recording_digest(tmp_path / "gone.avi") == recording_digest("") == ""
    here, there = clip("a", tmp_path / "x" / ".." / "gone.avi"), clip("b", tmp_path / "gone.avi", 3)
    assert len(shared_recordings([here, there])) == 1
    frames = np.arange(12, dtype=np.uint8).reshape(1, 2, 2, 3)
    digests = ["same", "same"]
    assert len(shared_recordings([here, clip("b", tmp_path / "else.avi")], digests, lambda position: frames)) == 1
    assert shared_recordings([clip("a", ""), clip("b", "")]) == []


def test_many_clips_of_one_recording_take_no_time_for_every_pair():
    def clip(number, subject):
        return Clip("d", subject, f"c{number}", 0, None, 9, 30.0, source="r.mp4")

    of_one = [clip(number, "s1") for number in range(20_000)]
    assert shared_recordings(of_one, ["x"] * len(of_one), read=unread) == []
    of_many = [clip(number, f"s{number}") for number in range(3_000)]
    pairs = shared_recordings(of_many, ["x"] * len(of_many), read=lambda position: np.arange(12).reshape(1, 2, 2, 3))
    assert len(pairs) == 1000 and all(pair.overlap and pair.first < pair.second for pair in pairs)


def unread(position):
    raise AssertionError("one subject's recordings need not be read")
