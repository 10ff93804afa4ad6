"""One clip: a neutral face, warped frame by frame."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from atm_gcn.synth.action_units import EMOTIONS
from atm_gcn.synth.camera import REFERENCE, Disturbance, Recording, close_lids, disturb, expose
from atm_gcn.synth.face.landmarks import Landmarks
from atm_gcn.synth.masking import Schedule, mask, schedule
from atm_gcn.synth.movement import GRID, Bump, Muscle, expression, movement_field
from atm_gcn.synth.timing import Array, course


@dataclass(frozen=True)
class Scene:
    """What happens in a clip.

    Args:
        first: Number of the first frame of the folder.
        onset: Number of the last frame before the movement; ``apex`` that of its peak, ``offset`` of its end.
        muscles: The movement, with the strength of each muscle in ``strengths`` ``[T, M]``.
        disturbance: Everything else.
    """

    first: int
    onset: int
    apex: int
    offset: int
    muscles: list[Muscle]
    strengths: Array
    disturbance: Disturbance

    @property
    def truth(self) -> list[Bump]:
        """The movement at the apex, against the onset."""
        strongest = self.strengths[self.apex - self.first]
        return [b.scaled(float(s)) for bumps, s in zip(self.muscles, strongest, strict=True) for b in bumps]


def plan_scene(
    landmarks: Landmarks, emotion: str, others: Sequence[str], recording: Recording, key: tuple[int, int, int]
) -> Scene:
    """Draw a clip at random: first its length, timing and disturbances, whatever the emotion, then the movement.

    Args:
        landmarks: The neutral face.
        emotion: One of :data:`EMOTIONS`.
        others: The emotions of the other classes, of which one may mask it.
        recording: Difficulty and conditions of the clip.
        key: Seed, number of the subject, number of the clip.
    """
    seed, subject, clip = key
    rng = np.random.default_rng([seed, subject, 1, clip])
    length = max(4, round(rng.uniform(*recording.duration) * recording.fps))
    before, after = rng.integers(2, 5, 2)
    first = int(rng.integers(1, 200))
    frames = np.arange(-before, length + after + 1)
    disturbance = disturb(frames / recording.fps, landmarks, recording, rng)
    apex, rise, fall = rng.uniform(0.3, 0.65), *rng.uniform(0.7, 1.5, 2)
    amplitude = rng.uniform(*recording.amplitude) / REFERENCE
    muscles = expression(landmarks, emotion, EMOTIONS[emotion], amplitude, rng)
    lags = rng.uniform(-0.06, 0.06, len(muscles))
    apart = np.random.default_rng([seed, subject, 4, clip])  # so that a mask leaves everything else as it is
    when = schedule(recording, apart) if recording.mask else Schedule()
    strengths = np.stack([course(when.first(frames / length), apex + lag, rise, fall) for lag in lags], axis=-1)
    total = strengths.mean(axis=-1)
    if recording.mask:
        second, its_strengths = mask(landmarks, others, when.second(frames / length), amplitude, recording.mask, apart)
        total = total + its_strengths.mean(axis=-1)
        muscles, strengths = muscles + second, np.concatenate([strengths, its_strengths], axis=-1)
    onset = first + int(before)
    error = round(length * recording.apex_error * apart.uniform(-1, 1))
    apex_frame = np.clip(first + int(total.argmax()) + error, onset + 1, onset + length - 1)
    return Scene(first, onset, int(apex_frame), onset + length, muscles, strengths, disturbance)


def render_frames(
    neutral: Array, landmarks: Landmarks, scene: Scene, recording: Recording, key: tuple[int, int, int]
) -> Iterator[Array]:
    """Yield the frames of a clip, uint8 RGB ``[size, size, 3]``.

    Args:
        neutral: The neutral face, uint8 RGB ``[size, size, 3]``.
        landmarks: Its landmarks.
        scene: What happens.
        recording: Difficulty and conditions of the clip.
        key: Seed, number of the subject, number of the clip.
    """
    seed, subject, clip = key
    rng = np.random.default_rng([seed, subject, 2, clip])
    other, size = scene.disturbance, len(neutral)
    fields = np.stack([movement_field(bumps, GRID) / GRID for bumps in scene.muscles + other.muscles])
    strengths = np.concatenate([scene.strengths, other.strengths], axis=-1).astype(np.float32)
    for t, strength in enumerate(strengths):
        moved = cv2.resize(np.tensordot(strength, fields, 1), (size, size), interpolation=cv2.INTER_LINEAR)
        x, y = _head_pose(size, landmarks.origin, other.shift[t], other.turn[t], other.zoom[t])
        x, y = x - moved[..., 0], y - moved[..., 1]
        if other.closure[t] > 0:
            close_lids(x, y, landmarks, float(other.closure[t]))
        columns, rows = ((size * axis - 0.5).astype(np.float32) for axis in (x, y))
        warped = cv2.remap(neutral, columns, rows, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
        yield expose(warped, float(other.brightness[t]), recording.noise, rng)


def _head_pose(size: int, centre: tuple[float, float], shift: Array, turn: float, zoom: float) -> tuple[Array, Array]:
    """Where in the neutral picture each pixel of a moved head lies, as fractions of its side."""
    steps = ((np.arange(size) + 0.5) / size).astype(np.float32)
    x, y = np.meshgrid(steps - centre[0] - shift[0], steps - centre[1] - shift[1])
    cosine, sine = np.cos(turn) / zoom, np.sin(turn) / zoom
    return centre[0] + cosine * x + sine * y, centre[1] - sine * x + cosine * y
