"""Whether a source shows what the models read: frames, or pictures of optical flow."""

from collections.abc import Sequence

import numpy as np

from atm_gcn.config import DataConfig
from atm_gcn.data import Clip
from atm_gcn.errors import ATMGCNError
from atm_gcn.inference.ensemble import Ensemble
from atm_gcn.media.sources import open_source


def check_views(ensemble: Ensemble, clips: Sequence[Clip]) -> None:
    """Check the clips of manifests before any is predicted, so that one sentence says what is wrong with all of them.

    Raises:
        ATMGCNError: If the models cannot read the view of one, or pictures of the first are not what the models read.
    """
    for clip in clips:
        check_view(ensemble, clip)
    if not clips or clips[0].view == "flow" or not ensemble.reads_flow_pictures:
        return
    first = clips[0]
    try:
        pictures = open_source(first.source).read(sorted({first.onset, first.apex or first.offset, first.offset}))
    except ATMGCNError:  # the prediction of this clip reports it
        return
    _check_pictures(ensemble, pictures, first)


def check_view(ensemble: Ensemble, clip: Clip) -> None:
    """Check that the models read what the row of a manifest says that its source shows.

    Raises:
        ATMGCNError: If the row says pictures of optical flow, and the models read frames.
    """
    if clip.view == "flow" and not ensemble.reads_flow_pictures and ensemble.input != "features":
        raise ATMGCNError(
            f"{clip.key}: its view in the manifest is flow, for pictures of optical flow, and the models of "
            f"{ensemble.path} read {ensemble.reads}; name a model of such pictures, or leave view out if they are "
            "frames"
        )


def unlike_view(
    ensemble: Ensemble, pictures: Sequence[np.ndarray] | np.ndarray, config: DataConfig, clip: Clip | None = None
) -> list[str]:
    """A warning if pictures that were read do not look like what the models read; judged by their colours.

    Args:
        ensemble: The models.
        pictures: Of the input, uint8 RGB ``[H, W, 3]`` each, the onset's first.
        config: Settings by which they were read.
        clip: The row of a manifest that names the source; None without one.

    Raises:
        ATMGCNError: If a manifest says so too.
    """
    from atm_gcn.media.optical_flow import looks_like_flow

    if config.flow == "pictures" and clip is not None and clip.view != "flow":
        _check_pictures(ensemble, pictures, clip)
        return []
    if looks_like_flow(pictures) == (config.flow == "pictures"):
        return []
    looks = "ordinary frames" if config.flow == "pictures" else "pictures of optical flow"
    return [f"it looks like {looks}, and the models read {ensemble.reads}"]


def _check_pictures(ensemble: Ensemble, pictures: Sequence[np.ndarray] | np.ndarray, clip: Clip) -> None:
    from atm_gcn.media.optical_flow import looks_like_flow

    if not looks_like_flow(pictures):
        raise ATMGCNError(
            f"{clip.key}: its view in the manifest is {clip.view}, and the models of {ensemble.path} read "
            f"{ensemble.reads}; name a model of frames, or write flow in the column view if they are such pictures"
        )
