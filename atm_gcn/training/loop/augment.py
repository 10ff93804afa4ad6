"""Augmentation of whole clips: random parameters are drawn once per clip and apply to all of its frames.

A shift or a change of colour that differed between two frames would look like motion.
"""

from typing import Any, Literal, NamedTuple, Self

import torch
import torch.nn.functional as F
from torch import Tensor
from torch_geometric.data import Batch

from atm_gcn.config import AugmentConfig
from atm_gcn.errors import require


class AugmentationParameters(NamedTuple):
    """Random parameters of the clips of a batch, one value per clip, each ``[B]``.

    Args:
        right, down: Shift as a fraction of the side, in [-crop, crop].
        mirror: Whether to mirror.
        brightness, contrast, saturation: Relative change, in [-jitter, jitter].
        angle: Rotation in degrees, clockwise in the picture, in [-rotate, rotate].
    """

    right: Tensor
    down: Tensor
    mirror: Tensor
    brightness: Tensor
    contrast: Tensor
    saturation: Tensor
    angle: Tensor


OTHER_SIDE = [1, 0, 2, 4, 3]
"""The landmark on the other side of the face: of the eyes, the nose and the corners of the mouth."""
DRAWN = len(AugmentationParameters._fields) - 1
"""Random numbers of a clip that is not rotated."""


class Augment:
    """Rotation, shift, mirroring and colour jitter for a batch of clips, on the batch's device.

    A rotated or shifted picture keeps its size, and its border pixels fill the uncovered part.

    Args:
        crop: Largest shift as a fraction of the side, in [0, 0.5).
        flip: Mirror with probability 0.5. ``"flow"`` is for frames that are pictures of optical flow: it negates u in
            them too, see :func:`mirror_flow_pictures`.
        jitter: Largest relative change of brightness, contrast and saturation, in [0, 1).
        rotate: Largest rotation about the centre, in degrees.

    Raises:
        ATMGCNError: If ``jitter`` is not 0 and kornia is not installed.
    """

    def __init__(
        self, crop: float = 0.0, flip: bool | Literal["flow"] = False, jitter: float = 0.0, rotate: float = 0.0
    ) -> None:
        self.crop, self.flip, self.jitter, self.rotate = crop, bool(flip), jitter, rotate
        self.mirrors_pictures_of_flow = flip == "flow"
        self.enhance: Any = (
            require("kornia.enhance", "train", "colour jitter (train.augment.jitter)") if jitter else None
        )

    @classmethod
    def from_config(cls, config: AugmentConfig) -> Self:
        return cls(config.crop, config.flip, config.jitter, config.rotate)

    def sample(self, num_clips: int, generator: torch.Generator) -> AugmentationParameters:
        """Draw the parameters of ``num_clips`` clips, one after another, so that batching makes no difference.

        How far the generator advances depends on no setting but whether clips are rotated.
        """
        uniform = 2 * torch.rand(num_clips, DRAWN + bool(self.rotate), generator=generator).T - 1
        draw = AugmentationParameters(*uniform, *([] if self.rotate else [torch.zeros(num_clips)]))
        return AugmentationParameters(
            right=self.crop * draw.right,
            down=self.crop * draw.down,
            mirror=(draw.mirror < 0) & self.flip,
            brightness=self.jitter * draw.brightness,
            contrast=self.jitter * draw.contrast,
            saturation=self.jitter * draw.saturation,
            angle=self.rotate * draw.angle,
        )

    def __call__(self, batch: Batch, generator: torch.Generator) -> Batch:
        """Augment ``batch.frames`` ``[F, 3, H, W]`` and ``batch.onset_frame`` ``[B, 3, H, W]``, uint8 or in 0..1.

        uint8 stays uint8, unless there is jitter: then it becomes float32 in 0..1. Optical flow ``batch.flow``
        ``[F, 3, h, w]`` and depth ``batch.depth`` ``[F, 1, H, W]`` are shifted by the same part of their side, u and v
        turn with the picture, a mirrored clip's u is negated, and jitter leaves both as they are. ``batch.landmarks``
        ``[B, 5, 2]`` move with the picture, and left and right change places in a mirrored one. Features are left as
        they are.
        """
        drawn = self.sample(batch.num_graphs, generator)
        clip, onset = batch.batch, torch.arange(batch.num_graphs, device=batch.batch.device)
        for name, owner in (("frames", clip), ("onset_frame", onset), ("flow", clip), ("depth", clip)):
            if name not in batch:
                continue
            images = batch[name]
            if self.rotate:
                images = rotate(images, owner, drawn.angle)
                images = turn_flow(images, owner, drawn.angle) if name == "flow" else images
            if self.crop or self.flip:
                images = shift(images, owner, drawn.right, drawn.down, drawn.mirror)
            if name == "flow":
                images = mirror_flow(images, owner, drawn.mirror) if self.flip else images
            elif name != "depth":
                if self.mirrors_pictures_of_flow:
                    images = mirror_flow_pictures(images, owner, drawn.mirror)
                if self.enhance is not None:
                    images = self._jitter(images, owner, drawn)
            batch[name] = images
        if "landmarks" in batch and (self.crop or self.flip or self.rotate):
            batch.landmarks = move_landmarks(batch.landmarks, drawn)
        return batch

    def _jitter(self, images: Tensor, owner: Tensor, drawn: AugmentationParameters) -> Tensor:
        """All three maps are pointwise, so that equal pixels of two frames stay equal."""
        change = {
            name: getattr(drawn, name).to(images.device)[owner] for name in ("brightness", "contrast", "saturation")
        }
        images = images.float() if images.is_floating_point() else images.float() / 255
        images = self.enhance.adjust_brightness(images, change["brightness"])
        images = self.enhance.adjust_contrast(images, 1 + change["contrast"])
        return self.enhance.adjust_saturation_with_gray_subtraction(images, 1 + change["saturation"])


