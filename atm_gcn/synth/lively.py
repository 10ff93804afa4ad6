"""What people do in long recordings besides micro-expressions: they talk, laugh, frown and move their head."""

from dataclasses import dataclass

import numpy as np

from atm_gcn.errors import ATMGCNError
from atm_gcn.synth.camera import REFERENCE
from atm_gcn.synth.face.landmarks import SIDES, Landmarks
from atm_gcn.synth.movement import Muscle, muscle
from atm_gcn.synth.timing import Array, course, smooth_step

SPOKEN = {"26": (6.0, 12.0), "20": (-2.0, 3.0), "10": (0.0, 2.0), "24": (0.0, 2.5)}
"""Action units of speech, and the least and the largest movement of one for a syllable, in pixels of 224."""
SYLLABLES = 3.0, 6.0  # per second
PHRASE = 1.5, 5.0  # seconds


@dataclass(frozen=True)
class Liveliness:
    """How lively a person is in a long recording; lengths in pixels of a picture of 224 x 224.

    Args:
        talk: Share of the time in which the person talks, from 0 to less than 1.
        macros: Macro-expressions per minute; the faces of the classes, fully shown, for half a second or more.
        macro_amplitude: Smallest and largest peak displacement of the skin in them.
        macro_duration: Shortest and longest, in seconds.
        turns: Movements of the head per minute, to another place and tilt and back.
        reach: Largest displacement of the head in them; its tilt is up to a degree for every two pixels.
    """

    talk: float = 0.4
    macros: float = 3.0
    macro_amplitude: tuple[float, float] = (5.0, 9.0)
    macro_duration: tuple[float, float] = (0.7, 3.0)
    turns: float = 4.0
    reach: float = 12.0

    def check(self) -> None:
        """Raise an :class:`ATMGCNError` if a setting is out of range."""
        if not 0 <= self.talk < 1:
            raise ATMGCNError(f"talk is {self.talk:g}: write a share from 0 to less than 1")
        if min(self.macros, self.turns, self.reach) < 0:
            raise ATMGCNError(f"macros={self.macros:g}, turns={self.turns:g}, reach={self.reach:g}: none below 0")
        for name in ("macro_amplitude", "macro_duration"):
            low, high = getattr(self, name)
            if not 0 < low <= high:
                raise ATMGCNError(f"{name} is {low:g}, {high:g}: both above 0, the smaller first")


def speech(
    times: Array, landmarks: Landmarks, share: float, rng: np.random.Generator
) -> tuple[list[Muscle], list[Array]]:
    """Muscles of the mouth and their strength over time, ``[T]`` each: phrases of syllables, and pauses.

    Args:
        times: Seconds of the frames.
        landmarks: The face.
        share: Share of the time that phrases take.
        rng: Draws phrases and syllables.
    """
    courses = {unit: np.zeros_like(times) for unit in SPOKEN}
    start = rng.uniform(0, PHRASE[1])
    while share > 0 and start < times[-1]:
        end = start + rng.uniform(*PHRASE)
        beat = start
        while beat < end:
            length = 1 / rng.uniform(*SYLLABLES)
            opening = course((times - beat) / (1.4 * length), 0.45, 1.0, 1.0)  # the next syllable begins before it ends
            for unit, (least, most) in SPOKEN.items():
                courses[unit] = courses[unit] + rng.uniform(least, most) / REFERENCE * opening
            beat += length
        rest = (end - start) * (1 - share) / share
        start = end + float(rng.uniform(0.5, 1.5) * rest)
    muscles = [(unit, muscle(landmarks, unit, side)) for unit in SPOKEN for side in SIDES]
    return [one for _, one in muscles], [courses[unit] for unit, _ in muscles]


def head_movements(times: Array, lively: Liveliness, rng: np.random.Generator) -> tuple[Array, Array, Array]:
    """Shift ``[T, 2]`` of the head as a fraction of the picture's side, tilt ``[T]`` in radians and size ``[T]``."""
    shift, tilt, zoom = np.zeros((len(times), 2)), np.zeros_like(times), np.ones_like(times)
    for start in np.sort(rng.uniform(0, times[-1], rng.poisson(lively.turns * times[-1] / 60))):
        there, stays, back = rng.uniform(0.4, 1.0), rng.uniform(0.5, 4.0), rng.uniform(0.4, 1.2)
        moved = smooth_step((times - start) / there) - smooth_step((times - start - there - stays) / back)
        reach = rng.uniform(0.3, 1.0) * lively.reach
        direction = rng.uniform(0, 2 * np.pi)
        shift += moved[:, None] * reach / REFERENCE * np.array([np.cos(direction), 0.6 * np.sin(direction)])
        tilt += moved * np.deg2rad(rng.uniform(-0.5, 0.5) * reach)
        zoom += moved * rng.uniform(-0.002, 0.004) * reach
    return shift, tilt, zoom
