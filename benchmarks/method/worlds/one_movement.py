"""Worlds whose class is that of one movement: strong at the apex, thin, annotated wrongly, or lost in stillness."""

import numpy as np

from benchmarks.method.worlds.motion import Canvas, Person, people
from benchmarks.method.worlds.world import World

CLASSES = 3


def apex_scene(rng: np.random.Generator, person: Person, label: int) -> tuple[Canvas, int]:
    """A short movement at the apex; blinks, drift, and weaker movements of any class farther away."""
    n = int(rng.integers(13, 23))
    apex = int(rng.integers(n // 4, n - n // 4))
    canvas = Canvas(rng, person, n, noise=1.6)
    canvas.move(label, apex, 1.0, rise=3, fall=4)
    for peak in rng.uniform(0, n, 2):
        if abs(peak - apex) > 4:
            canvas.move(int(rng.integers(CLASSES)), peak, rng.uniform(0.6, 1.0), rise=3, fall=4)
    for peak in rng.uniform(0, n, 2):
        canvas.blink(peak, rng.uniform(1, 2))
    canvas.drift(rng.uniform(0, 1.5))
    return canvas, apex


def thin_scene(rng: np.random.Generator, person: Person, label: int) -> tuple[Canvas, int]:
    """A weak movement that is held from beginning to end, below the noise of every frame; some frames jump."""
    n = int(rng.integers(12, 25))
    apex = int(rng.integers(n // 4, n - n // 4))
    canvas = Canvas(rng, person, n, noise=1.2)
    canvas.move(label, apex, 0.35, rise=2 * n, fall=2 * n)
    canvas.jump(0.15, 2.0)
    return canvas, apex


def wrong_apex_scene(rng: np.random.Generator, person: Person, label: int) -> tuple[Canvas, int]:
    """A short movement whose apex is annotated up to four frames too early or too late, and a weaker one."""
    n = int(rng.integers(14, 25))
    apex = int(rng.integers(n // 4, n - n // 4))
    canvas = Canvas(rng, person, n, noise=0.9)
    canvas.move(label, apex, 1.0, rise=3, fall=3)
    other = (apex + rng.integers(6, n - 6)) % n
    canvas.move(int(rng.integers(CLASSES)), other, rng.uniform(0.4, 0.7), rise=3, fall=3)
    return canvas, int(np.clip(apex + rng.integers(-4, 5), 0, n - 1))


def still_scene(rng: np.random.Generator, person: Person, label: int) -> tuple[Canvas, int]:
    """A short movement in 7 to 119 frames; nothing else but noise, drift and fidgeting."""
    n = int(np.exp(rng.uniform(np.log(7), np.log(120))))
    apex = int(rng.integers(1, n - 1))
    canvas = Canvas(rng, person, n, noise=1.5)
    canvas.move(label, apex, 1.0, rise=2.5, fall=3.5)
    for _ in range(rng.poisson(n / 20)):
        canvas.move(int(rng.integers(CLASSES)), rng.uniform(0, n), rng.uniform(0.3, 0.6), rise=2.5, fall=3.5)
    canvas.drift(rng.uniform(0, 0.7))
    return canvas, apex


WORLDS = [
    World(
        "apex",
        "The apex frame and its neighbours show the class; blinks, drift and movements elsewhere do not. Edges that "
        "weigh similarity and distance should collect the former, and the global node should spread them.",
        True,
        lambda seed: people(apex_scene, seed, CLASSES, CLASSES),
    ),
    World(
        "thin",
        "Every frame shows a little of the class, under noise that is stronger, and some frames jump. Aggregation over "
        "neighbours should help, single frames do not.",
        True,
        lambda seed: people(thin_scene, seed, CLASSES, CLASSES),
    ),
    World(
        "wrong apex",
        "As in CASME-like annotation, the apex is wrong by up to four frames. A graph that believes the annotation "
        "blindly loses; neighbours within the window correct it.",
        False,
        lambda seed: people(wrong_apex_scene, seed, CLASSES, CLASSES),
    ),
    World(
        "still",
        "8 to 120 frames, most of them still: redundancy, which the paper's graph is to overcome. Pooling over all "
        "frames drowns the movement; the global node should carry it everywhere.",
        True,
        lambda seed: people(still_scene, seed, CLASSES, CLASSES),
    ),
]
