"""The motion curve, and its peaks above the motion of a face at rest."""

from array import array
from bisect import bisect_left, bisect_right
from typing import NamedTuple, Self

import numpy as np

from atm_gcn.inference.prediction import CurvePeak

DEVIATIONS = 6.0  # robust standard deviations of the threshold above the median
MEMORY_SECONDS = 60.0  # of the curve, over which the median is computed
NORMAL = 1.4826  # standard deviation of a normal distribution over its median absolute deviation
SAME_TIME = 1e-6  # seconds; times that differ by less are equal
FLOOR = 0.02  # grey levels: a drawn picture without noise has a deviation of 0


class CurveWords(NamedTuple):
    """What a curve is, and how its threshold was chosen, in a few words each."""

    quantity: str = "motion"
    unit: str = "grey levels"
    rule: str = ""


class MotionCurve:
    """Motion over time, and the threshold that a peak must exceed; stores a few numbers per frame.

    The threshold is the median of the last minute plus six robust standard deviations (1.4826 times the median
    absolute deviation); the movements themselves are rare and hardly raise it.

    Args:
        deviations: Robust standard deviations of the threshold above the median, if not six.

    Attributes:
        words: What the curve is, and how the threshold was chosen.
    """

    def __init__(self, deviations: float = DEVIATIONS) -> None:
        self.deviations = deviations
        self.words = CurveWords(rule=f"median + {deviations:g} deviations")
        self.numbers, self.seconds = array("q"), array("d")
        self._raw, self._smooth = array("d"), array("d")
        self._running, self._used = array("d"), array("d")  # thresholds: at a frame's time, and when it was decided on
        self.head = array("d")

    @classmethod
    def of(
        cls, numbers: np.ndarray, seconds: np.ndarray, values: np.ndarray, threshold: np.ndarray, words: CurveWords
    ) -> Self:
        """A curve that is complete, with a threshold that others chose.

        Args:
            numbers: int64 ``[n]`` number of every frame.
            seconds: float64 ``[n]`` when each is shown.
            values: ``[n]``; NaN where unknown.
            threshold: ``[n]``, likewise.
            words: What the curve is, and how the threshold was chosen.
        """
        curve = cls()
        curve.words = words
        curve.numbers, curve.seconds = array("q", numbers.tolist()), array("d", seconds.tolist())
        curve._raw = curve._smooth = array("d", values.tolist())
        curve._running = curve._used = array("d", threshold.tolist())
        curve.head = array("d", [np.nan] * len(numbers))
        return curve

    def __len__(self) -> int:
        return len(self.numbers)

    def append(self, number: int, seconds: float) -> None:
        """Add a frame; its motion is NaN until :meth:`set`, which the first and the last few frames never get."""
        self.numbers.append(number)
        self.seconds.append(seconds)
        for values in (self._raw, self._smooth, self._running, self._used, self.head):
            values.append(np.nan)

    def set(self, index: int, magnitude: float, head: float) -> None:
        """Set the motion of a frame and that of the head; frames come in order."""
        self._raw[index], self.head[index] = magnitude, head
        self._smooth_at(index)
        self._smooth_at(index - 1)
        recent = np.array(self._smooth[bisect_right(self.seconds, self.seconds[index] - MEMORY_SECONDS) : index + 1])
        recent = recent[np.isfinite(recent)]
        middle = np.median(recent)
        deviation = NORMAL * np.median(np.abs(recent - middle))
        self._running[index] = middle + self.deviations * max(deviation, FLOOR)

    def forget(self, index: int) -> None:
        """Make the motion of a frame unknown again."""
        for values in (self._raw, self._smooth, self._running, self.head):
            values[index] = np.nan
        self._smooth_at(index - 1)

    def number_at(self, seconds: float) -> int:
        """Number of the last frame that is shown at a time, or of the first one."""
        return self.numbers[max(0, bisect_right(self.seconds, seconds + SAME_TIME) - 1)]

    @property
    def motion(self) -> np.ndarray:
        """float64 ``[n]`` motion in grey levels, smoothed over three frames; NaN where unknown."""
        return np.array(self._smooth)

    @property
    def threshold(self) -> np.ndarray:
        """float64 ``[n]`` threshold in grey levels by which each frame is decided on; NaN where unknown."""
        used = np.array(self._used)
        return np.where(np.isfinite(used), used, np.array(self._running))

    def peak(self, index: int) -> CurvePeak:
        """A frame that was decided on, with its motion and threshold."""
        return CurvePeak(self.numbers[index], self.seconds[index], self._smooth[index], self._used[index])

    def highest(self) -> CurvePeak | None:
        """The frame whose motion is highest in multiples of the threshold; None if none is known."""
        motion, threshold = self.motion, self.threshold
        if not np.isfinite(motion / threshold).any():
            return None
        index = int(np.nanargmax(motion / threshold))
        return CurvePeak(self.numbers[index], self.seconds[index], float(motion[index]), float(threshold[index]))

    def threshold_for(self, index: int, known_at: int) -> float:
        """The threshold of a frame, as known at a later frame; NaN if unknown."""
        limits = np.array(self._running[index : known_at + 1])
        limits = limits[np.isfinite(limits)]
        return float(limits[-1]) if len(limits) else np.nan

    def exceeds(self, index: int, known_at: int) -> bool:
        """Whether a frame's motion exceeds the threshold as known at a later frame, which becomes the frame's own."""
        self._used[index] = self.threshold_for(index, known_at)
        return self._smooth[index] > self._used[index]  # not where either is unknown

    def is_local_maximum(self, index: int) -> bool:
        """Whether neither neighbour of a frame has more motion; of equal ones, the first is the maximum."""
        before = self._smooth[index - 1] if index else np.nan
        after = self._smooth[index + 1] if index + 1 < len(self._smooth) else np.nan
        return not before >= self._smooth[index] and not after > self._smooth[index]

    def strongest_within(self, index: int, radius: float) -> int:
        """The frame with the most motion at most ``radius`` seconds before or after one whose motion is known."""
        around = self.within(index, radius)
        return around.start + int(np.nanargmax(self._smooth[around.start : around.stop]))

    def within(self, index: int, radius: float) -> range:
        """The frames shown at most ``radius`` seconds before or after one."""
        middle = self.seconds[index]
        first = bisect_left(self.seconds, middle - radius - SAME_TIME)
        return range(first, bisect_right(self.seconds, middle + radius + SAME_TIME))

    def nearest(self, index: int, lag: float) -> int:
        """The frame nearest to ``lag`` seconds after a frame; of two equally near, the one nearer to that frame."""
        wanted = self.seconds[index] + lag
        right = min(max(bisect_left(self.seconds, wanted), 1), len(self.seconds) - 1)
        if right == 0:
            return 0
        before, after = wanted - self.seconds[right - 1], self.seconds[right] - wanted
        tie = SAME_TIME if lag > 0 else -SAME_TIME
        return right - 1 if before < after + tie else right

    def _smooth_at(self, index: int) -> None:
        if index < 0 or np.isnan(self._raw[index]):
            return
        before = self._raw[index - 1] if index else np.nan
        after = self._raw[index + 1] if index + 1 < len(self._raw) else np.nan
        raw = self._raw[index]
        before, after = (raw if np.isnan(value) else value for value in (before, after))
        self._smooth[index] = (before + 2 * raw + after) / 4
