"""Courses over time: a movement, slow wandering, a blink."""

import numpy as np

Array = np.ndarray


def course(t: Array, apex: float, rise: float, fall: float) -> Array:
    """Strength of a movement: 0 at the onset, 1 at the apex, 0 at the offset.

    Args:
        t: Time, 0 at the onset and 1 at the offset; outside, the strength is 0.
        apex: Time of the apex.
        rise: Exponent that makes the rise early (below 1) or late; ``fall`` likewise.
    """
    up = np.clip(t / apex, 0.0, 1.0) ** rise
    down = np.clip((1.0 - t) / (1.0 - apex), 0.0, 1.0) ** fall
    return smooth_step(np.minimum(up, down))


def smooth_step(t: Array) -> Array:
    """0 below 0, 1 above 1, and a slope of zero at both."""
    t = np.clip(t, 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


def wander(seconds: Array, rng: np.random.Generator) -> Array:
    """Slow random movement of about unit variance: three sines with periods of 0.4 to 2.5 seconds."""
    periods, phases, weights = rng.uniform(0.4, 2.5, 3), rng.uniform(0, 2 * np.pi, 3), rng.normal(0, 1, 3)
    waves = np.sin(2 * np.pi * np.divide.outer(seconds, periods) + phases)
    return waves @ (weights * np.sqrt(periods / 2.0))


def blink(seconds: Array, rng: np.random.Generator) -> Array:
    """Closure of the lids, 0 open to 1 shut: one blink of 0.12 to 0.25 s, somewhere around the clip."""
    length = rng.uniform(0.12, 0.25)
    start = rng.uniform(seconds[0] - length / 2, seconds[-1] - length / 2)
    return rng.uniform(0.6, 1.0) * course((seconds - start) / length, 0.4, 1.0, 1.0)
