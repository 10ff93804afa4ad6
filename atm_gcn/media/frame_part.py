"""The part of a frame that a picture of it may need, to be kept in memory instead of the frame."""

from typing import NamedTuple, Self

import numpy as np

from atm_gcn.media.picture_transform import PictureTransform, shrink_by, shrink_factor


class FramePart(NamedTuple):
    """A rectangle of a frame in pixels, and by which factor it is shrunk.

    Pictures of the part are those of the frame: to the byte where ``factor`` is 1, otherwise nearly so.
    """

    left: int
    top: int
    right: int
    bottom: int
    factor: int

    @classmethod
    def around(cls, transform: PictureTransform, shape: tuple[int, ...], size: int, beyond: float) -> Self:
        """The part that pictures of a place need.

        Args:
            transform: The place.
            shape: Height and width of the frame; more values are ignored.
            size: Side of the pictures in pixels.
            beyond: How far the content of a picture may have moved, as a share of the picture's side.
        """
        factor = shrink_factor(transform.matrix, size)
        corners = np.array([[x, y] for x in (-beyond, 1 + beyond) for y in (-beyond, 1 + beyond)])
        places = transform.to_recording(corners) / factor
        left, top = np.maximum(np.floor(places.min(axis=0)).astype(int) * factor, 0).tolist()
        right, bottom = np.minimum(np.ceil(places.max(axis=0)).astype(int) * factor, shape[1::-1]).tolist()
        return cls(left, top, right, bottom, factor)

    def of(self, frame: np.ndarray) -> np.ndarray:
        """The part of a frame, uint8 RGB ``[h, w, 3]``, in memory of its own."""
        part = frame[self.top : self.bottom, self.left : self.right]
        return part.copy() if self.factor == 1 else shrink_by(part, self.factor)

    def moved(self, transform: PictureTransform) -> PictureTransform:
        """A transform of the frame as one of the part."""
        corner, matrix = (self.left, self.top), transform.matrix.copy()
        matrix[:, 2] -= corner
        if self.factor > 1 or transform.rectangle is None:
            return PictureTransform(matrix / self.factor)
        x, y, width, height = transform.rectangle
        return PictureTransform(matrix, (x - self.left, y - self.top, width, height))
