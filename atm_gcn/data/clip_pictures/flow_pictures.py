"""Recordings that are pictures of optical flow, as public repositories publish it."""

from collections.abc import Sequence

import numpy as np

from atm_gcn.config import DataConfig
from atm_gcn.data.clip import Clip
from atm_gcn.errors import ATMGCNError


def settle_flow(clips: Sequence[Clip], config: DataConfig) -> DataConfig:
    """The settings for these clips: ``flow`` and ``view`` agree with what their sources show, and with each other.

    Raises:
        ATMGCNError: If they cannot, or only some of the clips are pictures of optical flow.
    """
    other = next((clip for clip in clips if clip.shows != clips[0].shows), None)
    if other is not None:
        raise ATMGCNError(
            f"{other.key}: its view is {other.shows}, and {clips[0].shows} that of {clips[0].key}; prepare clips of "
            "frames and of optical flow as two stores"
        )
    if clips and clips[0].view == "flow":
        if config.flow not in ("none", "pictures"):
            raise ATMGCNError(
                f"--flow {config.flow} is computed from frames, and the clips have view flow; leave it out"
            )
        config = config.model_copy(update={"flow": "pictures"})
    if config.flow == "pictures":
        frames = next((clip for clip in clips if clip.view == "frames"), None)
        if frames is not None:
            raise ATMGCNError(
                f"{frames.key}: its view is frames, and --flow pictures needs pictures of optical flow; leave it out, "
                "or write flow into the column view"
            )
        return _settle_pictures(config)
    if config.view != "frames" and config.flow == "none":
        raise ATMGCNError(f"view={config.view} needs optical flow; add --flow dis, farneback or tvl1")
    return config


def _settle_pictures(config: DataConfig) -> DataConfig:
    for name in ("face", "register"):
        value = getattr(config, name)
        if value != "none":
            raise ATMGCNError(f"--{name} {value} needs frames, and pictures of optical flow show no face; leave it out")
    if config.depth:
        raise ATMGCNError("--depth is stored beside frames, and the clips are pictures of optical flow; leave it out")
    if config.view == "both":
        raise ATMGCNError("view=both needs frames beside the pictures of optical flow; leave the setting out")
    return config.model_copy(update={"view": "flow"})


def check_colours(pictures: np.ndarray, where: str) -> None:
    """Make sure that pictures of optical flow ``[L, H, W, 3]`` hold more than one channel; the onset may be grey.

    Raises:
        ATMGCNError: Beginning with ``where``, if all of them are grey.
    """
    red = pictures[1:, ..., :1]
    if (pictures[1:] == red).all():
        raise ATMGCNError(
            f"{where}: its pictures of optical flow are grey, and must have u in red, v in green and strain in blue; "
            "write them in colour, or prepare frames without --flow pictures"
        )
