"""Worlds whose class no single movement tells: the order of two, and two that occur together."""

import numpy as np

from benchmarks.method.worlds.motion import Canvas, Person, people
from benchmarks.method.worlds.world import World

CLASSES = 3


def order_scene(rng: np.random.Generator, person: Person, label: int) -> tuple[Canvas, int]:
    """The movement of the class, then another one, as if an expression were masked; the stronger one has the apex."""
    n = int(rng.integers(15, 23))
    second = (label + int(rng.integers(1, CLASSES))) % CLASSES
    peaks = [first := rng.uniform(2, n / 2), first + rng.uniform(3, 6)]
    strengths = [1.0, rng.uniform(0.7, 1.4)]
    canvas = Canvas(rng, person, n, noise=0.6)
    for movement, peak, strength in zip((label, second), peaks, strengths, strict=True):
        canvas.move(movement, peak, strength, rise=3, fall=5)
    apex = peaks[int(np.argmax(strengths))] + rng.uniform(-n / 5, n / 5)
    return canvas, int(np.clip(round(apex), 0, n - 1))


def pair_scene(rng: np.random.Generator, person: Person, label: int) -> tuple[Canvas, int]:
    """All three movements, two of them within three frames; the class is which one stands alone."""
    n = int(rng.integers(18, 25))
    one, other = rng.permutation([movement for movement in range(CLASSES) if movement != label]).tolist()
    pair, alone = (4, n - 5) if rng.random() < 0.5 else (n - 7, 3)
    shift = rng.uniform(-2, 2)
    peaks = {one: pair + shift, other: pair + 3 + shift, label: alone + rng.uniform(-2, 2)}
    canvas = Canvas(rng, person, n, noise=0.6)
    for movement, peak in peaks.items():
        canvas.move(movement, peak, rng.uniform(0.8, 1.2), rise=2, fall=3)
    apex = peaks[int(rng.integers(CLASSES))]
    return canvas, int(np.clip(round(apex), 0, n - 1))


WORLDS = [
    World(
        "order",
        "Two movements in every clip; the class is the first one. Only edges that distinguish forward from backward "
        "tell.",
        True,
        lambda seed: people(order_scene, seed, CLASSES, CLASSES),
    ),
    World(
        "pair",
        "All three movements occur in every clip, and two of them together. The class is the pair, as with action "
        "units: neither a frame nor the mean over frames tells, only what lies close in time.",
        False,
        lambda seed: people(pair_scene, seed, CLASSES, CLASSES),
    ),
]
