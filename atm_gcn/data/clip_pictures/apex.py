"""The apex of a clip among its pictures."""

import numpy as np

from atm_gcn.config import DataConfig
from atm_gcn.data.clip_frames import apex_of
from atm_gcn.data.clip_pictures.reading import ClipPictures


def apex_of_pictures(
    pictures: ClipPictures, numbers: np.ndarray, apex: int | None, config: DataConfig
) -> tuple[int, str]:
    """The apex's 0-based position among the stored frames, and how it was chosen.

    Among pictures of optical flow, ``"max-motion"`` takes the one with the largest mean of :math:`\\sqrt{u^2 + v^2}`;
    among frames, the one that differs most from the onset (:func:`~atm_gcn.media.apex.choose_apex`).

    Args:
        pictures: Of the clip.
        numbers: The frames' numbers.
        apex: Number of the annotated apex, if any. One that is the onset shows no movement and counts as unknown.
        config: The settings.

    Returns:
        The position, in ``[1, L)``, and ``"annotated"``, ``"max-motion"`` or ``"middle"``.
    """
    if config.flow != "pictures" or config.apex == "middle" or (apex is not None and apex > numbers[0]):
        return apex_of(pictures.frames, numbers, apex, config.apex)
    from atm_gcn.media.optical_flow import flow_from_picture

    flow = (flow_from_picture(picture) for picture in pictures.frames[1:])
    return 1 + int(np.argmax([np.hypot(one[..., 0], one[..., 1]).mean() for one in flow])), "max-motion"
