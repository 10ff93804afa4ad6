"""Disturbances of a movement by the camera and the living face, the same for every class."""

from dataclasses import dataclass

import cv2
import numpy as np

from atm_gcn.errors import ATMGCNError
from atm_gcn.synth.action_units import ACTION_UNITS
from atm_gcn.synth.face.landmarks import SIDES, Landmarks, lids
from atm_gcn.synth.movement import Muscle, muscle
from atm_gcn.synth.timing import Array, blink, smooth_step, wander

REFERENCE = 224.0  # movements are given in pixels of a picture of this side, whatever the size of the frames


@dataclass(frozen=True)
class Recording:
    """Difficulty and recording conditions of clips; lengths in pixels of a picture of 224 x 224.

    Args:
        fps: Frames per second.
        amplitude: Smallest and largest peak displacement of the skin.
        duration: Shortest and longest time from onset to offset, in seconds.
        noise: Standard deviation of the sensor noise in grey levels, at middle grey.
        flicker: Standard deviation of the brightness over a clip, as a share.
        drift: Standard deviation of the head's position over a clip.
        turn: Standard deviation of the head's tilt, in degrees, beside the little that comes with ``drift``.
        rest: Largest displacement by which the face at rest differs from clip to clip.
        fidget: Largest displacement of a slow movement elsewhere in the face that does not go back.
        blinks: Share of clips with a blink.
        mask: Smallest and largest strength of a second movement, that of another class, over the first's; None for
            clips without one. A masked clip's class is the movement that comes first.
        lag: Time from the start of the first movement to that of the mask, over the length of either.
        slack: Largest share of a masked clip that passes before the first movement starts.
        apex_error: Largest error of the annotated apex, as a share of the clip.
        image_format: ``"jpg"`` or ``"png"``.
    """

    fps: float = 60.0
    amplitude: tuple[float, float] = (1.5, 3.0)
    duration: tuple[float, float] = (0.2, 0.5)
    noise: float = 2.5
    flicker: float = 0.02
    drift: float = 0.3
    turn: float = 0.0
    rest: float = 2.0
    fidget: float = 1.5
    blinks: float = 0.3
    mask: tuple[float, float] | None = None
    lag: tuple[float, float] = (0.4, 0.6)
    slack: float = 0.3
    apex_error: float = 0.0
    image_format: str = "jpg"

    def check(self) -> None:
        """Raise an :class:`ATMGCNError` if a setting is out of range."""
        if self.image_format not in ("jpg", "png"):
            raise ATMGCNError(f"image_format is {self.image_format!r}: write jpg or png")
        duration, amplitude, mask, lag = self.duration, self.amplitude, self.mask, self.lag
        if self.fps <= 0 or not 0 < duration[0] <= duration[1] or not 0 < amplitude[0] <= amplitude[1]:
            raise ATMGCNError(
                f"fps={self.fps:g}, duration={duration}, amplitude={amplitude}: all above 0, the smaller first"
            )
        if mask and not (0 < mask[0] <= mask[1] and 0 < lag[0] <= lag[1] and 0 <= self.slack < 1):
            raise ATMGCNError(
                f"mask={mask}, lag={lag}, slack={self.slack:g}: all above 0, the smaller first, and slack below 1"
            )


#: Named settings: a single movement per clip, or two whose order alone determines the class.
DIFFICULTIES = {
    "default": Recording(),  # a single movement, visible in the apex frame against the onset frame
    "hard": Recording(  # two movements, whose order alone determines the class
        amplitude=(2.5, 4.0), duration=(0.5, 0.7), mask=(0.7, 1.4), lag=(0.3, 0.6), slack=0.5, apex_error=0.2
    ),
}


@dataclass(frozen=True)
class Disturbance:
    """Everything in a clip besides its movement, independent of its class.

    Args:
        brightness: ``[T]``, a factor.
        shift: ``[T, 2]``, the head's position, as a fraction of the picture's side.
        turn: ``[T]``, its tilt in radians; ``zoom`` ``[T]``, its size, as a factor.
        closure: ``[T]``, the lids, 0 open to 1 shut.
        muscles: Muscles of the resting face and of fidgeting, with the strength of each in ``strengths`` ``[T, M]``.
    """

    brightness: Array
    shift: Array
    turn: Array
    zoom: Array
    closure: Array
    muscles: list[Muscle]
    strengths: Array


