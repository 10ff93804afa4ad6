"""Ctrl-C and SIGTERM: asked once, a run leaves its folds in order; asked twice, it is gone."""

import logging
import signal
import threading
from types import FrameType
from typing import Self

log = logging.getLogger(__name__)

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopRequest:
    """In its ``with`` block, the first SIGINT or SIGTERM becomes a flag, and a second one ends the process.

    Only a process's main thread may handle signals: in another, the block changes nothing and the flag stays down.

    Attributes:
        signal: Number of the signal that came, or None.
    """

    def __init__(self) -> None:
        self.signal: int | None = None
        self._announced = False
        self._before: dict[int, object] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._handle) for number in SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def __call__(self) -> bool:
        """Whether to stop at the next good place."""
        if self.signal is not None and not self._announced:
            self._announced = True  # here, for a handler that logs could find the log in the middle of a line
            log.info("stopping after this step; once more stops at once")
        return self.signal is not None

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self.signal is not None:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        self.signal = number
