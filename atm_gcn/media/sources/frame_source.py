"""Frames of one recording by number: the interface of folders of pictures and video files."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from atm_gcn.errors import ATMGCNError
from atm_gcn.media.timing import Timing

_MOST_LISTED = 10_000_000  # frame numbers that are searched for gaps


class FrameSource(ABC):
    """Frames of one recording, each with a number.

    Args:
        path: Where the recording lies.

    Attributes:
        fps: Frames per second; None for a folder of frames.
        incomplete: How many of how many frames there are, for a recording that is cut off or has gaps; else empty.
    """

    fps: float | None = None
    incomplete = ""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    @abstractmethod
    def numbers(self) -> np.ndarray:
        """Every frame number of the recording, int64, ascending."""

    @abstractmethod
    def missing(self, numbers: Sequence[int] | np.ndarray) -> np.ndarray:
        """Those of ``numbers`` that are known to have no frame, without decoding any."""

    @abstractmethod
    def timing(self, numbers: Sequence[int] | np.ndarray, fps: float) -> Timing:
        """When ascending ``numbers`` are shown if the recording has ``fps`` frames per second."""

    def stamped_timing(self, numbers: Sequence[int] | np.ndarray) -> Timing | None:
        """When ascending ``numbers`` are shown by their time stamps; None for a folder of frames, which has none."""
        return None

    @property
    def notes(self) -> tuple[str, ...]:
        """What is unusual about the recording and how it is read, in a few words each."""
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
        size: tuple[int, ...] = ()
        for number, frame in zip(numbers, self._decode(numbers), strict=True):
            if size not in ((), frame.shape[:2]):
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
        """SHA-256 that differs between recordings, wherever they lie, without reading all of them.

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
        """What is missing in ascending ``numbers``: the end of the recording, or frames between them."""
        ends = self.incomplete and numbers[-1] == self.numbers[-1]
        cut = f"ends early: {self.incomplete} can be read" if ends else ""
        return [text for text in (cut, describe_gaps(numbers)) if text]

    def _extent(self) -> str:
        return f"it has {len(self.numbers)} frames, numbered {self.numbers[0]} to {self.numbers[-1]}"


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
