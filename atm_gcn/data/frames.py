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
    refuse_single,
)
from atm_gcn.media.remarks import Remark

os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # what is wrong with a video is said once, by ATMGCNError

_SCALED = b"scaled to the depth of its folder"  # tells apart from stores of the upper 8 bits of 16
_BEGINNING = 1 << 20  # bytes of a video that tell it from others
LAST_INTEGER = re.compile(r"(\d+)\D*$")


class FrameSource(ABC):
    """Frames of one recording, each with a number.

    Args:
        path: Where the recording lies.

    Attributes:
        fps: Frames per second, or None where the recording does not tell.
    """

    fps: float | None = None

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    @abstractmethod
    def numbers(self) -> np.ndarray:
        """Every frame number there is, int64, ascending."""

    @abstractmethod
    def missing(self, numbers: Sequence[int] | np.ndarray) -> np.ndarray:
        """Those of ``numbers`` that are known to have no frame, without decoding any."""

    @property
    def remarks(self) -> list[Remark]:
        """What was found so far that its reader should know."""
        return []

    @abstractmethod
    def _traits(self, numbers: np.ndarray) -> tuple[bytes, list[int]]:
        """Some bytes of the recording, and the sizes of the files that hold ``numbers``."""

    @abstractmethod
    def _decode(self, numbers: np.ndarray) -> Iterator[np.ndarray]:
        """Yield the frames of ascending ``numbers`` in OpenCV's BGR order."""

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
            yield cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)

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
            other = self._files.setdefault(int(found[1]), file)
            if other is not file:
                raise ATMGCNError(f"{path}: {other.name} and {file.name} are both frame {int(found[1])}; keep one")
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

    @property
    def depth(self) -> Depth | None:
        """How pictures of more than 8 bits are scaled; None where there are none."""
        return self._series.depth

    @property
    def remarks(self) -> list[Remark]:
        unread = describe_unread(self._unread)
        return self._series.remarks + [Remark("pictures are left out whose format is not read", unread)] * bool(unread)

    def _traits(self, numbers: np.ndarray) -> tuple[bytes, list[int]]:
        files = [self._files[number] for number in numbers.tolist()]
        content = files[0].read_bytes()
        return content + _SCALED * needs_depth(content), [file.stat().st_size for file in files]

    def _decode(self, numbers: np.ndarray) -> Iterator[np.ndarray]:
        for number in numbers.tolist():
            yield self._series.decode(self._files[number])


class VideoFile(FrameSource):
    """A video file, its frames numbered from 0 in the order of decoding.

    Seeking by frame number is wrong for many codecs, so every read is one pass from the start of the file. The number
    of frames that a container claims is wrong as often, so :attr:`numbers` counts them.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        capture = self._open()
        fps = capture.get(cv2.CAP_PROP_FPS)
        self.fps = fps if 0 < fps < 10_000 else None

    @cached_property
    def numbers(self) -> np.ndarray:
        capture, count = self._open(), 1
        while capture.grab():
            count += 1
        return np.arange(count)

    def has_more_than(self, count: int) -> bool:
        """Whether there are more than so many frames, which reads no further."""
        capture = self._open()
        return all(capture.grab() for _ in range(count))

    def missing(self, numbers: Sequence[int] | np.ndarray) -> np.ndarray:
        numbers = np.asarray(numbers)
        return numbers[numbers < 0]

    def _traits(self, numbers: np.ndarray) -> tuple[bytes, list[int]]:
        with self.path.open("rb") as file:
            return file.read(_BEGINNING), [self.path.stat().st_size]

    def _decode(self, numbers: np.ndarray) -> Iterator[np.ndarray]:
        capture, at = self._open(), 0  # frame 0 is grabbed
        for index, number in enumerate(numbers.tolist()):
            while at < number and capture.grab():
                at += 1
            readable, frame = capture.retrieve() if at == number else (False, None)
            if not readable:
                raise ATMGCNError(f"{self.path}: {describe_missing(numbers[index:])}; {self._extent()}")
            yield frame

    def _open(self) -> cv2.VideoCapture:
        """The video with its first frame grabbed."""
        capture = cv2.VideoCapture(str(self.path))
        if not (capture.isOpened() and capture.grab()):
            raise ATMGCNError(f"{self.path}: is no video that OpenCV can read; give a video or a folder of frames")
        return capture


def open_source(path: str | Path) -> FrameSource:
    """Open a folder of images or a video file.

    Raises:
        ATMGCNError: If there is nothing at ``path``, it is a single picture, or it holds no frames.
    """
    path = Path(path)
    if path.is_dir():
        return FrameFolder(path)
    if path.is_file():
        refuse_single(path)
        return VideoFile(path)
    raise ATMGCNError(f"{path}: there is no such folder of frames or video")


def describe_missing(numbers: np.ndarray) -> str:
    """``"frame 5 is missing"`` or ``"frames 5, 6, 7 and 12 more are missing"``."""
    shown = ", ".join(str(number) for number in numbers[:3])
    more = f" and {len(numbers) - 3} more" if len(numbers) > 3 else ""
    return f"frame {shown} is missing" if len(numbers) == 1 else f"frames {shown}{more} are missing"
