"""A frame store that exists already: the planned one, or how it differs."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from atm_gcn.data.clip import Clip
from atm_gcn.data.store.frame_store import FrameStore
from atm_gcn.data.store.journal import FILE_NAME as JOURNAL
from atm_gcn.data.store.meta import META, WITHOUT_TIMES
from atm_gcn.data.store.planning import StorePlan, manifest_checksum
from atm_gcn.errors import ATMGCNError
from atm_gcn.files.unfinished import remove_mark


def find_existing(plan: StorePlan, out: Path) -> FrameStore | None:
    """The store at ``out`` if it is finished and was made by the same plan; None if ``out`` is empty or absent.

    The recordings may have been moved or deleted since.

    Raises:
        ATMGCNError: If something else is at ``out``; the message names the first difference.
    """
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return None
    if not (out / META).is_file():
        raise ATMGCNError(f"{out}: exists and is no frame store; choose another folder")
    store = FrameStore.open(out)
    if store.meta["format"] == WITHOUT_TIMES:
        reason = "of an earlier format, without the times of its frames"
    elif store.meta.get("manifest_checksum") != plan.manifest_checksum:
        reason = _difference(store, plan)
    elif _frames_changed(store, plan):
        reason = "made before the frames of its clips were changed"
    else:
        remove_mark(out, [JOURNAL])
        return store
    raise ATMGCNError(
        f"{out}: is a frame store {reason}; choose another folder, or delete this one{_kept_by(store, plan)}"
    )


def _kept_by(store: FrameStore, plan: StorePlan) -> str:
    """The option by which the store is kept if only the detector differs, as that of earlier versions does."""
    detector = store.config.face_detector
    same = manifest_checksum(plan.clips, plan.config.model_copy(update={"face_detector": detector}))
    if store.meta.get("manifest_checksum") in (plan.manifest_checksum, None) or same != store.meta["manifest_checksum"]:
        return ""
    return f"; or keep it with --face-detector {detector}"


def _difference(store: FrameStore, plan: StorePlan) -> str:
    """The first of settings, classes and clips that differs."""
    made, asked = store.config.model_dump(mode="json"), plan.config.model_dump(mode="json")
    without_effect = {"view"} | (store.config.unused & plan.config.unused)
    settings = [key for key in asked if made[key] != asked[key] and key not in without_effect]
    if settings:
        before, after = (", ".join(f"{key}={some.get(key)}" for key in settings) for some in (made, asked))
        return f"made with {before}, where {after} is asked"
    if store.classes != plan.classes and not store.meta.get("left_out"):
        return f"of the classes {', '.join(store.classes)}, where {', '.join(plan.classes)} are asked"
    stored = {one.clip.key: _told(one.clip) for one in store.clips}
    for clip in plan.clips:
        old, new = stored.get(clip.key, {}), _told(clip)
        field = next((key for key in old if key != "source" and old[key] != new[key]), None)
        if field:
            return f"in which clip {clip.key} has {field} {old[field]}, where {new[field]} is asked"
    count = len(store) + len(store.meta.get("left_out", {}))
    if count == len(plan.clips):
        return "of other clips, or of the same in another order"
    return f"of other clips ({count} in it, {len(plan.clips)} asked)"


def _told(clip: Clip) -> dict[str, Any]:
    return asdict(clip) | {"view": clip.shows}


def _frames_changed(store: FrameStore, plan: StorePlan) -> bool:
    try:
        return plan.checksum != store.meta.get("checksum")
    except ATMGCNError:
        return False  # the recordings are gone, and the store replaces them
