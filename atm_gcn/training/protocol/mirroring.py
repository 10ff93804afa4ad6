"""Whether clips that are mirrored or centred are what the settings take them for: faces, or pictures of flow."""

import logging

from atm_gcn.config import ModelConfig, RunConfig
from atm_gcn.data import ClipStore
from atm_gcn.errors import ATMGCNError

log = logging.getLogger(__name__)


def check_mirroring(config: RunConfig, store: ClipStore) -> None:
    """Make sure that mirroring negates u where frames are pictures of optical flow, and nowhere else.

    Centring of flow is looked at likewise: frames are not centred.

    A store knows that its frames show faces if it says so of a clip, if they were searched for faces or registered, or
    if optical flow was computed from them. Otherwise a few clips are looked at, and what seems wrong is logged.

    Raises:
        ATMGCNError: If ``train.augment.flip`` is ``"flow"``, and frames are read that are known to be none of flow.
    """
    flip, averages, centers = config.train.augment.flip, False, False
    if isinstance(config.model, ModelConfig):
        averages, centers = config.model.average_mirrored, config.model.center_flow
    if not (flip or averages or centers) or config.data.view == "flow" or store.frame_size is None:
        return
    known = _shown(store)
    if flip == "flow" and known:
        raise ATMGCNError(
            f"train.augment.flip is flow, which is for pictures of optical flow, but {store.name} {known}; set "
            "train.augment.flip=true"
        )
    if known:
        return
    are_flow = store.look_like_flow()
    if flip == "flow" and not are_flow:
        log.warning(
            "train.augment.flip is flow, but the frames of %s do not look like pictures of optical flow with u in "
            "their first channel; if they show faces, set train.augment.flip=true",
            store.name,
        )
    elif flip is True and are_flow:
        log.warning(
            "the frames of %s look like pictures of optical flow, which train.augment.flip=true mirrors without "
            "negating u; prepare them with --set data.flow=pictures, or set train.augment.flip=flow",
            store.name,
        )
    if averages and are_flow:
        log.warning(
            "the frames of %s look like pictures of optical flow, which model.average_mirrored=true mirrors without "
            "negating u; prepare them with --set data.flow=pictures, and they are read as optical flow",
            store.name,
        )

    if centers and are_flow:
        log.warning(
            "the frames of %s look like pictures of optical flow, which model.center_flow=true does not center; "
            "prepare them with --set data.flow=pictures, and they are read as optical flow",
            store.name,
        )


def _shown(store: ClipStore) -> str:
    """How the store knows that its frames show faces, as a predicate; empty if it does not."""
    config = store.config
    said = next((stored.clip for stored in store.clips if stored.clip.view == "frames"), None)
    if said is not None:
        return f"says that clip {said.key} shows frames"
    if config.face != "none" or config.register != "none":
        option = f"--face {config.face}" if config.face != "none" else f"--register {config.register}"
        return f"was prepared with {option}, so that its frames show faces"
    if config.flow not in ("none", "pictures"):
        return f"was prepared with --flow {config.flow}, which is computed from frames of faces"
    return ""
