"""Peaks of a motion curve that stand out from all that a face does at rest."""

from array import array

import numpy as np

DEVIATIONS = 6.0  # robust standard deviations above the median
MEMORY_SECONDS = 60.0  # of the curve that the median is taken over
NORMAL = 1.4826  # standard deviation of a normal distribution over its median absolute deviation
FLOOR = 0.02  # grey levels: a drawn picture without noise has a deviation of 0


class MotionCurve:
    """Motion over time, with the threshold that a peak must pass; it keeps a few numbers a frame.

    The threshold is the median of the last minute plus six robust standard deviations (1.4826 times the median
    absolute deviation), which the movements themselves, rare as they are, hardly raise.

    Args:
        rate: Frames per second.
    """

    def __init__(self, rate: float) -> None:
        self.memory = max(2, round(MEMORY_SECONDS * rate))
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
        recent = np.array(self._smooth[max(0, place + 1 - self.memory) : place + 1])
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

    def is_peak(self, place: int, radius: int, judged_at: int) -> bool:
        """Whether a frame has the strongest motion within ``radius`` frames, above the threshold of a later frame."""
        value, first = self._smooth[place], max(0, place - radius)
        if not value > self.threshold_for(place, judged_at):  # also where either is unknown
            return False
        return int(np.nanargmax(self._smooth[first : place + radius + 1])) == place - first

    def _smooth_at(self, place: int) -> None:
        if place < 0 or np.isnan(self._raw[place]):
            return
        before = self._raw[place - 1] if place else np.nan
        after = self._raw[place + 1] if place + 1 < len(self._raw) else np.nan
        here = self._raw[place]
        before, after = (here if np.isnan(value) else value for value in (before, after))
        self._smooth[place] = (before + 2 * here + after) / 4
