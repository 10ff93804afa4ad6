"""Frames by number, out of a folder of images or a video file."""

import hashlib
import os
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np

from atm_gcn.errors import ATMGCNError
from atm_gcn.media.pictures import (
    PICTURE_SUFFIXES,
    UNREAD_SUFFIXES,
    Depth,
    PictureSeries,
    conversion,
    describe_unread,
    needs_depth,
    picture_bytes,
    refuse_single,
)
from atm_gcn.media.timing import LAST_FRAME, Timing
from atm_gcn.media.video.index import describe_index, index_video
from atm_gcn.media.video.reader import read_video

os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # what is wrong with a video is said once, by ATMGCNError

_SCALED = b"scaled to the depth of its folder"  # tells apart from stores of the upper 8 bits of 16
_MOST_LISTED = 10_000_000  # frame numbers that are looked through for gaps
_BEGINNING = 1 << 20  # bytes of a video that tell it from others
ADDRESS = re.compile(r"[A-Za-z]{2,}:/")  # also where a path was made of it, which has one slash
LAST_INTEGER = re.compile(r"(\d+)\D*$")


class FrameSource(ABC):
    """Frames of one recording, each with a number.

    Args:
        path: Where the recording lies.

    Attributes:
        fps: Frames per second, or None where the recording does not tell.
        has_stamps: Whether every frame has a time of its own, which needs no frame rate.
        incomplete: How much of how much there is, for a recording that is cut off or has gaps; else empty.
    """

    fps: float | None = None
    has_stamps = False
    incomplete = ""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    @abstractmethod
    def numbers(self) -> np.ndarray:
        """Every frame number there is, int64, ascending."""

    @abstractmethod
    def missing(self, numbers: Sequence[int] | np.ndarray) -> np.ndarray:
        """Those of ``numbers`` that are known to have no frame, without decoding any."""

    @abstractmethod
    def timing(self, numbers: Sequence[int] | np.ndarray, fps: float | None = None) -> Timing | None:
        """When ``numbers`` are shown.

        Args:
            numbers: Frame numbers, ascending.
            fps: Frames per second at which they count; None takes what the recording says.

        Returns:
            None if nothing tells.
        """

    @property
    def notes(self) -> tuple[str, ...]:
        """What is unusual about the recording and how it is read, a few words each."""
        return ()

    @abstractmethod
    def _traits(self, numbers: np.ndarray) -> tuple[bytes, list[int]]:
        """Some bytes of the recording, and the sizes of the files that hold ``numbers``."""

    @abstractmethod
    def _decode(self, numbers: np.ndarray) -> Iterator[np.ndarray]:
        """Yield the frames of ascending ``numbers``, uint8 RGB ``[H, W, 3]``."""

    def iterate(self, numbers: Sequence[int] | np.ndarray) -> Iterator[np.ndarray]:
        """Yield the frames of ascending ``numbers`` one by one, uint8 RGB ``[H, W, 3]``.

        Raises:
            ATMGCNError: If a frame is missing or corrupt, or of another size than the one before it.
        """
        numbers = np.asarray(numbers, dtype=np.int64)
        self.require(numbers)
        size = None
        for number, frame in zip(numbers, self._decode(numbers), strict=True):
            if size not in (None, frame.shape[:2]):
                height, width = frame.shape[:2]
                raise ATMGCNError(
                    f"{self.path}: frame {number} is {width}x{height}, those before it {size[1]}x{size[0]}; "
                    "all frames of a clip must have one size"
                )
            size = frame.shape[:2]
            yield frame

    def read(self, numbers: Sequence[int] | np.ndarray) -> np.ndarray:
        """The frames of ascending ``numbers``, uint8 RGB ``[n, H, W, 3]``; errors as in :meth:`iterate`."""
        return np.stack(list(self.iterate(numbers)))

    def fingerprint(self, numbers: Sequence[int] | np.ndarray) -> str:
        """SHA-256 that tells, without reading everything, pictures from others, wherever they lie.

        It covers the size of every file and the bytes of the first frame, or of a video's beginning.
        """
        try:
            content, sizes = self._traits(np.asarray(numbers))
        except OSError as error:
            raise ATMGCNError(f"{self.path}: cannot be read ({error.strerror})") from error
        return hashlib.sha256(content + repr(sizes).encode()).hexdigest()

    def require(self, numbers: Sequence[int] | np.ndarray) -> None:
        """Raise an :class:`ATMGCNError` that names the frames which are missing."""
        missing = self.missing(numbers)
        if len(missing):
            raise ATMGCNError(f"{self.path}: {describe_missing(missing)}; {self._extent()}")

    def shortfalls(self, numbers: np.ndarray) -> list[str]:
        """What is missing of the recording in ascending ``numbers``: its end, or frames between them."""
        cut = (
            f"ends early: {self.incomplete} can be read" if self.incomplete and numbers[-1] == self.numbers[-1] else ""
        )
        return [text for text in (cut, describe_gaps(numbers)) if text]

    def _extent(self) -> str:
        return f"it has {len(self.numbers)} frames, numbered {self.numbers[0]} to {self.numbers[-1]}"


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

    def timing(self, numbers: Sequence[int] | np.ndarray, fps: float | None = None) -> Timing | None:
        return None if fps is None else Timing((np.asarray(numbers) - self.numbers[0]) / fps, fps)

    @property
    def depth(self) -> Depth | None:
        """How pictures of more than 8 bits are scaled; None where there are none."""
        return self._series.depth

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


