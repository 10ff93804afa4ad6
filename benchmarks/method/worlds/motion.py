"""Motion features as an encoder might give them: a direction per movement, which rises up to its peak and decays.

The features of a frame are ``gain * sum of movements + offset + disturbances``. A movement has a direction of length 1,
so that the cosine of Eq. 6 is high between frames of one movement, low between two movements, and depends on the noise
where nothing moves. A direction is partly common to all movements, since channels of an encoder respond to any motion.
Each person performs a movement in a direction and with a gain of their own.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch_geometric.data import Data

CHANNELS = 32
SUBJECTS, CLIPS = 24, 8
COMMON = 0.6
"""Length of the part of a direction that all movements share, where its own part has length 1."""
PERSONAL = 0.5
"""Length of the part of a direction that a person adds."""
OFFSET = 0.4
"""Length of what a person's features have beside motion: T(i), biases, the face."""


@dataclass(frozen=True)
class Person:
    """How movements of one person look.

    Args:
        directions: ``[K, F]``, one per movement, of length 1.
        blink: ``[F]``, of length 1.
        gain: Factor on movements.
        offset: ``[F]``.
    """

    directions: np.ndarray
    blink: np.ndarray
    gain: float
    offset: np.ndarray


class Canvas:
    """The features of one clip, ``[n, F]``, to which movements and disturbances are added.

    Args:
        rng: Source of the noise.
        person: Whom the clip shows.
        num_nodes: n.
        noise: Mean length of the noise of a frame.
    """

    def __init__(self, rng: np.random.Generator, person: Person, num_nodes: int, noise: float) -> None:
        self.rng, self.person = rng, person
        self.time = np.arange(num_nodes)
        self.x = person.offset + rng.normal(0, noise / np.sqrt(CHANNELS), (num_nodes, CHANNELS))

    def move(self, movement: int, peak: float, strength: float, rise: float, fall: float) -> None:
        """Add a movement that begins ``rise`` frames before its peak and ends ``fall`` frames after it."""
        course = np.where(self.time < peak, 1 - (peak - self.time) / rise, 1 - (self.time - peak) / fall).clip(min=0)
        self.x += strength * self.person.gain * course[:, None] * self.person.directions[movement]

    def blink(self, peak: float, strength: float) -> None:
        """Add a blink, which is over after three frames."""
        self.x += strength * (1 - abs(self.time - peak) / 1.5).clip(min=0)[:, None] * self.person.blink

    def drift(self, strength: float) -> None:
        """Add what a slowly turning head does: a random direction, growing to ``strength`` in the last frame."""
        self.x += strength * (self.time / self.time[-1])[:, None] * unit(self.rng.normal(size=CHANNELS))

    def jump(self, probability: float, strength: float) -> None:
        """Disturb single frames, as lost landmarks do, each in a direction of its own."""
        hit = self.rng.random(len(self.time)) < probability
        self.x += strength * hit[:, None] * unit(self.rng.normal(size=self.x.shape))


def unit(vectors: np.ndarray) -> np.ndarray:
    """The vectors with length 1."""
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def draw_person(rng: np.random.Generator, directions: np.ndarray, blink: np.ndarray, bias: np.ndarray) -> Person:
    own = [unit(d + PERSONAL * unit(rng.normal(size=d.shape))) for d in (directions, blink)]
    return Person(*own, gain=float(np.exp(rng.normal(0, 0.25))), offset=bias + OFFSET * unit(rng.normal(size=CHANNELS)))


Scene = Callable[[np.random.Generator, Person, int], tuple[Canvas, int]]
"""Draws a clip of a class: generator, person, class -> the clip, its annotated apex (a node)."""


def people(
    scene: Scene, seed: int, num_classes: int, movements: int, subjects: int = SUBJECTS, clips: int = CLIPS
) -> list[Data]:
    """The clips of people, with about equally many of each class.

    Args:
        scene: Draws one clip.
        seed: Of everything: another one has other directions, people and clips.
        num_classes: C.
        movements: K.
        subjects: Number of people.
        clips: Of each.
    """
    rng = np.random.default_rng(seed)
    directions = unit(COMMON * unit(rng.normal(size=CHANNELS)) + unit(rng.normal(size=(movements, CHANNELS))))
    blink, bias = unit(rng.normal(size=CHANNELS)), OFFSET * unit(rng.normal(size=CHANNELS))
    found = []
    for subject in range(subjects):
        person = draw_person(rng, directions, blink, bias)
        labels = rng.permutation((np.arange(clips) + subject * clips) % num_classes)
        for clip, label in enumerate(labels.tolist()):
            canvas, apex = scene(rng, person, label)
            found.append(as_data(canvas.x, apex, label, f"{subject:02d}", f"{clip:02d}"))
    return found


def as_data(x: np.ndarray, apex: int | None, label: int, subject: str, clip: str) -> Data:
    """One clip; without an apex, the row with the largest norm is the global node."""
    data = Data(x=torch.from_numpy(np.ascontiguousarray(x, np.float32)), y=torch.tensor([label]))
    data.subject, data.clip = f"world/{subject}", clip
    if apex is not None:
        data.global_index = torch.tensor([apex])
    return data
