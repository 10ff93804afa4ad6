"""From clips to a frame store: decoded in parallel, resumable, whole or not at all."""

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from tqdm import tqdm

from atm_gcn.config import DataConfig
from atm_gcn.data.clip import Clip
from atm_gcn.data.decoding import apex_of, decode_clip
from atm_gcn.data.face import find_face_in
from atm_gcn.data.journal import Journal
from atm_gcn.data.manifest import FILE_NAME
from atm_gcn.data.planning import PlannedClip, class_names, plan
from atm_gcn.data.store import FORMAT_VERSION, FRAMES, META, FrameStore, StoredClip, store_checksum, write_clips
from atm_gcn.errors import ATMGCNError
from atm_gcn.files import write_json
from atm_gcn.version import __version__


def prepare(
    clips: Iterable[Clip],
    out: str | Path,
    config: DataConfig | None = None,
    jobs: int | None = None,
    progress: bool = False,
) -> FrameStore:
    """Make a frame store of clips, or go on with one that was interrupted.

    Work goes on in ``OUT.partial``, which is renamed once it is whole. A finished store of the same clips and settings
    is opened and left as it is.

    Args:
        clips: The clips, every label set.
        out: Folder of the store.
        config: The settings.
        jobs: Clips decoded at a time; by default one a core.
        progress: Show a bar on stderr.

    Raises:
        ATMGCNError: If a clip cannot be decoded, has fewer than two frames or no face; if there are fewer than two
            classes; or if ``out`` holds something else.
    """
    clips, out, config = list(clips), Path(out), config or DataConfig()
    classes = class_names(clips, config.classes)
    store = finished_store(clips, out, config)
    if store is not None:
        return store
    planned = plan(clips, config)
    partial = out.with_name(f"{out.name}.partial")
    try:
        journal = Journal.start(partial, store_checksum(clips, config))
        stored = _decode_all(planned, partial / FRAMES, journal, config, jobs, progress)
        write_clips(partial / FILE_NAME, stored)
        write_json(partial / META, _meta(stored, classes, clips, config))
        journal.remove()
        if out.exists():
            out.rmdir()  # it is empty
        partial.replace(out)
    except OSError as error:
        raise ATMGCNError(f"{out}: cannot be written ({error.strerror or error})") from error
    return FrameStore.open(out)


def finished_store(clips: Sequence[Clip], out: Path, config: DataConfig) -> FrameStore | None:
    """The store at ``out`` if it is finished and was made of these clips with these settings; None if nothing is there.

    Raises:
        ATMGCNError: If something else is at ``out``; settings that differ are named.
    """
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return None
    if not (out / META).is_file():
        raise ATMGCNError(f"{out}: exists and is no frame store; choose another folder")
    store = FrameStore.open(out)
    if store.meta.get("checksum") == store_checksum(clips, config):
        return store
    there, asked = store.meta.get("config", {}), config.model_dump(mode="json")
    differ = [key for key in asked if there.get(key) != asked[key]]
    if differ:
        made, wanted = (", ".join(f"{key}={settings.get(key)}" for key in differ) for settings in (there, asked))
        reason = f"made with {made}, where {wanted} is asked"
    else:
        reason = f"of another manifest ({len(store)} clips there, {len(clips)} asked)"
    raise ATMGCNError(f"{out}: is a frame store {reason}; choose another folder, or delete this one")


def _decode_all(
    planned: Sequence[PlannedClip], frames: Path, journal: Journal, config: DataConfig, jobs: int | None, progress: bool
) -> list[StoredClip]:
    """Decode the clips that the journal lacks; OpenCV leaves Python's lock while it works, so threads suffice."""
    data_offset = _allocate(frames, sum(len(one.numbers) for one in planned), config.size)
    todo = [one for one in planned if one.clip.key not in journal.done]
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    pool = ThreadPoolExecutor(jobs or _cores())
    try:
        futures = {pool.submit(_decode_one, one, frames, data_offset, config): one for one in todo}
        bar = tqdm(total=len(planned), initial=len(planned) - len(todo), unit="clip", disable=not progress)
        with bar:
            for future in as_completed(futures):
                journal.add(futures[future].clip.key, *future.result())
                bar.update()
    finally:
        pool.shutdown(cancel_futures=True)
        cv2.setNumThreads(threads)
    return [StoredClip(one.clip, one.first, len(one.numbers), *journal.done[one.clip.key]) for one in planned]


def _decode_one(one: PlannedClip, frames: Path, data_offset: int, config: DataConfig) -> tuple[int, str]:
    """Write the clip's frames to their place; return the apex's position and how it was chosen."""
    try:
        box = None
        if config.face == "crop":
            _, box = find_face_in(one.source.iterate(one.numbers), where=one.clip.source)
        decoded = decode_clip(one.source, one.numbers, config.size, box)
    except ATMGCNError as error:
        raise ATMGCNError(f"{one.clip.key}: {error}") from error
    with frames.open("r+b") as file:  # not through a memory map: a full disk must be an error, not a signal
        file.seek(data_offset + one.first * decoded[0].nbytes)
        file.write(decoded)
        file.flush()
        os.fsync(file.fileno())
    return apex_of(decoded, one.numbers, one.clip.apex, config.apex)


def _allocate(frames: Path, num_frames: int, size: int) -> int:
    """Give the file its header and its length, keeping what it holds; return where the first frame starts."""
    header = {"descr": "|u1", "fortran_order": False, "shape": (num_frames, size, size, 3)}
    with frames.open("r+b" if frames.exists() else "w+b") as file:
        np.lib.format.write_array_header_1_0(file, header)
        data_offset = file.tell()
        file.truncate(data_offset + num_frames * size * size * 3)
    return data_offset


def _meta(
    stored: Sequence[StoredClip], classes: list[str], clips: Sequence[Clip], config: DataConfig
) -> dict[str, Any]:
    return {
        "format": FORMAT_VERSION,
        "atm_gcn": __version__,
        "checksum": store_checksum(clips, config),
        "config": config.model_dump(mode="json"),
        "classes": classes,
        "size": config.size,
        "fps": config.fps,
        "num_clips": len(stored),
        "num_subjects": len({clip.subject_key for clip in clips}),
        "num_frames": sum(one.num_frames for one in stored),
        "clips_per_class": {label: sum(clip.label == label for clip in clips) for label in classes},
    }


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