class VideoFile(FrameSource):
    """A video file, its frames numbered from 0 in the order of display, each with a time stamp."""

    has_stamps = True

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._index = index_video(path)
        self.fps = self._index.rate
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

    def timing(self, numbers: Sequence[int] | np.ndarray, fps: float | None = None) -> Timing:
        rate, stretch = self._index.rate, 1.0
        if fps is not None:
            rate, stretch = fps, rate / fps
        return Timing(self._index.seconds[np.asarray(numbers)] * stretch, rate, self._index.is_variable)

    def _traits(self, numbers: np.ndarray) -> tuple[bytes, list[int]]:
        with self.path.open("rb") as file:
            return file.read(_BEGINNING), [self.path.stat().st_size]

    def _decode(self, numbers: np.ndarray) -> Iterator[np.ndarray]:
        return read_video(self.path, self._index, numbers.tolist())


def open_source(path: str | Path) -> FrameSource:
    """Open a folder of images or a video file.

    Raises:
        ATMGCNError: If there is nothing at ``path``, it is a single picture, or it holds no frames.
    """
    text, path = str(path), Path(path)
    try:
        if path.is_dir():
            return FrameFolder(path)
        is_file = path.is_file()
    except OSError as error:  # such as a name that is too long
        raise ATMGCNError(f"{path}: cannot be read ({error.strerror})") from error
    if is_file:
        refuse_single(path)
        return VideoFile(path)
    if ADDRESS.search(text):
        raise ATMGCNError(f"{text}: is an address; download the video, and give the file")
    raise ATMGCNError(f"{path}: there is no such folder of frames or video")


def describe_gaps(numbers: np.ndarray) -> str:
    """Which frames are missing between the first and the last of ascending ``numbers``; empty if none are.

    Numbers in even steps, such as every second one, have no gaps.
    """
    steps = np.diff(numbers)
    if not len(steps) or (steps == steps[0]).all():
        return ""
    if (numbers[-1] - numbers[0]) // steps.min() > _MOST_LISTED:
        widest = int(steps.argmax())
        return f"the frames between {numbers[widest]} and {numbers[widest + 1]} are missing, and perhaps more"
    missing = np.setdiff1d(np.arange(numbers[0], numbers[-1], steps.min()), numbers)
    return describe_missing(missing) if len(missing) else ""


def describe_missing(numbers: np.ndarray) -> str:
    """``"frame 5 is missing"`` or ``"frames 5, 6, 7 and 12 more are missing"``."""
    shown = ", ".join(str(number) for number in numbers[:3])
    more = f" and {len(numbers) - 3} more" if len(numbers) > 3 else ""
    return f"frame {shown} is missing" if len(numbers) == 1 else f"frames {shown}{more} are missing"
