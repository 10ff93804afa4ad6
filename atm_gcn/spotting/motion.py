"""What both spotters read of a long video: the motion of every frame, measured once, and kept in a file."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch

from atm_gcn.config import DataConfig
from atm_gcn.errors import ATMGCNError
from atm_gcn.files.tensors import read_tensors, write_tensors
from atm_gcn.inference.spotting.motion_track import MotionTrack, RecordingReader, Track
from atm_gcn.inference.spotting.segment import Segment
from atm_gcn.inference.spotting.spotter import HALF_SECONDS, Spotter
from atm_gcn.inference.spotting.window import Window
from atm_gcn.media.block_motion import GRID, block_flow, without_head
from atm_gcn.media.faces.person import Person
from atm_gcn.media.sources import Frame

RATE = 30.0  # frames per second at which faster recordings are read
LEAST_DEVIATIONS = 3.0  # of the threshold by which movements are kept; spotters choose a higher one
CHANNELS = 2 * GRID * GRID + 6  # of a frame's motion
FORMAT = 1
_READ_SIZE = 32  # pixels of the pictures that nobody looks at
ARRAYS = ("numbers", "seconds", "motion", "known", "curve", "threshold", "found", "ratio")


@dataclass(frozen=True)
class VideoMotion:
    """The motion in a long video.

    Args:
        numbers: int64 ``[n]``, frame number of every frame that was read.
        seconds: float64 ``[n]``, when each is shown.
        motion: float16 ``[n, 134]``, motion since 0.2 s before: of 8 x 8 blocks of the face, to the right and down,
            and of the head, as :func:`~atm_gcn.media.block_motion.without_head`; 0 where it is unknown.
        known: bool ``[n]``, where it is known: where the same face was in the same place 0.2 s before.
        curve: float32 ``[n]``, size of the brief motion in grey levels, of
            :class:`~atm_gcn.inference.spotting.spotter.Spotter`; NaN where it is unknown.
        threshold: float32 ``[n]``, three robust standard deviations above its median.
        found: int64 ``[m, 3]``, onset, apex and offset of the brief movements above it, as frame numbers.
        ratio: float32 ``[m]``, their motion over the threshold.
        slowdown: How many times slower than micro-expressions the movements are that are looked for in it; with more
            than 1, :func:`~atm_gcn.spotting.slow_motion.slow_motion` says what the arrays are.
    """

    numbers: np.ndarray
    seconds: np.ndarray
    motion: np.ndarray
    known: np.ndarray
    curve: np.ndarray
    threshold: np.ndarray
    found: np.ndarray
    ratio: np.ndarray
    slowdown: int = 1

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def minutes(self) -> float:
        """Length of the video in minutes."""
        return float(self.seconds[-1] - self.seconds[0]) / 60 if len(self) else 0.0

    def save(self, path: Path, source: str) -> None:
        """Write a file, whole or not at all.

        Args:
            path: The file, which ends in ``.safetensors``.
            source: Fingerprint of the recording and of the settings by which it was read.
        """
        tensors = {name: torch.from_numpy(np.ascontiguousarray(getattr(self, name))) for name in ARRAYS}
        write_tensors(path, tensors, {"format": FORMAT, "source": source})

    @classmethod
    def load(cls, path: Path, source: str | None = None) -> Self | None:
        """Read a file of :meth:`save`; None if there is none, or it is damaged or of something else than ``source``."""
        if not path.is_file():
            return None
        try:
            tensors, header = read_tensors(path, "motion of a video", "delete it", FORMAT)
        except ATMGCNError:
            return None
        if source not in (None, header.get("source")) or set(tensors) != set(ARRAYS):
            return None
        arrays: dict[str, Any] = {name: tensor.numpy() for name, tensor in tensors.items()}
        return cls(**arrays)


def nearest(seconds: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The frame shown nearest to each time, int64 of the shape of ``wanted``."""
    right = np.searchsorted(seconds, wanted).clip(1, max(len(seconds) - 1, 1))
    right = np.minimum(right, len(seconds) - 1)
    left = np.maximum(right - 1, 0)
    return np.where(wanted - seconds[left] <= seconds[right] - wanted, left, right).astype(np.int64)


def recording_of(path: Path) -> str:
    """The fingerprint of the recording whose motion a file holds; empty if it is absent or damaged."""
    try:
        return str(read_tensors(path, "motion of a video", "delete it", FORMAT)[1].get("source", ""))
    except ATMGCNError:
        return ""


