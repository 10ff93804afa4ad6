"""Frames of a video by number as 8-bit RGB: deinterlaced, upright, with square pixels."""

from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame

from atm_gcn.errors import ATMGCNError
from atm_gcn.media.video.container import FAILURES, DecodedFrames, open_video
from atm_gcn.media.video.filters import Deinterlacer, RGBConverter
from atm_gcn.media.video.index import VideoIndex

CONTEXT = 2  # frames that are decoded before an interlaced one, whose fields are interpolated from its neighbours


class DamagedVideoError(ATMGCNError):
    """A frame cannot be decoded.

    Args:
        path: The file.
        number: The first such frame.
        count: Frames of the file.
    """

    def __init__(self, path: Path, number: int, count: int) -> None:
        super().__init__(
            f"{path}: is damaged at frame {number} of {count}; use frames before it only, or copy the file again from "
            "its source"
        )
        self.number = number


class _InterlacedError(Exception):
    """An interlaced frame in a video that is not being deinterlaced."""


def read_video(path: Path, index: VideoIndex, numbers: Iterable[int]) -> Iterator[np.ndarray]:
    """Yield the frames of ascending ``numbers``, uint8 RGB ``[H, W, 3]``.

    Decoding begins at the last key frame before a number if the format allows it and the frames that follow have the
    expected time stamps, else at the start of the file. The pictures are the same.

    Args:
        path: The file.
        index: Its index, from :func:`~atm_gcn.media.video.index.index_video`.
        numbers: Frame numbers, each below ``len(index)``.

    Raises:
        DamagedVideoError: At the first frame that cannot be decoded.
    """
    is_interlaced, convert = index.is_interlaced, RGBConverter(index.pixel_aspect)
    frames: Iterator[tuple[int, VideoFrame]] = iter(())
    at = -1
    for number in numbers:
        entry = index.entry_before(max(0, number - CONTEXT) if is_interlaced else number)
        if entry > at:
            frames = _frames_from(entry, path, index, is_interlaced)
        while at < number:
            try:
                at, frame = next(frames)
            except _InterlacedError:
                is_interlaced = True
                frames = _frames_from(index.entry_before(max(0, number - CONTEXT)), path, index, is_interlaced)
            except StopIteration:
                raise DamagedVideoError(path, at + 1, len(index)) from None
        try:
            yield convert(frame)
        except FAILURES:
            raise DamagedVideoError(path, number, len(index)) from None


def _frames_from(entry: int, path: Path, index: VideoIndex, is_interlaced: bool) -> Iterator[tuple[int, VideoFrame]]:
    """Numbered frames from a key frame on; again from the start if they end before the file does."""
    last = entry - 1
    for last, frame in _decoded(entry, path, index, is_interlaced):
        yield last, frame
    if entry and last < len(index) - 1:  # damaged, or a key frame that does not stand alone
        yield from _decoded(0, path, index, is_interlaced)


def _decoded(entry: int, path: Path, index: VideoIndex, is_interlaced: bool) -> Iterator[tuple[int, VideoFrame]]:
    with open_video(path) as video:
        if entry and index.pts is not None:
            video.container.seek(int(index.pts[entry]), stream=video.stream)
        numbered = _numbered(DecodedFrames(video), index, entry)
        yield from _deinterlaced(numbered) if is_interlaced else _progressive(numbered)


def _numbered(frames: Iterable[VideoFrame], index: VideoIndex, entry: int) -> Iterator[tuple[int, VideoFrame]]:
    """Frames with their numbers, up to the first that is not the expected one."""
    expected = entry
    for frame in frames:
        if expected == len(index):
            return
        if index.pts is not None and frame.pts != index.pts[expected]:
            if entry and frame.pts is not None and frame.pts < index.pts[entry]:
                continue  # the container went to an earlier key frame
            return
        yield expected, frame
        expected += 1


def _progressive(frames: Iterable[tuple[int, VideoFrame]]) -> Iterator[tuple[int, VideoFrame]]:
    for number, frame in frames:
        if frame.interlaced_frame:
            raise _InterlacedError
        yield number, frame


def _deinterlaced(frames: Iterable[tuple[int, VideoFrame]]) -> Iterator[tuple[int, VideoFrame]]:
    deinterlace, waiting = Deinterlacer(), deque[int]()
    for number, frame in frames:
        waiting.append(number)
        for ready in deinterlace(frame):
            yield waiting.popleft(), ready
    for ready in deinterlace(None):
        yield waiting.popleft(), ready
