"""Brushes for drawing by formula: soft shapes, noise, and paint laid over paint."""

from dataclasses import dataclass, field

import cv2
import numpy as np

from atm_gcn.synth.face.landmarks import Landmarks

Array = np.ndarray


@dataclass
class Canvas:
    """A square picture in linear RGB, and its pixels' places in the frame of a face.

    Args:
        size: Side in pixels.
        landmarks: The face whose frame is used.
        seed: Seeds the textures.
    """

    size: int
    landmarks: Landmarks
    seed: int
    x: Array = field(init=False)
    y: Array = field(init=False)
    image: Array = field(init=False)

    def __post_init__(self) -> None:
        steps = (np.arange(self.size, dtype=np.float32) + 0.5) / self.size
        self.x, self.y = self.landmarks.local(*np.meshgrid(steps, steps))
        self.image = np.zeros((self.size, self.size, 3), np.float32)
        self.rng = np.random.default_rng(self.seed)

    @property
    def pixel(self) -> float:
        """Side of a pixel in the face's frame."""
        return 1.0 / (self.size * self.landmarks.unit)

    def inside(self, distance: Array, softness: float = 0.0) -> Array:
        """Cover 1 to 0 across the zero line of a signed distance that is negative inside."""
        return np.clip(0.5 - distance / max(softness, 1.5 * self.pixel), 0.0, 1.0)

    def level(self, values: Array, softness: float = 0.0) -> Array:
        """Cover of the region where a smooth function is negative, with an edge of the same width all along."""
        down, right = np.gradient(values, self.pixel)
        return self.inside(values / np.maximum(np.hypot(down, right), 1e-3), softness)

    def paint(self, colour: Array | tuple, cover: Array) -> None:
        """Lay one colour, or a picture of colours, over the picture."""
        self.image += (np.asarray(colour, np.float32) - self.image) * cover[..., None]

    def shade(self, factor: Array | tuple, cover: Array) -> None:
        """Multiply the picture by a colour where it is covered."""
        self.image *= 1.0 + (np.asarray(factor, np.float32) - 1.0) * cover[..., None]

    def noise(self, scale_x: float, scale_y: float | None = None) -> Array:
        """Smooth noise of zero mean and unit variance; scales in distances between the pupils."""
        shape = [max(2, round(1 / (self.landmarks.unit * s))) for s in (scale_y or scale_x, scale_x)]
        coarse = self.rng.standard_normal([min(n, self.size) for n in shape], dtype=np.float32)
        return cv2.resize(coarse, (self.size, self.size), interpolation=cv2.INTER_CUBIC)


def bump(x: Array, y: Array, at: tuple[float, float], radius: tuple[float, float]) -> Array:
    """Gaussian bump of height 1."""
    return np.exp(-0.5 * (((x - at[0]) / radius[0]) ** 2 + ((y - at[1]) / radius[1]) ** 2))


def ramp(values: Array, low: float, high: float) -> Array:
    """0 below low, 1 above high, smooth between; low may be the larger one."""
    t = np.clip((values - low) / (high - low), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)