def disturb(seconds: Array, landmarks: Landmarks, recording: Recording, rng: np.random.Generator) -> Disturbance:
    """Draw the disturbances of a clip with frames at ``seconds``."""
    exposure = 1.0 + rng.uniform(-0.06, 0.06)
    mains = 0.3 * np.sin(2 * np.pi * (rng.uniform(5, 25) * seconds + rng.random()))
    brightness = exposure * (1.0 + recording.flicker * (wander(seconds, rng) + mains))
    path = np.stack([wander(seconds, rng) for _ in range(2)], axis=-1) * recording.drift / REFERENCE
    tilt, size = (wander(seconds, rng) for _ in range(2))
    turn, zoom = (course * recording.drift / REFERENCE for course in (tilt, size))
    turn = turn + tilt * np.deg2rad(recording.turn)
    closure = blink(seconds, rng) * (rng.random() < recording.blinks)
    muscles, strengths = _restless_face(seconds, landmarks, recording, rng)
    return Disturbance(brightness, path, turn, 1.0 + zoom, closure, muscles, strengths)


def _restless_face(
    seconds: Array, landmarks: Landmarks, recording: Recording, rng: np.random.Generator
) -> tuple[list[Muscle], Array]:
    """Four units held at some strength through the clip, and one per side that moves slowly and stays."""
    units, sides = list(ACTION_UNITS), list(SIDES)
    muscles, strengths = [], []
    for unit in rng.choice(units, 4, replace=False):
        held = np.full_like(seconds, rng.uniform(-1, 1))
        for side in sides:
            muscles.append(muscle(landmarks, unit, side, rng.uniform(0.5, 1.0) * recording.rest / REFERENCE))
            strengths.append(held)
    for side in sides:
        length = rng.uniform(0.2, 0.6)
        start = rng.uniform(seconds[0] - length / 2, seconds[-1] - length / 2)
        muscles.append(muscle(landmarks, rng.choice(units), side, rng.uniform(-1, 1) * recording.fidget / REFERENCE))
        strengths.append(smooth_step((seconds - start) / length))
    return muscles, np.stack(strengths, axis=-1)


def close_lids(x: Array, y: Array, landmarks: Landmarks, closure: float) -> None:
    """Change the places that pixels are sampled from, in place, so that the upper lids cover the eyes.

    Args:
        x: Places in the neutral picture that the pixels are sampled from, as fractions of its side; ``y`` likewise.
        landmarks: The neutral face.
        closure: 0 open to 1 shut.
    """
    across, down = landmarks.local(x, y)
    place, upper, lower = lids(landmarks.points, np.abs(across))
    edge = upper + closure * (lower - upper)
    crease = upper - 0.10  # the skin from here to the lashes is stretched over the eye
    covered = (down > crease) & (down < edge) & (place > 0.0) & (place < 1.0)
    source = crease + (down - crease) * (upper - crease) / np.maximum(edge - crease, 1e-6)
    dx, dy = landmarks.vector(0.0, 1.0)
    x += np.where(covered, (source - down) * dx, 0.0)
    y += np.where(covered, (source - down) * dy, 0.0)


def expose(picture: Array, brightness: float, noise: float, rng: np.random.Generator) -> Array:
    """One frame as the sensor records it: float32 or uint8 ``[H, W, 3]`` to uint8.

    The noise grows with the root of the light, and neighbouring pixels share some of it, as demosaicing leaves it.
    """
    light = picture.astype(np.float32) * brightness
    grain = rng.standard_normal(light.shape, dtype=np.float32)
    grain = 0.7 * grain + 0.7 * cv2.GaussianBlur(grain, (3, 3), 0.8)
    return np.clip(np.round(light + noise * np.sqrt((light + 8.0) / 136.0) * grain), 0, 255).astype(np.uint8)
