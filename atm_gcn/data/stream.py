"""Frames one after another, from a recording of any length or a camera, with the time of each."""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from atm_gcn.data.frames import FrameFolder, open_source
from atm_gcn.errors import ATMGCNError

logger = logging.getLogger(__name__)


class Frame(NamedTuple):
    """One frame of a stream.

    Args:
        number: Its number in the recording.
        seconds: When it is shown, 0 for the first.
        image: uint8 RGB ``[H, W, 3]``.
    """

    number: int
    seconds: float
    image: np.ndarray


@dataclass(frozen=True)
class Stream:
    """A recording that is read once from its first frame on; only one frame is held.

    Args:
        source: File, folder, or number of a camera.
        fps: Frames per second; of a camera, those that it announces, or None.
        fps_source: ``"given"``, ``"video"``, ``"camera"`` or ``"assumed"``.
        length: Frames that the recording claims to have, for a progress bar; None where it does not tell.
    """

    source: str | Path | int
    fps: float | None
    fps_source: str
    length: int | None

    @property
    def is_camera(self) -> bool:
        """Whether it ends only when somebody ends it."""
        return isinstance(self.source, int)

    def frames(self, rate: float | None = None) -> Iterator[Frame]:
        """Yield the frames, thinned to ``rate`` a second: the nearest one to every tick. Frames are never repeated.

        Raises:
            ATMGCNError: If there is none, or one cannot be decoded.
        """
        if self.is_camera:
            return _camera(self.source, rate)
        return thinned(_recording(self.source, self.fps), self.fps, rate)


def open_stream(source: str | Path | int, fps: float | None = None, assumed_fps: float | None = None) -> Stream:
    """Look at a recording or a camera without reading it.

    Args:
        source: Video file, folder of frames, or number of a camera.
        fps: Frames per second where one knows better than the file.
        assumed_fps: Taken for a folder of frames, which does not tell.

    Raises:
        ATMGCNError: If it cannot be opened, or nothing tells its frame rate.
    """
    if isinstance(source, int):
        return Stream(source, None, "camera", None)
    opened = open_source(source)
    length = len(opened.numbers) if isinstance(opened, FrameFolder) else _claimed_length(opened.path)
    for rate, told in ((fps, "given"), (opened.fps, "video"), (assumed_fps, "assumed")):
        if rate is not None:
            return Stream(source, rate, told, length)
    raise ATMGCNError(f"{source}: does not tell its frames per second; say it with --fps")


def thinned(frames: Iterator[Frame], fps: float, rate: float | None) -> Iterator[Frame]:
    """Those frames that lie nearest to the ticks of a lower rate, as :func:`~atm_gcn.data.sampling.resample` picks."""
    if rate is None or rate >= fps:
        yield from frames
        return
    step, tick = fps / rate, 0
    for position, frame in enumerate(frames):
        if position >= np.ceil(tick * step - 0.5):
            yield frame
            tick += 1


def _recording(path: str | Path, fps: float) -> Iterator[Frame]:
    source = open_source(path)
    if isinstance(source, FrameFolder):
        images = source.iterate(source.numbers)
        for number, image in zip(source.numbers.tolist(), images, strict=True):
            yield Frame(number, (number - int(source.numbers[0])) / fps, image)
        for remark in source.remarks:
            logger.info("%s: %s", source.path, remark)
        return
    capture, number, shape = cv2.VideoCapture(str(path)), 0, None
    while True:
        readable, image = capture.read()
        if not readable:
            return
        shape = shape or image.shape
        if image.shape != shape:
            raise ATMGCNError(f"{path}: frame {number} has another size than those before it; cut the video there")
        yield Frame(number, number / fps, cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
        number += 1


def _camera(index: int, rate: float | None) -> Iterator[Frame]:
    """Frames as they come, timed by the clock, since cameras do not keep the rate that they announce."""
    capture = cv2.VideoCapture(index)
    try:
        readable, image = capture.read() if capture.isOpened() else (False, None)
        if not readable:
            raise ATMGCNError(f"camera {index}: there is none, or another program uses it; give another number")
        start, number, due = time.monotonic(), 0, 0.0
        while readable:
            seconds = time.monotonic() - start
            if rate is None or seconds >= due:
                due = max(due + 1 / rate, seconds - 1 / rate) if rate else 0.0
                yield Frame(number, seconds, cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
            number += 1
            readable, image = capture.read()
    finally:
        capture.release()


def _claimed_length(path: Path) -> int | None:
    """What the container says, which may be wrong."""
    claimed = int(cv2.VideoCapture(str(path)).get(cv2.CAP_PROP_FRAME_COUNT))
    return claimed if claimed > 0 else None
