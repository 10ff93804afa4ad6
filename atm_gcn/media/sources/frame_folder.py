"""A folder of pictures as a recording."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np

from atm_gcn.errors import ATMGCNError
from atm_gcn.media.pictures import (
    PICTURE_SUFFIXES,
    UNREAD_SUFFIXES,
    PictureSeries,
    conversion,
    describe_unread,
    needs_depth,
    picture_bytes,
)
from atm_gcn.media.sources.frame_source import FrameSource
from atm_gcn.media.timing import LAST_FRAME, Timing

LAST_INTEGER = re.compile(r"(\d+)\D*$")
_SCALED = b"scaled to the depth of its folder"  # in the fingerprint: earlier stores hold the upper 8 bits of 16


class FrameFolder(FrameSource):
    """A folder of images, each numbered by the last integer in its name: ``006_05562.jpg`` is frame 5562."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._files: dict[int, Path] = {}
        self._unread: list[Path] = []
        for file in sorted(path.iterdir()):
            suffix, found = file.suffix.lower(), LAST_INTEGER.search(file.stem)
            if file.name.startswith("."):
                continue
            if suffix in UNREAD_SUFFIXES:
                self._unread.append(file)
            if not found or suffix not in PICTURE_SUFFIXES:
                continue
            number = int(found[1])
            if number > LAST_FRAME:
                raise ATMGCNError(
                    f"{path}: the number in {file.name} is above {LAST_FRAME:,}; number the frames from 0"
                )
            other = self._files.setdefault(number, file)
            if other is not file:
                raise ATMGCNError(f"{path}: {other.name} and {file.name} are both frame {number}; keep one")
        if not self._files and self._unread:
            raise ATMGCNError(
                f"{path}: holds {describe_unread(self._unread)}, which are not read; "
                + conversion(f"*{self._unread[0].suffix}")
            )
        if not self._files:
            raise ATMGCNError(f"{path}: holds no images with a number in their name, such as img46.jpg")
        self._series = PictureSeries([self._files[number] for number in sorted(self._files)])

    @cached_property
    def numbers(self) -> np.ndarray:
        return np.array(sorted(self._files), dtype=np.int64)

    def missing(self, numbers: Sequence[int] | np.ndarray) -> np.ndarray:
        return np.setdiff1d(numbers, self.numbers)

    def timing(self, numbers: Sequence[int] | np.ndarray, fps: float) -> Timing:
        return Timing((np.asarray(numbers) - self.numbers[0]) / fps, fps)

    @property
    def notes(self) -> tuple[str, ...]:
        formats = sorted({UNREAD_SUFFIXES[file.suffix.lower()] for file in self._unread})
        return *self._series.notes, *(f"has {name} pictures that are left out: not read" for name in formats)

    def _traits(self, numbers: np.ndarray) -> tuple[bytes, list[int]]:
        files = [self._files[number] for number in numbers.tolist()]
        content = picture_bytes(files[0])
        return content + _SCALED * needs_depth(content), [file.stat().st_size for file in files]

    def _decode(self, numbers: np.ndarray) -> Iterator[np.ndarray]:
        for number in numbers.tolist():
            yield cv2.cvtColor(self._series.decode(self._files[number]), cv2.COLOR_BGR2RGB)
