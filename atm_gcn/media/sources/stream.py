"""Frames in order, with the time of each, from a recording of any length or a camera."""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from atm_gcn.errors import ATMGCNError
from atm_gcn.media.sources.opening import open_source
from atm_gcn.media.timing import ROUNDING, TIE, Timing
from atm_gcn.media.video.reader import DamagedVideoError

log = logging.getLogger(__name__)


class Frame(NamedTuple):
    """One frame of a stream.

    Args:
        number: Its number in the recording.
        seconds: When it is shown: its time stamp, or for a folder of frames and a camera, the time since the first.
        image: uint8 RGB ``[H, W, 3]``.
    """

    number: int
    seconds: float
    image: np.ndarray


@dataclass(frozen=True)
class Stream:
    """A recording that is read once from its first frame, one frame at a time.

    Args:
        source: File, folder, or number of a camera.
        fps: Frames per second, the usual ones where they vary; None for a camera.
        fps_source: ``"given"``, ``"video"``, ``"camera"`` or ``"assumed"``.
        timing: When each frame is shown; None for a camera.
        notes: What is unusual about the recording, and how it is read.
        missing: What is missing of it, in a few words each.
    """

    source: str | Path | int
    fps: float | None
    fps_source: str
    timing: Timing | None = None
    notes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def is_camera(self) -> bool:
        """Whether the source is a camera, which has no end."""
        return isinstance(self.source, int)

    @property
    def end_seconds(self) -> float | None:
        """When the last frame is shown; None for a camera."""
        return float(self.timing.seconds[-1]) if self.timing else None

    def frames(self, rate: float | None = None) -> Iterator[Frame]:
        """Yield the frames, thinned to ``rate`` per second: the nearest one to every tick, never one twice.

        A damaged video ends at the damage, with a warning.

        Raises:
            ATMGCNError: If there is no frame, or one cannot be decoded.
        """
        if isinstance(self.source, int):
            return _camera(self.source, rate)
        if self.timing is None:
            raise _no_rate(self.source)
        frames = _recording(self.source, self.timing)
        return frames if rate is None or not self.timing.exceeds(rate) else thinned(frames, rate)


def open_stream(source: str | Path | int, fps: float | None = None, assumed_fps: float | None = None) -> Stream:
    """Open a recording or a camera without decoding it.

    Args:
        source: Video file, folder of frames, or number of a camera.
        fps: Frames per second, instead of what the file states.
        assumed_fps: Frame rate of a folder of frames, which has none of its own.

    Raises:
        ATMGCNError: If it cannot be opened, or its frame rate is unknown.
    """
    if isinstance(source, int):
        return Stream(source, None, "camera")
    opened = open_source(source)
    for rate, rate_source in ((fps, "given"), (opened.fps, "video"), (assumed_fps, "assumed")):
        if rate is not None:
            stamped = opened.stamped_timing(opened.numbers) if rate_source == "video" else None
            missing = tuple(opened.shortfalls(opened.numbers))
            for text in missing:
                log.warning("%s: %s", source, text)
            timing = stamped or opened.timing(opened.numbers, rate)
            return Stream(source, rate, rate_source, timing, opened.notes, missing)
    raise _no_rate(source)


def thinned(frames: Iterator[Frame], rate: float) -> Iterator[Frame]:
    """The frames nearest to the ticks of a lower rate, as :func:`~atm_gcn.data.sampling.resample` selects."""
    held = next(frames, None)
    if held is None:
        return
    start, next_tick = held.seconds, 0.0
    for frame in frames:
        nearer_to_held_until = (held.seconds + frame.seconds) / 2 + TIE
        if start + next_tick / rate <= nearer_to_held_until:
            yield held
            next_tick = np.floor((nearer_to_held_until - start) * rate) + 1
        held = frame
    if start + (next_tick - ROUNDING) / rate <= held.seconds:
        yield held


def _no_rate(source: str | Path) -> ATMGCNError:
    return ATMGCNError(f"{source}: has no frame rate of its own; give it with --fps")


def _recording(path: str | Path, timing: Timing) -> Iterator[Frame]:
    source = open_source(path)
    numbers, seconds = source.numbers.tolist(), timing.seconds.tolist()
    try:
        for number, shown, image in zip(numbers, seconds, source.iterate(source.numbers), strict=True):
            yield Frame(number, shown, image)
    except DamagedVideoError as damage:
        if not damage.number:
            raise
        log.warning("%s: is damaged: only frames 0 to %d are read", path, damage.number - 1)


def _camera(index: int, rate: float | None) -> Iterator[Frame]:
    """Frames as they arrive, timed by the clock, since cameras do not keep their stated rate."""
    capture = cv2.VideoCapture(index)
    try:
        image = capture.read()[1] if capture.isOpened() else None
        if image is None:
            raise ATMGCNError(f"camera {index}: there is none, or another program uses it; give another number")
        start, number, due = time.monotonic(), 0, 0.0
        while image is not None:
            seconds = time.monotonic() - start
            if rate is None or seconds >= due:
                due = max(due + 1 / rate, seconds - 1 / rate) if rate else 0.0
                yield Frame(number, seconds, cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
            number += 1
            image = capture.read()[1]
    finally:
        capture.release()
