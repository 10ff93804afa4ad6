"""Peaks of a motion curve that stand out from all that a face does at rest."""

from array import array
from bisect import bisect_left, bisect_right

import numpy as np

DEVIATIONS = 6.0  # robust standard deviations above the median
MEMORY_SECONDS = 60.0  # of the curve that the median is taken over
NORMAL = 1.4826  # standard deviation of a normal distribution over its median absolute deviation
SAME_TIME = 1e-6  # seconds; times that differ by less are equal
FLOOR = 0.02  # grey levels: a drawn picture without noise has a deviation of 0


class MotionCurve:
    """Motion over time, with the threshold that a peak must pass; it keeps a few numbers a frame.

    The threshold is the median of the last minute plus six robust standard deviations (1.4826 times the median
    absolute deviation), which the movements themselves, rare as they are, hardly raise.
    """

    def __init__(self) -> None:
        self.numbers, self.seconds = array("q"), array("d")
        self._raw, self._smooth, self._threshold = array("d"), array("d"), array("d")
        self.head = array("d")

    def __len__(self) -> int:
        return len(self.numbers)

    def append(self, number: int, seconds: float) -> None:
        """Add a frame whose motion is not known yet: NaN, as it stays for the first and the last few."""
        self.numbers.append(number)
        self.seconds.append(seconds)
        for values in (self._raw, self._smooth, self._threshold, self.head):
            values.append(np.nan)

    def set(self, place: int, magnitude: float, head: float) -> None:
        """Say what moves around a frame; frames come in order."""
        self._raw[place], self.head[place] = magnitude, head
        self._smooth_at(place)
        self._smooth_at(place - 1)
        recent = np.array(self._smooth[bisect_right(self.seconds, self.seconds[place] - MEMORY_SECONDS) : place + 1])
        recent = recent[np.isfinite(recent)]
        middle = np.median(recent)
        deviation = NORMAL * np.median(np.abs(recent - middle))
        self._threshold[place] = middle + DEVIATIONS * max(deviation, FLOOR)

    @property
    def motion(self) -> np.ndarray:
        """Smoothed over three frames, in grey levels; NaN where it is not known. float64 ``[n]``."""
        return np.array(self._smooth)

    @property
    def threshold(self) -> np.ndarray:
        """float64 ``[n]``."""
        return np.array(self._threshold)

    def value(self, place: int) -> float:
        """Smoothed motion of one frame."""
        return self._smooth[place]

    def threshold_for(self, place: int, judged_at: int) -> float:
        """The threshold as known at a later frame; NaN if it is not known yet."""
        limits = np.array(self._threshold[place : judged_at + 1])
        limits = limits[np.isfinite(limits)]
        return float(limits[-1]) if len(limits) else np.nan

    def is_peak(self, place: int, radius: float, judged_at: int) -> bool:
        """Whether a frame has the strongest motion within ``radius`` seconds, above the threshold of a later frame."""
        if not self._smooth[place] > self.threshold_for(place, judged_at):  # also where either is unknown
            return False
        around = self.within(place, radius)
        return int(np.nanargmax(self._smooth[around.start : around.stop])) == place - around.start

    def within(self, place: int, radius: float) -> range:
        """The frames shown at most ``radius`` seconds before or after one."""
        middle = self.seconds[place]
        first = bisect_left(self.seconds, middle - radius - SAME_TIME)
        return range(first, bisect_right(self.seconds, middle + radius + SAME_TIME))

    def nearest(self, place: int, lag: float) -> int:
        """The frame whose time is nearest to ``lag`` seconds after that of another; of two, the one nearer to it."""
        wanted = self.seconds[place] + lag
        right = min(max(bisect_left(self.seconds, wanted), 1), len(self.seconds) - 1)
        if right == 0:
            return 0
        before, after = wanted - self.seconds[right - 1], self.seconds[right] - wanted
        tie = SAME_TIME if lag > 0 else -SAME_TIME
        return right - 1 if before < after + tie else right

    def _smooth_at(self, place: int) -> None:
        if place < 0 or np.isnan(self._raw[place]):
            return
        before = self._raw[place - 1] if place else np.nan
        after = self._raw[place + 1] if place + 1 < len(self._raw) else np.nan
        here = self._raw[place]
        before, after = (here if np.isnan(value) else value for value in (before, after))
        self._smooth[place] = (before + 2 * here + after) / 4