def shift(images: Tensor, owner: Tensor, right: Tensor, down: Tensor, mirror: Tensor) -> Tensor:
    """Shift and mirror images by the parameters of their clips.

    Args:
        images: ``[F, C, H, W]``, any dtype.
        owner: Clip of each image, int64 ``[F]``.
        right, down: Shift of each clip as a fraction of the side, ``[B]``.
        mirror: Whether to mirror each clip, bool ``[B]``.
    """
    height, width = images.shape[-2:]
    device = images.device
    columns = _sources(width, right.to(device), mirror.to(device))[owner]  # [F, W]
    rows = _sources(height, down.to(device), torch.zeros_like(mirror).to(device))[owner]  # [F, H]
    image = torch.arange(len(images), device=device)
    # Indexing around the channels puts them last: [F, H, W, C].
    return images[image[:, None, None], :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def rotate(images: Tensor, owner: Tensor, angle: Tensor) -> Tensor:
    """Rotate square images about their centre, with bilinear interpolation; integers are rounded.

    Args:
        images: ``[F, C, H, W]``, uint8 or floating point.
        owner: Clip of each image, int64 ``[F]``.
        angle: Of each clip, in degrees clockwise, ``[B]``.
    """
    radians = angle.to(images.device).deg2rad()
    cosine, sine, zero = radians.cos(), radians.sin(), torch.zeros_like(radians)
    to_source = torch.stack([cosine, sine, zero, -sine, cosine, zero], dim=1).view(-1, 2, 3)[owner]
    dtype = images.dtype if images.is_floating_point() else torch.float32
    grid = F.affine_grid(to_source.to(dtype), list(images.shape), align_corners=False)
    turned = F.grid_sample(images.to(dtype), grid, padding_mode="border", align_corners=False)
    return turned if images.is_floating_point() else turned.round().clamp(0, 255).to(images.dtype)


def turn_flow(flow: Tensor, owner: Tensor, angle: Tensor) -> Tensor:
    """Turn the vectors (u, v) of rotated optical flow ``[F, 3, h, w]``; arguments as for :func:`rotate`."""
    radians = angle.to(flow.device).deg2rad()[owner, None, None]
    cosine, sine, (u, v, strain) = radians.cos(), radians.sin(), flow.unbind(1)
    return torch.stack([cosine * u - sine * v, sine * u + cosine * v, strain], dim=1)


def move_landmarks(landmarks: Tensor, drawn: AugmentationParameters) -> Tensor:
    """Where the landmarks ``[B, 5, 2]`` of every clip lie after rotation, mirroring and shift."""
    angle, right, down, mirror = (value.to(landmarks) for value in (drawn.angle, drawn.right, drawn.down, drawn.mirror))
    radians = angle.deg2rad()[:, None]
    x, y = (landmarks - 0.5).unbind(2)  # from the centre
    x, y = radians.cos() * x - radians.sin() * y, radians.sin() * x + radians.cos() * y
    mirror = mirror[:, None].bool()
    x = torch.where(mirror, -x - right[:, None], x + right[:, None])  # as shift does
    moved = torch.stack([x, y + down[:, None]], dim=2) + 0.5
    return torch.where(mirror[:, :, None], moved[:, OTHER_SIDE], moved)


def mirror_flow(flow: Tensor, owner: Tensor, mirror: Tensor) -> Tensor:
    """Negate u of the mirrored clips: what moved to the right moves to the left.

    Args:
        flow: Mirrored already, ``[F, 3, h, w]``; its channels are u, v and strain.
        owner: Clip of each row, int64 ``[F]``.
        mirror: Whether each clip is mirrored, bool ``[B]``.
    """
    sign = torch.ones(len(mirror), 3, dtype=flow.dtype, device=flow.device)
    sign[:, 0] = torch.where(mirror.to(flow.device), -1.0, 1.0)
    return flow * sign[owner, :, None, None]


def mirror_flow_pictures(pictures: Tensor, owner: Tensor, mirror: Tensor) -> Tensor:
    r"""Negate u in pictures of optical flow of the mirrored clips.

    u lies in the first channel, as :func:`~atm_gcn.media.optical_flow.flow_from_picture` reads it, and a value v of it
    becomes 255 - v (1 - v in floating point). That is done to the onset's picture as well, although it stands for no
    movement: an encoder reads differences :math:`\Delta f` to it, and with both mapped the difference of u becomes its
    exact negative, whichever of the two middle greys 127 and 128 the onset has.

    Args:
        pictures: Mirrored already, ``[F, 3, H, W]``, of integers in 0..255 or floating point in 0..1.
        owner: Clip of each picture, int64 ``[F]``.
        mirror: Whether each clip is mirrored, bool ``[B]``.
    """
    largest, pictures = 1 if pictures.is_floating_point() else 255, pictures.clone()
    mirrored = mirror.to(pictures.device)[owner, None, None]
    pictures[:, 0] = torch.where(mirrored, largest - pictures[:, 0], pictures[:, 0])
    return pictures


def _sources(size: int, fraction: Tensor, mirror: Tensor) -> Tensor:
    """Source position of each pixel along one side, ``[B, size]``."""
    place = torch.arange(size, device=fraction.device)
    place = torch.where(mirror[:, None], size - 1 - place, place)
    return (place - (fraction[:, None] * size).round().long()).clamp(0, size - 1)
