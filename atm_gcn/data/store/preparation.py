"""Preparing a frame store: clips are decoded in parallel, and an interrupted preparation is resumed."""

import logging
import math
from collections.abc import Iterable, Sequence
from concurrent.futures import as_completed
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from atm_gcn.config import DataConfig
from atm_gcn.data.clip import Clip
from atm_gcn.data.clip_pictures.apex import apex_of_pictures
from atm_gcn.data.clip_pictures.face_search import NAMED, FaceSearch, search_faces
from atm_gcn.data.clip_pictures.flow_pictures import settle_flow
from atm_gcn.data.clip_pictures.reading import read_pictures
from atm_gcn.data.clip_pictures.settings_check import check_settings
from atm_gcn.data.manifest import FILE_NAME
from atm_gcn.data.recordings import recording_digest
from atm_gcn.data.similar_ids import resolve_similar_ids
from atm_gcn.data.store.array_file import ArrayWriter
from atm_gcn.data.store.disk_space import check_space
from atm_gcn.data.store.existing import find_existing
from atm_gcn.data.store.frame_store import FRAMES, TIMES, FrameStore, frames_digest
from atm_gcn.data.store.journal import FILE_NAME as JOURNAL
from atm_gcn.data.store.journal import DoneClip, Journal
from atm_gcn.data.store.meta import (
    DEPTH,
    DIGESTS,
    FACES,
    FLOW,
    FORMAT_VERSION,
    META,
    REGISTRATION,
    WITH_FACES,
    files_for,
    meta_digest,
)
from atm_gcn.data.store.planning import (
    PlannedClip,
    StorePlan,
    class_names,
    report_notes,
)
from atm_gcn.data.store.stored_clips import StoredClip, write_stored_clips
from atm_gcn.errors import ATMGCNError, some_of
from atm_gcn.files import file_digest, write_json
from atm_gcn.files.refusals import write_errors
from atm_gcn.files.unfinished import UnfinishedFolder
from atm_gcn.media.decoding_threads import decoding_threads
from atm_gcn.terminal.progress import progress_bar
from atm_gcn.version import __version__

logger = logging.getLogger(__name__)

FILES = {FRAMES, TIMES, FLOW, DEPTH, REGISTRATION, FACES, FILE_NAME, META, JOURNAL}
"""Files of an unfinished store; a folder with any other is refused."""


def prepare(
    clips: Iterable[Clip],
    out: str | Path,
    config: DataConfig | None = None,
    jobs: int | None = None,
    progress: bool = False,
) -> FrameStore:
    """Make a frame store of clips, or resume one that was interrupted.

    The store is made in ``OUT.partial``, which one process holds at a time and which is renamed once it is whole. A
    finished store of the same clips and settings is opened and left as it is. With ``config.face``, clips without the
    face are left out, or kept uncropped if ``config`` says so; with ``config.register``, clips that cannot be
    registered stay as recorded. Warnings name them, and so do ``meta["left_out"]``, ``meta["uncropped"]`` and
    ``meta["unregistered"]``, each with the reason.

    Args:
        clips: The clips, every label set. If their view is ``"flow"``, their sources are pictures of optical flow, and
            ``config.flow`` becomes ``"pictures"``.
        out: Folder of the store.
        config: The settings.
        jobs: Clips decoded at a time; by default one per core.
        progress: Show a bar on stderr.

    Raises:
        ATMGCNError: If a clip cannot be decoded or has fewer than two frames; if no clip has a face; if there are
            fewer than two classes and no action units; if ids or labels are similar and ``config`` refuses them; or if
            ``out`` or ``OUT.partial`` hold something else, or another process prepares ``out``.
    """
    out, clips = Path(out), list(clips)
    config = settle_flow(clips, config or DataConfig())
    plan = StorePlan(resolve_similar_ids(clips, config), config)
    store = find_existing(plan, out)
    if store is None:
        check_settings(config)
        with UnfinishedFolder(out, "frame store", lambda name: name in FILES) as folder:
            store = find_existing(plan, out)  # another process may have made it in between
            if store is None:
                _make(plan, folder, jobs, progress)
                # An empty working folder was replaced.
                return FrameStore.open(out if (out / META).is_file() else folder.out)
    logger.info("%s: nothing to do, the store is there already", out)
    return store


def _make(plan: StorePlan, folder: UnfinishedFolder, jobs: int | None, progress: bool) -> None:
    config, planned, files = plan.config, plan.planned, files_for(plan.config)
    checksums = {"checksum": plan.checksum, "manifest_checksum": plan.manifest_checksum}
    faces = FaceSearch(planned, {}, {})
    if FACES in files:
        faces = search_faces(planned, config, jobs, progress)
    classes = class_names([one.clip for one in faces.planned], config.classes)
    with write_errors(folder.name):
        journal = Journal.start(folder, " ".join([checksums["manifest_checksum"], *faces.left_out]))
        arrays = _allocate(folder.path, sum(len(one.numbers) for one in faces.planned), config)
        stored = _decode_all(faces.planned, arrays, journal, config, jobs, progress)
        report_notes(faces.planned)
        unregistered = {one.clip.key: journal.done[one.key].unregistered for one in faces.planned}
        unregistered = {key: reason for key, reason in unregistered.items() if reason}
        _report_unregistered(unregistered, len(stored))
        np.save(folder.path / TIMES, np.concatenate([one.seconds for one in faces.planned]))
        write_stored_clips(folder.path / FILE_NAME, stored)
        if FACES in files:
            records = {one.clip.key: one.face.record(config) for one in faces.planned if one.face is not None}
            write_json(folder.path / FACES, records)
        names = [FILE_NAME, TIMES, *sorted(files & {FACES, REGISTRATION})]
        digests = {name: file_digest(folder.path / name) for name in names}
        meta = checksums | _meta(stored, classes, faces, config, unregistered) | {DIGESTS: digests}
        write_json(folder.path / META, meta | {DIGESTS: digests | {META: meta_digest(meta)}}, decimals=None)
        folder.finish(without=[JOURNAL])


