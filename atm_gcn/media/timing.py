"""When the frames of a recording are shown."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

SAME_RATE = 0.005  # two frame rates that differ by less are one
ROUNDING = 0.04  # of a tick: a last frame whose time stamp was rounded down still reaches it
TIE = 1e-6  # seconds; times that differ by less are equal
LAST_FRAME = 10**18
"""The largest number of a frame; 64 bits hold it, and sums of two."""


@dataclass(frozen=True)
class Timing:
    """Times of some frames of a recording.

    Args:
        seconds: When each is shown, ascending, float64 ``[n]``.
        rate: Frames per second; where they vary, those of the usual interval.
        is_variable: Whether the frame rate varies.
    """

    seconds: np.ndarray
    rate: float
    is_variable: bool = False

    def at(self, places: np.ndarray) -> Self:
        """The timing of the frames at these positions."""
        return replace(self, seconds=self.seconds[places])

    @property
    def fastest_rate(self) -> float:
        """Frames per second where they come fastest, a tenth of them aside."""
        if not self.is_variable or len(self.seconds) < 2:
            return self.rate
        return float(1 / np.quantile(np.diff(self.seconds), 0.1))

    def exceeds(self, rate: float) -> bool:
        """Whether frames come faster than ``rate`` per second, so that they are to be thinned to it."""
        return self.fastest_rate > rate * (1 + SAME_RATE)

    def clip_rate(self, target: float | None) -> float:
        """Frames per second in which the positions of a clip count: ``target`` unless the recording is slower."""
        if target is None or self.fastest_rate < target * (1 - SAME_RATE):
            return self.rate
        return target


def positions_of(seconds: np.ndarray, rate: float) -> np.ndarray:
    """Positions of a clip's frames in time, in frames at ``rate`` per second; the first is 1. float64 ``[n]``."""
    return np.round(1 + (seconds - seconds[0]) * rate, 6)
