"""Recordings of an RGB-D camera: a folder of frames, and one of depth in millimetres beside it."""

from pathlib import Path

import cv2
import numpy as np

from atm_gcn.data import Clip
from tests.data.recordings import picture, write_folder

WALL, FACE = 1200, 600  # millimetres


def depth_of(number: int, height: int = 24, width: int = 32) -> np.ndarray:
    """A wall and, before it, a square that comes closer by a centimetre per frame and lacks its centre."""
    depth = np.full((height, width), WALL, np.uint16)
    depth[height // 4 : -height // 4, width // 4 : -width // 4] = FACE - 10 * number
    depth[height // 2, width // 2] = 0
    return depth


def write_depth(folder: Path, numbers, image=depth_of) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        assert cv2.imwrite(str(folder / f"{number}.png"), image(number))
    return folder


def rgbd_clips(folder: Path) -> list[Clip]:
    """Two clips of each of two subjects."""
    clips = []
    for place in range(4):
        recording = folder / f"spNO.{place // 2 + 1}" / "ab"[place % 2]
        write_folder(recording / "color", range(5), picture, "{}.jpg")
        write_depth(recording / "depth", range(5))
        label, source = "xy"[place % 2], str(recording / "color")
        clips.append(Clip("own", f"p{place // 2}", f"c{place}", 0, 2, 4, 30.0, label=label, source=source))
    return clips