def measure_video(source: str | Path, config: DataConfig, fps: float | None = None) -> VideoMotion:
    """Read a long video once, and measure its motion.

    Args:
        source: Video file or folder of frames.
        config: Settings by which the training clips were prepared; those that say which face is read count.
        fps: Frames per second of the recording; None for the rate that the file states.

    Raises:
        ATMGCNError: If it cannot be read, or shows no face where the settings need one.
    """
    track, motion = measure(motion_reader(source, config, fps), _Track)
    if config.face != "none" and not track.shows_face:
        raise ATMGCNError(f"{source}: shows no face; leave its clips out, or prepare them with --face none")
    return motion


def motion_reader(source: str | Path, config: DataConfig, fps: float | None = None) -> RecordingReader:
    """The reader of a recording for :func:`measure`; arguments as those of :func:`measure_video`."""
    still = {"size": _READ_SIZE, "register": "none", "flow": "none", "flow_size": None, "depth": False}
    return RecordingReader(source, config.model_copy(update=still), fps, rate=RATE)


def measure(
    recording: RecordingReader,
    begin: Callable[[RecordingReader, int | None], Track],
    on_frame: Callable[[Frame], None] = lambda frame: None,
) -> tuple[Track, VideoMotion]:
    """Read a recording once, and measure the motion of the person who is followed.

    Args:
        recording: From :func:`motion_reader`.
        begin: Makes the track, whose ``spotter`` is a :class:`MotionSpotter`.
        on_frame: Called with every frame.

    Raises:
        ATMGCNError: If it cannot be read.
    """
    windows: list[Window] = []
    track = recording.read(begin, lambda _, window: windows.append(window), on_frame)[0]
    if not len(track.curve):
        raise ATMGCNError(f"{recording.stream.source}: holds no frames")
    found = [(one.numbers[0], one.numbers[one.apex or 0], one.numbers[-1]) for one in windows]
    ratio = [one.peak.motion / one.peak.threshold for one in windows if one.peak is not None]
    spotter = track.spotter
    assert isinstance(spotter, MotionSpotter)
    return track, VideoMotion(
        numbers=np.array(track.curve.numbers, dtype=np.int64),
        seconds=np.array(track.curve.seconds, dtype=np.float64),
        motion=spotter.motion(),
        known=np.array(spotter.known, dtype=bool),
        curve=track.curve.motion.astype(np.float32),
        threshold=track.curve.threshold.astype(np.float32),
        found=np.array(found, dtype=np.int64).reshape(-1, 3),
        ratio=np.array(ratio, dtype=np.float32),
    )


class MotionSpotter(Spotter):
    """A spotter with a low threshold that also keeps the motion of the parts of the face."""

    def __init__(self, rate: float, config: DataConfig) -> None:
        super().__init__(rate, config, 0.0, LEAST_DEVIATIONS)
        self.flow: list[np.ndarray] = []
        self.known: list[bool] = []
        self._recent: deque[tuple[float, Segment, np.ndarray]] = deque()

    def _append(self, frame: Frame, person: Person | None) -> None:
        super()._append(frame, person)
        last, flow = self._buffer[-1], None
        if last.segment is None:
            self._recent.clear()
        else:
            self._recent.append((last.seconds, last.segment, last.thumbnail))
            while len(self._recent) > 1 and self._recent[1][0] <= last.seconds - HALF_SECONDS + self._usual / 2:
                self._recent.popleft()
            seconds, segment, before = self._recent[0]
            if segment is last.segment and abs(last.seconds - seconds - HALF_SECONDS) <= self._usual:
                flow = block_flow(before, last.thumbnail)
        self.known.append(flow is not None)
        self.flow.append(np.zeros((GRID, GRID, 2), np.float32) if flow is None else flow)

    def motion(self) -> np.ndarray:
        """float16 ``[n, 134]`` motion of every frame."""
        blocks, head = without_head(np.stack(self.flow))
        return np.concatenate([blocks.reshape(len(blocks), -1), head], axis=1).astype(np.float16)


class _Track(MotionTrack):
    def __init__(self, recording: RecordingReader, face_number: int | None = None) -> None:
        super().__init__(recording, face_number)
        self.spotter = MotionSpotter(self.rate, self.config)
        self.curve, self.boxes = self.spotter.curve, self.spotter.boxes
