"""Ctrl-C and SIGTERM: the first signal lets a run save its folds and stop, a second one ends it at once."""

import logging
import signal
import threading
from types import FrameType
from typing import Any, Self

log = logging.getLogger(__name__)

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopRequest:
    """In its ``with`` block, the first SIGINT or SIGTERM sets a flag, and a second one ends the process.

    Only the main thread of a process can handle signals: in another thread, the block does nothing.

    Attributes:
        signal: Number of the signal that was received, or None.
    """

    def __init__(self) -> None:
        self.signal: int | None = None
        self._announced = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._handle) for number in SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def __call__(self) -> bool:
        """Whether a signal was received."""
        if self.signal is not None and not self._announced:
            self._announced = True  # not in the handler, which could interrupt the logging of another line
            log.info("stopping after this step; a second signal stops at once")
        return self.signal is not None

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self.signal is not None:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        self.signal = number
