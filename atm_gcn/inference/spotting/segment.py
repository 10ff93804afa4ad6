"""What is kept of the frames of a stream while one face stays in one place, and the pictures that are made of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from atm_gcn.config import DataConfig
from atm_gcn.data.clip_pictures import ClipFace, ClipPictures, read_pictures
from atm_gcn.media.apex import SIDE, thumbnail
from atm_gcn.media.faces import crop_box
from atm_gcn.media.faces.detection import MARGIN
from atm_gcn.media.frame_part import FramePart
from atm_gcn.media.picture_transform import PictureTransform

BEYOND = 0.02  # share of a picture's side that interpolation may reach beyond the largest displacement


class Segment:
    """Consecutive frames of a stream with one face in one place: all are cropped or aligned by its first frame.

    Without registration, the finished picture of every frame is kept. With it, a frame can only be registered to an
    onset that is known later; the part of the frame is kept that the picture may show then, at no more than three times
    the picture's resolution, so that it is still sampled once.

    Args:
        config: Settings by which the models' training clips were prepared.
        face: The face, and the others of its frame; None for whole frames.
        around: The face about which motion is measured; None for whole frames.
        shape: Height and width of the frames.
    """

    def __init__(
        self, config: DataConfig, face: ClipFace | None, around: ClipFace | None, shape: tuple[int, ...]
    ) -> None:
        self.config, self.face = config, face
        self._whole = PictureTransform.whole(shape)
        self._transform = self._whole if face is None else face.transform(config)
        self._aligned = self._transform if face is not None and config.face == "align" else None
        self._box = None if around is None else crop_box(around.face, around.shape, MARGIN)
        beyond = config.register_limit + BEYOND
        self._part = FramePart.around(self._transform, shape, config.size, beyond)

    def thumbnail(self, frame: np.ndarray) -> np.ndarray:
        """The small grey picture of the face by which motion is measured."""
        if self._aligned is not None:
            return thumbnail(self._aligned.picture(frame, SIDE))
        return thumbnail(frame if self._box is None else self._box.crop(frame))

    def keep(self, frame: np.ndarray) -> np.ndarray:
        """What :meth:`pictures` needs of a frame, uint8 RGB."""
        if self.config.register == "none":
            return self._transform.picture(frame, self.config.size)
        return self._part.of(frame)

    def pictures(self, kept: Sequence[np.ndarray], numbers: Sequence[int]) -> ClipPictures:
        """The pictures of frames that were kept, registered to the first one, and with their optical flow.

        Args:
            kept: Of :meth:`keep`.
            numbers: The frames' numbers.
        """
        face = None
        if self.config.register != "none" and self.face is not None:
            face = _KeptFace.of_part(self.face, self._transform, self._part)
        found = read_pictures(_Kept(kept, numbers), np.array(numbers), self.config, face)
        return replace(found, face=self.face)


@dataclass(frozen=True)
class _KeptFace(ClipFace):
    """A face in pixels of the parts of frames that are kept."""

    kept_transform: PictureTransform | None = None

    @classmethod
    def of_part(cls, found: ClipFace, transform: PictureTransform, part: FramePart) -> "_KeptFace":
        """A face of whole frames."""
        face = found.face.moved(-part.left, -part.top).scaled(1 / part.factor)
        return cls(face, found.faces, found.position, found.number, found.shape, part.moved(transform))

    def transform(self, config: DataConfig) -> PictureTransform:
        assert self.kept_transform is not None
        return self.kept_transform


class _Kept:
    """Frames in memory, in the place of a recording."""

    path = Path("the stream")

    def __init__(self, frames: Sequence[np.ndarray], numbers: Sequence[int]) -> None:
        self._frames = dict(zip(numbers, frames, strict=True))

    def iterate(self, numbers: np.ndarray) -> Iterator[np.ndarray]:
        yield from (self._frames[number] for number in numbers.tolist())
