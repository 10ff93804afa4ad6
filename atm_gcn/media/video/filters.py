"""FFmpeg's filters: deinterlacing, and conversion of decoded frames to upright RGB with square pixels."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from av.error import BlockingIOError as NothingYet
from av.error import EOFError as NothingMore
from av.filter import Graph
from av.sidedata.sidedata import Type
from av.video.frame import VideoFrame


class Deinterlacer:
    """Interpolates one field of every frame that is marked as interlaced, from its neighbours in space and time.

    Uses ``bwdif`` with one output frame per input frame. Frames that are not marked pass unchanged.
    """

    def __init__(self) -> None:
        self._filters: _Filters | None = None
        self._key: tuple[Any, ...] = ()

    def __call__(self, frame: VideoFrame | None) -> list[VideoFrame]:
        """Process a frame, or None at the end, and return the frames that are ready, in order."""
        ready = []
        if self._filters and (frame is None or self._key != _key(frame)):
            ready = self._filters.push(None)
            self._filters = None
        if frame is not None:
            if self._filters is None:
                self._filters = _Filters(frame, [("bwdif", "mode=send_frame:parity=auto:deint=interlaced")])
                self._key = _key(frame)
            ready += self._filters.push(frame)
        return ready


class RGBConverter:
    """Converts decoded frames to uint8 RGB ``[H, W, 3]`` as FFmpeg does.

    Range and matrix are those of the frame, by default BT.601 and limited range; 9 to 16 bits are dithered to 8; alpha
    is dropped. Pixels that are not square are stretched in width. Rotation and mirroring of
    the display matrix are applied.

    Args:
        pixel_aspect: Width of a pixel over its height.
    """

    def __init__(self, pixel_aspect: float = 1.0) -> None:
        self.pixel_aspect = pixel_aspect
        self._filters: _Filters | None = None
        self._key: tuple[Any, ...] = ()

    def __call__(self, frame: VideoFrame) -> np.ndarray:
        """The frame's pixels."""
        matrix = _display_matrix(frame)
        key = (*_key(frame), matrix)
        if self._filters is None or key != self._key:
            chain = [*self._stretched(frame), *_rotation(matrix), ("format", "pix_fmts=rgb24")]
            self._filters = _Filters(frame, chain)
            self._key = key
        (converted,) = self._filters.push(frame)
        return converted.to_ndarray()

    def _stretched(self, frame: VideoFrame) -> list[tuple[str, str]]:
        if self.pixel_aspect == 1:
            return []
        return [("scale", f"w={max(1, int(frame.width * self.pixel_aspect))}:h={frame.height}:flags=bicubic")]


class _Filters:
    """A chain of filters for frames of one size and format."""

    def __init__(self, frame: VideoFrame, chain: Sequence[tuple[str, str]]) -> None:
        self._graph = Graph()
        self._graph.threads = 1  # several clips are decoded at a time
        source = self._graph.add_buffer(
            width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base
        )
        nodes = [self._graph.add(name, options) for name, options in chain]
        self._graph.link_nodes(source, *nodes, self._graph.add("buffersink")).configure()

    def push(self, frame: VideoFrame | None) -> list[VideoFrame]:
        """Push a frame, or None at the end, and return the frames that are ready."""
        self._graph.vpush(frame)
        ready = []
        while True:
            try:
                ready.append(self._graph.vpull())
            except (NothingYet, NothingMore):
                return ready


def _key(frame: VideoFrame) -> tuple[Any, ...]:
    """The properties of a frame that a chain of filters depends on."""
    return frame.width, frame.height, frame.format.name, frame.colorspace, frame.color_range


def _display_matrix(frame: VideoFrame) -> tuple[int, ...]:
    """The rotation of the picture as nine fixed-point numbers; empty if there is none."""
    side_data: Any = frame.side_data  # of which PyAV's type stubs know motion vectors only
    data = side_data.get(Type.DISPLAYMATRIX)
    return () if data is None else tuple(np.frombuffer(data, dtype="=i4").tolist())


def _rotation(matrix: tuple[int, ...]) -> list[tuple[str, str]]:
    """The filters that rotate by quarters and mirror a picture, as FFmpeg's own programs do."""
    if len(matrix) != 9:
        return []
    right, down = matrix[0:2], matrix[3:5]  # where the picture's x axis and y axis point on the screen
    if abs(right[1]) > abs(right[0]):
        directions = {(1, -1): "clock", (-1, 1): "cclock", (-1, -1): "clock_flip", (1, 1): "cclock_flip"}
        return [("transpose", f"dir={directions[right[1] > 0 or -1, down[0] > 0 or -1]}")]
    mirrored = [("hflip", "")] if right[0] < 0 else []
    return mirrored + ([("vflip", "")] if down[1] < 0 else [])
