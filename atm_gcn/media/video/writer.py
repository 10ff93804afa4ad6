"""Writing videos frame by frame, whole or not at all."""

from contextlib import ExitStack, suppress
from fractions import Fraction
from io import FileIO
from pathlib import Path
from typing import Any, Literal, NamedTuple, Self

import av
import numpy as np
from av.container import OutputContainer
from av.video.stream import VideoStream

from atm_gcn.errors import ATMGCNError
from atm_gcn.files import writing
from atm_gcn.files.outputs import VIDEO_METADATA
from atm_gcn.files.refusals import reason
from atm_gcn.media.video.container import FAILURES

CODECS: dict[str, tuple[Literal["mjpeg", "libx264"], str, dict[str, str]]] = {  # by suffix: codec, pixels, options
    ".avi": ("mjpeg", "yuvj444p", {"qmin": "2", "qmax": "2"}),
    ".mp4": (
        "libx264",
        "yuv420p",
        # One thread and no choice by processor: otherwise the bytes, and the pictures, differ from run to run.
        {"crf": "16", "preset": "veryfast", "threads": "1", "x264-params": "cpu-independent=1"},
    ),
}
CLOCK = 90_000  # units of time per second in MP4


def check_video(path: str | Path) -> None:
    """Raise an :class:`ATMGCNError` unless the ending of ``path`` is one that videos are written with."""
    if Path(path).suffix.lower() not in CODECS:
        raise ATMGCNError(f"{path}: a video is written as {' or '.join(sorted(CODECS))}; name such a file")


class VideoWriter:
    """A context that writes RGB frames; the file is renamed to its path at the end of the block, unless it raised.

    Args:
        path: ``.mp4`` (H.264), or ``.avi`` (Motion JPEG), which is larger and keeps faint movements better.
        fps: Frames per second.

    Raises:
        ATMGCNError: If the ending is another one, or the file cannot be written.
    """

    def __init__(self, path: str | Path, fps: float) -> None:
        self.path = Path(path)
        check_video(path)
        self.fps = fps
        self.frames = 0
        self._closing = ExitStack()
        self._output: _Output | None = None
        self._shape = (0, 0)
        self._first = 0.0
        self._last = -1

    def __enter__(self) -> Self:
        partial = self._closing.enter_context(writing(self.path))
        self._file = _Sink(self._closing.enter_context(partial.open("w+b", buffering=0)))
        self._closing.push(self._finish)
        return self

    def write(self, frame: np.ndarray, seconds: float | None = None) -> None:
        """Append one frame.

        Args:
            frame: uint8 RGB ``[H, W, 3]``; all have the size of the first. MP4 needs even sides: a last row or column
                is repeated where they are odd.
            seconds: When it is shown, from any start on, as far as the format keeps times; by default at the frame
                rate.
        """
        try:
            if self._output is None:
                self._output = self._open(frame)
                self._shape, self._first = frame.shape[:2], seconds or 0.0
            container, stream, unit = self._output
            if frame.shape[:2] != self._shape:
                height, width = frame.shape[:2]
                raise ATMGCNError(f"{self.path}: a frame of {width}x{height} pixels does not fit those before it")
            shown = self.frames / self.fps if seconds is None else seconds - self._first
            picture = av.VideoFrame.from_ndarray(_even(frame), format="rgb24")
            picture.time_base = unit
            self._last = picture.pts = max(self._last + 1, round(shown / unit))
            container.mux(stream.encode(picture))
            self._file.check()
        except FAILURES as error:
            raise ATMGCNError(f"{self.path}: cannot be written ({reason(error)})") from error
        self.frames += 1

    def __exit__(self, *error: Any) -> None:
        self._closing.__exit__(*error)

    def _finish(self, kind: type | None, *_error: object) -> None:
        if kind is not None:
            with suppress(*FAILURES):
                if self._output is not None:
                    self._output.container.close()
            return
        if self._output is None:
            raise ATMGCNError(f"{self.path}: cannot be written (no frame was given)")
        try:
            container, stream, _ = self._output
            container.mux(stream.encode(None))
            container.close()
            self._file.check()
            written = self._count()
        except FAILURES as error:
            raise ATMGCNError(f"{self.path}: cannot be written ({reason(error)})") from error
        if written != self.frames:
            raise ATMGCNError(f"{self.path}: cannot be written (only {written} of {self.frames} frames arrived)")

    def _count(self) -> int:
        """Number of frames in the file, since some failures to write raise no error."""
        self._file.seek(0)
        with av.open(self._file.raw, "r") as container:
            return sum(packet.size > 0 for packet in container.demux(video=0))

    def _open(self, frame: np.ndarray) -> "_Output":
        suffix = self.path.suffix.lower()
        codec, pix_fmt, options = CODECS[suffix]
        rate = Fraction(self.fps).limit_denominator(1001)
        unit = Fraction(1, CLOCK) if suffix == ".mp4" else 1 / rate
        container = av.open(self._file, "w", format=suffix[1:])
        container.metadata.update(VIDEO_METADATA)
        stream = container.add_stream(codec, rate=rate, options=options)
        stream.pix_fmt = pix_fmt
        stream.height, stream.width = _even(frame).shape[:2]
        stream.codec_context.time_base = unit
        return _Output(container, stream, unit)


class _Output(NamedTuple):
    container: OutputContainer
    stream: VideoStream
    unit: Fraction  # seconds per unit of its time stamps


class _Sink:
    """A file for PyAV that keeps its first error, which PyAV would only print."""

    def __init__(self, raw: FileIO) -> None:
        self.raw, self.seek, self.tell = raw, raw.seek, raw.tell
        self.error: OSError | None = None

    def write(self, content: bytes) -> int:
        """Write all of it, unless an error came before."""
        rest = memoryview(content)
        try:
            while rest and self.error is None:
                rest = rest[self.raw.write(rest) :]
        except OSError as error:
            self.error = error
        return len(content)

    def check(self) -> None:
        """Raise the error that was kept."""
        if self.error is not None:
            raise self.error


def _even(frame: np.ndarray) -> np.ndarray:
    """A copy with even sides."""
    height, width = frame.shape[:2]
    return np.pad(frame, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
