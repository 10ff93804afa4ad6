"""From a recording's frame to a stored picture: crop, alignment and registration as one map, sampled once."""

from dataclasses import dataclass

import cv2
import numpy as np

from atm_gcn.media.resizing import resize_square


@dataclass(frozen=True, eq=False)
class PictureTransform:
    """An affine map from the unit square of a stored picture to the pixels of a recording.

    Places in the stored picture are given as x to the right and y down, both from 0 to 1, whatever its size; places
    in the recording in pixels from its upper left corner, so that the centre of the first pixel is (0.5, 0.5).

    Args:
        matrix: float64 ``[2, 3]``: a place (x, y) of the unit square lies at ``matrix @ (x, y, 1)`` in the recording.
        rectangle: Left, top, width and height of the part of the recording that is shown, in pixels, if the map is a
            crop along the sides of the recording; else None.
    """

    matrix: np.ndarray
    rectangle: tuple[int, int, int, int] | None = None

    @classmethod
    def whole(cls, shape: tuple[int, ...]) -> "PictureTransform":
        """The whole of a frame of shape ``(H, W, ...)``, brought to a square."""
        return cls._of_rectangle(0, 0, shape[1], shape[0])

    @classmethod
    def of_box(cls, box: tuple[int, int, int]) -> "PictureTransform":
        """The square ``(left, top, side)`` of a frame, in pixels, such as a :class:`~atm_gcn.media.Box`."""
        x, y, side = box
        return cls._of_rectangle(x, y, side, side)

    @classmethod
    def _of_rectangle(cls, x: int, y: int, width: int, height: int) -> "PictureTransform":
        return cls(np.array([[width, 0, x], [0, height, y]], dtype=np.float64), (x, y, width, height))

    @classmethod
    def similarity(cls, places: np.ndarray, points: np.ndarray) -> "PictureTransform":
        """The rotation, scale and shift that bring places closest to points, by least squares.

        Args:
            places: ``[n, 2]``, n at least 2, in the unit square, not all equal.
            points: ``[n, 2]``, where they lie in the recording, in pixels.
        """
        source, target = (np.asarray(array, dtype=np.float64) @ (1, 1j) for array in (places, points))
        centred = source - source.mean()
        turn = np.sum(centred.conj() * (target - target.mean())) / np.sum(np.abs(centred) ** 2)
        shift = target.mean() - turn * source.mean()
        return cls(np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]]))

    @property
    def aspect(self) -> float:
        """Pixels of the recording along the stored picture's width, over those along its height."""
        across, down = np.hypot(*self.matrix[:, :2])
        return float(across / down)

    def to_recording(self, places: np.ndarray) -> np.ndarray:
        """Places ``[n, 2]`` of the unit square, in pixels of the recording."""
        return np.asarray(places) @ self.matrix[:, :2].T + self.matrix[:, 2]

    def to_picture(self, points: np.ndarray) -> np.ndarray:
        """Points ``[n, 2]`` of the recording, in pixels, as places in the unit square (or outside of it)."""
        return (np.asarray(points) - self.matrix[:, 2]) @ np.linalg.inv(self.matrix[:, :2]).T

    def picture(
        self, frame: np.ndarray, size: int, motion: np.ndarray | None = None, out: np.ndarray | None = None
    ) -> np.ndarray:
        """The picture of a frame.

        Without ``motion``, a crop is resized, by means of areas where it becomes smaller. Any other map samples
        the frame once: by cubic interpolation if a pixel of the picture covers one of the frame at most, else linearly,
        at least as densely as the frame has pixels, of which means are taken. Beyond its border, the frame is continued
        by its outermost pixels.

        Args:
            frame: uint8 RGB ``[H, W, 3]``, or float32 of any channels.
            size: Side of the picture in pixels.
            motion: ``[2, 3]``: where each place of the picture has moved to in this frame, both in the unit square, as
                :class:`~atm_gcn.media.registration.Registration` estimates it. The picture shows what is there. Pass
                the identity for the frame that others are registered to, so that all are sampled alike.
            out: Filled with the picture if it is given.

        Returns:
            ``[size, size, 3]``, of the frame's type and channels.
        """
        if motion is None and self.rectangle is not None:
            x, y, width, height = self.rectangle
            return resize_square(frame[y : y + height, x : x + width], size, out)
        matrix = self.matrix if motion is None else compose(self.matrix, motion)
        return _sample(frame, matrix, size, out)

    def depth(self, depth: np.ndarray, size: int, motion: np.ndarray | None = None) -> np.ndarray:
        """The picture of a frame's depth: each place as :meth:`picture` samples it, of measured pixels alone.

        Args:
            depth: uint16 ``[H, W]``, 0 where nothing was measured.
            size, motion: As for :meth:`picture`.

        Returns:
            uint16 ``[size, size]``, 0 where less than half of what makes a pixel was measured.
        """
        pair = np.dstack([depth, depth > 0]).astype(np.float32)  # depths and their weights
        values, weights = cv2.split(self.picture(pair, size, motion))
        measured = weights >= 0.5
        means = values / np.where(measured, weights, 1)
        return np.where(measured, means, 0).round().clip(0, np.iinfo(np.uint16).max).astype(np.uint16)


def compose(outer: np.ndarray, inner: np.ndarray) -> np.ndarray:
    """The affine map ``[2, 3]`` that applies ``inner`` first and then ``outer``, ``[2, 3]`` each."""
    return np.column_stack([outer[:, :2] @ inner[:, :2], outer[:, :2] @ inner[:, 2] + outer[:, 2]])


def _sample(frame: np.ndarray, matrix: np.ndarray, size: int, out: np.ndarray | None) -> np.ndarray:
    """The picture ``[size, size, 3]`` under a map from the unit square to pixels."""
    factor = shrink_factor(matrix, size)
    if factor > 1:
        frame, matrix = shrink_by(frame, factor), matrix / factor
    samples = max(1, int(np.ceil(_density(matrix, size) - 0.01)))  # along each side, at most 3
    side = samples * size
    places = np.column_stack([matrix[:, :2] / side, matrix @ (0.5 / side, 0.5 / side, 1) - 0.5])  # of pixels' centres
    flags = cv2.WARP_INVERSE_MAP | (cv2.INTER_CUBIC if samples == 1 else cv2.INTER_LINEAR)
    sampled = cv2.warpAffine(
        frame, places, (side, side), dst=out if samples == 1 else None, flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    return sampled if samples == 1 else cv2.resize(sampled, (size, size), dst=out, interpolation=cv2.INTER_AREA)


def shrink_factor(matrix: np.ndarray, size: int) -> int:
    """By how much a frame is shrunk before it is sampled, so that at most 3 x 3 pixels make one of the picture."""
    return max(1, round(_density(matrix, size) / 2))


def _density(matrix: np.ndarray, size: int) -> float:
    """Pixels of the frame per pixel of the picture."""
    return float(np.hypot(*matrix[:, :2]).max()) / size


def shrink_by(frame: np.ndarray, factor: int) -> np.ndarray:
    """Means of squares of ``factor`` pixels; an incomplete row or column at the end is completed by its last pixels."""
    rows, columns = (-length % factor for length in frame.shape[:2])
    if rows or columns:
        frame = cv2.copyMakeBorder(frame, 0, rows, 0, columns, cv2.BORDER_REPLICATE)
    height, width = frame.shape[:2]
    return cv2.resize(frame, (width // factor, height // factor), interpolation=cv2.INTER_AREA)
