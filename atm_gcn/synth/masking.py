"""A movement masked by another one, as when a person hides an expression: their order alone determines the class."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from atm_gcn.synth.action_units import EMOTIONS
from atm_gcn.synth.camera import Recording
from atm_gcn.synth.face.landmarks import Landmarks
from atm_gcn.synth.movement import Muscle, expression
from atm_gcn.synth.timing import Array, course


@dataclass(frozen=True)
class Schedule:
    """Times of the two movements of a clip, as shares of the time from its onset to its offset.

    Args:
        start: Start of the first movement.
        span: Length of either movement.
        lag: From the start of the first to that of the second.
    """

    start: float = 0.0
    span: float = 1.0
    lag: float = 0.0

    def first(self, t: Array) -> Array:
        """Time on the clock of the first movement, which runs from 0 to 1."""
        return (t - self.start) / self.span

    def second(self, t: Array) -> Array:
        """Time on the clock of the second movement."""
        return (t - self.start - self.lag) / self.span


def schedule(recording: Recording, rng: np.random.Generator) -> Schedule:
    """Draw the times of the movements of a masked clip; both end by its offset."""
    span = (1.0 - recording.slack) / (1.0 + recording.lag[1])
    return Schedule(rng.uniform(0.0, recording.slack), span, span * rng.uniform(*recording.lag))


def mask(
    landmarks: Landmarks,
    others: Sequence[str],
    t: Array,
    amplitude: float,
    strength: tuple[float, float],
    rng: np.random.Generator,
) -> tuple[list[Muscle], Array]:
    """Draw the masking movement.

    Args:
        landmarks: The face.
        others: Emotions to choose it from.
        t: ``[T]`` time of every frame on the movement's clock.
        amplitude: Peak displacement of the first movement, as a fraction of the picture's side.
        strength: Smallest and largest strength of the movement over the first's.
        rng: Random numbers.

    Returns:
        Its M muscles, and the strength of each in every frame, ``[T, M]``.
    """
    emotion = others[int(rng.integers(len(others)))]
    apex, rise, fall = rng.uniform(0.3, 0.65), *rng.uniform(0.7, 1.5, 2)
    muscles = expression(landmarks, emotion, EMOTIONS[emotion], amplitude * rng.uniform(*strength), rng)
    lags = rng.uniform(-0.06, 0.06, len(muscles))
    return muscles, np.stack([course(t, apex + lag, rise, fall) for lag in lags], axis=-1)
