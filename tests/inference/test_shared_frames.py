"""Copies of a recording of which a part is missing or was changed, and recordings that are others."""

import shutil

import cv2
import numpy as np
import pytest

from atm_gcn.inference.known_clips import Query
from atm_gcn.inference.model_choice import choose_models
from atm_gcn.inference.shared_frames import SharedFrames
from tests.data.recordings import write_video
from tests.runs import write_clip


def noise(seed: int, count: int = 12) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.integers(0, 255, (48, 64, 3)).astype(np.uint8) for _ in range(count)]


@pytest.fixture
def shared(tmp_path):
    """Two folders and two videos of the run."""
    folders = [write_clip(tmp_path / name, "left", seed, length=8) for seed, name in enumerate("ab")]
    videos = [write_video(tmp_path / f"{seed}.avi", noise(seed)) for seed in range(2)]
    return SharedFrames([*map(str, folders + videos), str(tmp_path / "gone"), ""])


def test_a_folder_with_frames_missing_changed_or_renamed(shared, tmp_path):
    copy = shutil.copytree(tmp_path / "b", tmp_path / "copy")
    (copy / "img3.png").unlink()
    assert shared.find(str(copy)) == [str(tmp_path / "b")]
    (copy / "img0.png").write_bytes(b"another")
    for number in (2, 4, 5, 6, 7):
        (copy / f"img{number}.png").rename(copy / f"frame{number + 100}.png")
    assert shared.find(str(copy)) == [str(tmp_path / "b")]


def test_a_video_with_another_container(shared, tmp_path):
    longer = tmp_path / "longer.avi"
    longer.write_bytes((tmp_path / "1.avi").read_bytes() + b"\0" * 8)
    assert shared.find(str(longer)) == [str(tmp_path / "1.avi")]


def test_other_recordings(shared, tmp_path):
    write_clip(tmp_path / "c", "left", 5)
    write_video(tmp_path / "encoded.avi", [cv2.GaussianBlur(frame, (3, 3), 0) for frame in noise(1)])
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.avi").write_text("no video")
    for name in ("c", "encoded.avi", "empty", "text.avi", "absent"):
        assert shared.find(str(tmp_path / name)) == []


def test_models_that_trained_on_the_whole_do_not_predict_a_part(tiny_run, tmp_path):
    copy = shutil.copytree(tiny_run.parent / "clips/s1/c1", tmp_path / "copy")
    (copy / "img1.png").unlink()
    assert choose_models(tiny_run, Query(str(copy))).reason == "fold tiny/s1, which held this clip out"
