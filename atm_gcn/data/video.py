"""Videos written frame by frame, whole or not at all."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Self

import cv2
import numpy as np

from atm_gcn.errors import ATMGCNError

CODECS = {".avi": "MJPG", ".mp4": "mp4v"}


def check_video(path: str | Path) -> None:
    """Raise an :class:`ATMGCNError` unless the ending of ``path`` is one that videos are written with."""
    if Path(path).suffix.lower() not in CODECS:
        raise ATMGCNError(f"{path}: a video is written as {' or '.join(sorted(CODECS))}; name such a file")


class VideoWriter:
    """A context that writes RGB frames; the file takes its name only when the block ends well.

    Args:
        path: ``.mp4`` (MPEG-4) or ``.avi`` (Motion JPEG, larger, and kinder to faint movements).
        fps: Frames per second.

    Raises:
        ATMGCNError: If the ending is another one, or the file cannot be written.
    """

    def __init__(self, path: str | Path, fps: float) -> None:
        self.path = Path(path)
        check_video(path)
        self.fps = fps
        self.frames = 0
        self._partial = self.path.with_name(f".{self.path.stem}.{os.getpid()}.partial{self.path.suffix}")
        self._writer: cv2.VideoWriter | None = None
        self._size = (0, 0)

    def __enter__(self) -> Self:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ATMGCNError(f"{self.path}: cannot be written ({error.strerror})") from error
        return self

    def write(self, frame: np.ndarray) -> None:
        """Append one frame, uint8 RGB ``[H, W, 3]``; all have the size of the first."""
        size = frame.shape[1::-1]
        if self._writer is None:
            code = cv2.VideoWriter_fourcc(*CODECS[self.path.suffix.lower()])
            self._writer, self._size = cv2.VideoWriter(str(self._partial), code, self.fps, size), size
        if not self._writer.isOpened() or size != self._size:
            raise ATMGCNError(f"{self.path}: OpenCV cannot write {size[0]}x{size[1]} pixels there; name another file")
        self._writer.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
        self.frames += 1

    def __exit__(self, kind: type | None, *rest: object) -> None:
        if self._writer is not None:
            self._writer.release()
        try:
            if kind is None and self.frames:
                if not self._partial.is_file() or self._partial.stat().st_size == 0:
                    raise ATMGCNError(f"{self.path}: could not be written; is the disk full?")
                self._partial.replace(self.path)
        except OSError as error:
            raise ATMGCNError(f"{self.path}: cannot be written ({error.strerror})") from error
        finally:
            with suppress(OSError):
                self._partial.unlink()
