"""A video file as a recording."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from atm_gcn.media.sources.frame_source import FrameSource
from atm_gcn.media.timing import Timing
from atm_gcn.media.video.index import describe_index, index_video
from atm_gcn.media.video.reader import read_video

os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # problems of a video are reported once, by ATMGCNError

_BEGINNING = 1 << 20  # bytes of a video that identify it


class VideoFile(FrameSource):
    """A video file, its frames numbered from 0 in the order of display, each with a time stamp."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._index = index_video(path)
        self.fps: float = self._index.rate
        self.incomplete = self._index.incomplete

    @property
    def numbers(self) -> np.ndarray:
        return np.arange(len(self._index))

    @property
    def notes(self) -> tuple[str, ...]:
        return describe_index(self._index)

    def missing(self, numbers: Sequence[int] | np.ndarray) -> np.ndarray:
        numbers = np.asarray(numbers)
        return numbers[(numbers < 0) | (numbers >= len(self._index))]

    def timing(self, numbers: Sequence[int] | np.ndarray, fps: float) -> Timing:
        stretch = self._index.rate / fps
        return Timing(self._index.seconds[np.asarray(numbers)] * stretch, fps, self._index.is_variable)

    def stamped_timing(self, numbers: Sequence[int] | np.ndarray) -> Timing:
        return Timing(self._index.seconds[np.asarray(numbers)], self._index.rate, self._index.is_variable)

    def _traits(self, numbers: np.ndarray) -> tuple[bytes, list[int]]:
        with self.path.open("rb") as file:
            return file.read(_BEGINNING), [self.path.stat().st_size]

    def _decode(self, numbers: np.ndarray) -> Iterator[np.ndarray]:
        return read_video(self.path, self._index, numbers.tolist())
