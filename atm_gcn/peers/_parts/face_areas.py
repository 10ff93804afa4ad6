"""Crops around the eyes and the corners of the mouth."""

import torch
from torch import Tensor

from atm_gcn.errors import BatchError

AREAS = (0, 1, 3, 4)
"""Rows of the landmarks around which the areas lie: left eye, right eye, left and right corner of the mouth."""
USUAL_PLACES = ((9.528, 11.063), (21.396, 10.920), (15.380, 17.381), (10.255, 22.121), (20.583, 22.256))
"""x and y of the landmarks at 28 x 28 pixels that HTNet's authors take where no face is found."""
USUAL_SIDE = 28


def area_centres(landmarks: Tensor | None, count: int, side: int, device: torch.device | None = None) -> Tensor:
    """Whole pixels ``[B, 4, 2]``, x and y, at which the areas of pictures of ``side`` x ``side`` pixels lie.

    A centre lies no nearer to the edge than a quarter of the side, so that every area lies inside, and is rounded down.

    Args:
        landmarks: ``[B, 5, 2]`` x and y of left eye, right eye, nose, left and right corner of the mouth as shares of
            the picture's side. A clip with NaN takes :data:`USUAL_PLACES`, as all do for None.
        count: B.
        side: A multiple of 4.
        device: Where the result lies.

    Raises:
        BatchError: If the landmarks have another shape.
    """
    usual = torch.tensor(USUAL_PLACES, device=device).expand(count, -1, -1) / USUAL_SIDE
    places = usual if landmarks is None else landmarks.to(usual)
    if places.shape != usual.shape:
        raise BatchError(f"landmarks must be {list(usual.shape)}, five x and y per clip, not {list(places.shape)}")
    places = usual.where(places.isnan().any(dim=(1, 2), keepdim=True), places)
    return (places[:, list(AREAS)] * side).clamp(side // 4, side - side // 4).long()


def face_areas(pictures: Tensor, centres: Tensor) -> Tensor:
    """The four areas of every picture, each of half its side, beside each other in a picture of the same size.

    The eyes stand on top, the corners of the mouth below.

    Args:
        pictures: ``[B, C, side, side]``.
        centres: int64 ``[B, 4, 2]``, x and y.
    """
    count, channels, side, _ = pictures.shape
    steps = torch.arange(side // 2, device=centres.device) - side // 4
    columns, rows = (centres[..., None] + steps).unbind(2)  # [B, 4, side / 2]
    clip = torch.arange(count, device=centres.device)[:, None, None, None]
    areas = pictures.movedim(1, -1)[clip, rows[..., :, None], columns[..., None, :]]  # [B, 4, side / 2, side / 2, C]
    tiles = areas.unflatten(1, (2, 2)).permute(0, 5, 1, 3, 2, 4)  # [B, C, 2, side / 2, 2, side / 2]
    return tiles.reshape(count, channels, side, side)
