"""A frame store that is there already: the one that is asked for, or how it differs."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from atm_gcn.config import DataConfig
from atm_gcn.data.clip import Clip
from atm_gcn.data.store.frame_store import FrameStore, manifest_checksum
from atm_gcn.data.store.journal import FILE_NAME as JOURNAL
from atm_gcn.data.store.meta import FORMAT_VERSION, META
from atm_gcn.data.store.planning import class_names, plan, plan_checksum
from atm_gcn.errors import ATMGCNError
from atm_gcn.files.unfinished import remove_mark


def finished_store(clips: Sequence[Clip], out: Path, config: DataConfig) -> FrameStore | None:
    """The store at ``out`` if it is finished and was made of these clips with these settings; None if nothing is there.

    Where the clips lie makes no difference, so that they can be moved; nor does it matter if they are gone.

    Raises:
        ATMGCNError: If something else is at ``out``; what differs is named, as it is there and as it is asked.
    """
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return None
    if not (out / META).is_file():
        raise ATMGCNError(f"{out}: exists and is no frame store; choose another folder")
    store = FrameStore.open(out)
    if store.meta["format"] != FORMAT_VERSION:
        reason = "of an earlier format, without the times of its frames"
    elif store.meta.get("manifest_checksum") != manifest_checksum(clips, config):
        reason = _difference(store, clips, config)
    elif _frames_changed(store, clips, config):
        reason = "made before the frames of its clips were changed"
    else:
        remove_mark(out, [JOURNAL])
        return store
    raise ATMGCNError(f"{out}: is a frame store {reason}; choose another folder, or delete this one")


def _difference(store: FrameStore, clips: Sequence[Clip], config: DataConfig) -> str:
    """The first of settings, classes and clips that differs."""
    there = DataConfig().model_dump(mode="json") | store.meta.get("config", {})
    asked = config.model_dump(mode="json")
    settings = [key for key in asked if there[key] != asked[key]]
    if settings:
        made, wanted = (", ".join(f"{key}={some.get(key)}" for key in settings) for some in (there, asked))
        return f"made with {made}, where {wanted} is asked"
    classes = class_names(clips, config.classes)
    if store.classes != classes and not store.meta.get("left_out"):
        return f"of the classes {', '.join(store.classes)}, where {', '.join(classes)} are asked"
    stored = {one.clip.key: one.clip for one in store.clips}
    for clip in clips:
        if clip.key in stored:
            was, wanted = asdict(stored[clip.key]), asdict(clip)
            field = next((key for key in was if key != "source" and was[key] != wanted[key]), None)
            if field:
                return f"in which clip {clip.key} has {field} {was[field]}, where {wanted[field]} is asked"
    there_are = len(store) + len(store.meta.get("left_out", {}))
    if there_are == len(clips):
        return "of other clips, or of the same in another order"
    return f"of other clips ({there_are} there, {len(clips)} asked)"


def _frames_changed(store: FrameStore, clips: Sequence[Clip], config: DataConfig) -> bool:
    try:
        return plan_checksum(plan(clips, config), config) != store.meta.get("checksum")
    except ATMGCNError:
        return False  # the frames are gone: the store is what is left of them