def _allocate(folder: Path, count: int, config: DataConfig) -> dict[str, ArrayWriter]:
    """The files with a row per frame, at their full length."""
    side, files = config.flow_pixels, files_for(config)
    shapes: dict[str, tuple[type, tuple[int, ...]]] = {FRAMES: (np.uint8, (count, config.size, config.size, 3))}
    if FLOW in files:
        shapes[FLOW] = np.float16, (count, side, side, 3)
    if DEPTH in files:
        shapes[DEPTH] = np.uint16, (count, config.size, config.size)
    if REGISTRATION in files:
        shapes[REGISTRATION] = np.float64, (count, 2, 3)
    check_space({folder / name: np.dtype(kind).itemsize * math.prod(shape) for name, (kind, shape) in shapes.items()})
    return {name: ArrayWriter(folder / name, *of_file) for name, of_file in shapes.items()}


def _decode_all(
    planned: Sequence[PlannedClip],
    arrays: dict[str, ArrayWriter],
    journal: Journal,
    config: DataConfig,
    jobs: int | None,
    progress: bool,
) -> list[StoredClip]:
    """Decode the clips that the journal lacks, and those whose rows are not those that were written."""
    _forget_changed(planned, arrays, journal, jobs)
    todo = [one for one in planned if one.key not in journal.done]
    bar = progress_bar(len(planned), "clips decoded", initial=len(planned) - len(todo), visible=progress)
    with bar, decoding_threads(jobs) as pool:
        futures = {pool.submit(_decode_one, one, arrays, config): one for one in todo}
        for future in as_completed(futures):
            journal.add(futures[future].key, future.result())
            bar.update()
    digest_of = cache(recording_digest)
    stored = []
    for one in planned:
        done, recording = journal.done[one.key], digest_of(one.clip.source)
        place = one.first, len(one.numbers), done.apex_position, done.apex_source
        stored.append(
            StoredClip(one.clip, *place, one.rate, recording, done.sha256, done.flow_sha256, done.depth_sha256)
        )
    return stored


def _forget_changed(
    planned: Sequence[PlannedClip], arrays: dict[str, ArrayWriter], journal: Journal, jobs: int | None
) -> None:
    """Strike the clips from the journal whose rows were lost or changed since it was written."""

    def is_whole(one: PlannedClip) -> bool:
        done, count = journal.done[one.key], len(one.numbers)
        digests = zip((FRAMES, FLOW, REGISTRATION, DEPTH), done.digests, strict=True)
        return 0 < done.apex_position < count and all(
            frames_digest(arrays[name].read(one.first, count)) == digest for name, digest in digests if name in arrays
        )

    resumed = [one for one in planned if one.key in journal.done]
    with decoding_threads(jobs) as pool:
        changed = [one for one, whole in zip(resumed, pool.map(is_whole, resumed), strict=True) if not whole]
    for one in changed:
        journal.forget(one.key)
    if changed:
        names = some_of([one.clip.key for one in changed])
        logger.warning(
            "%d of %d clips are decoded again, whose files were lost or changed: %s", len(changed), len(resumed), names
        )


def _decode_one(one: PlannedClip, arrays: dict[str, ArrayWriter], config: DataConfig) -> DoneClip:
    """Write what is stored of a clip."""
    try:
        pictures = read_pictures(one.source, one.numbers, config, one.face, one.depth)
    except ATMGCNError as error:
        raise ATMGCNError(f"{one.clip.key}: {error}") from error
    rows = {FRAMES: pictures.frames, FLOW: pictures.flow, REGISTRATION: pictures.registration, DEPTH: pictures.depth}
    for name, of_clip in rows.items():
        if name in arrays and of_clip is not None:
            arrays[name].write(one.first, of_clip)
    apex, source = apex_of_pictures(pictures, one.numbers, one.clip.apex, config)
    frames, flow, path, depth = (
        "" if name not in arrays or of_clip is None else frames_digest(of_clip) for name, of_clip in rows.items()
    )
    return DoneClip(apex, source, frames, flow, pictures.unregistered, path, depth)


def _report_unregistered(unregistered: dict[str, str], count: int) -> None:
    if unregistered:
        names = some_of(sorted(f"{key} ({reason})" for key, reason in unregistered.items()), NAMED)
        logger.warning("%d of %d clips stay unregistered: %s", len(unregistered), count, names)


def _meta(
    stored: Sequence[StoredClip],
    classes: list[str],
    faces: FaceSearch,
    config: DataConfig,
    unregistered: dict[str, str],
) -> dict[str, Any]:
    clips = [one.clip for one in stored]
    return {
        "format": WITH_FACES if files_for(config) or config.flow != "none" else FORMAT_VERSION,
        "atm_gcn": __version__,
        "config": config.record(),
        "classes": classes,
        "size": config.size,
        "fps": config.fps,
        "num_clips": len(stored),
        "num_subjects": len({clip.subject_key for clip in clips}),
        "num_frames": sum(one.num_frames for one in stored),
        "clips_per_class": {label: sum(clip.label == label for clip in clips) for label in classes},
        "left_out": faces.left_out,
        **{name: named for name, named in (("uncropped", faces.uncropped), ("unregistered", unregistered)) if named},
    }
