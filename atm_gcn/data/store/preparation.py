"""Preparing a frame store: clips are decoded in parallel, and an interrupted preparation is resumed."""

import logging
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import as_completed
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from atm_gcn.config import DataConfig
from atm_gcn.data.clip import Clip
from atm_gcn.data.clip_frames import apex_of, decode_clip
from atm_gcn.data.manifest import FILE_NAME
from atm_gcn.data.recordings import recording_digest
from atm_gcn.data.similar_ids import resolve_similar_ids
from atm_gcn.data.store.disk_space import check_space
from atm_gcn.data.store.existing import find_existing
from atm_gcn.data.store.frame_store import FRAMES, TIMES, FrameStore, frames_digest
from atm_gcn.data.store.journal import FILE_NAME as JOURNAL
from atm_gcn.data.store.journal import Journal
from atm_gcn.data.store.meta import DIGESTS, FORMAT_VERSION, META, meta_digest
from atm_gcn.data.store.planning import PlannedClip, StorePlan, class_names, crop_to_faces, report_notes
from atm_gcn.data.store.stored_clips import StoredClip, write_stored_clips
from atm_gcn.errors import ATMGCNError
from atm_gcn.files import file_digest, rounded, write_json
from atm_gcn.files.refusals import write_errors
from atm_gcn.files.unfinished import UnfinishedFolder
from atm_gcn.media.decoding_threads import decoding_threads
from atm_gcn.terminal.progress import progress_bar
from atm_gcn.version import __version__

logger = logging.getLogger(__name__)

FILES = {FRAMES, TIMES, FILE_NAME, META, JOURNAL}
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
    finished store of the same clips and settings is opened and left as it is. With ``config.face == "crop"``, clips
    without a face are left out: a warning and ``meta["left_out"]`` name them.

    Args:
        clips: The clips, every label set.
        out: Folder of the store.
        config: The settings.
        jobs: Clips decoded at a time; by default one per core.
        progress: Show a bar on stderr.

    Raises:
        ATMGCNError: If a clip cannot be decoded or has fewer than two frames; if no clip has a face; if there are
            fewer than two classes; if ids or labels are similar and ``config`` refuses them; or if
            ``out`` or ``OUT.partial`` hold something else, or another process prepares ``out``.
    """
    out, config = Path(out), config or DataConfig()
    plan = StorePlan(resolve_similar_ids(list(clips), config), config)
    store = find_existing(plan, out)
    if store is None:
        with UnfinishedFolder(out, "frame store", lambda name: name in FILES) as folder:
            store = find_existing(plan, out)  # another process may have made it in between
            if store is None:
                _make(plan, folder, jobs, progress)
                # An empty working folder was replaced.
                return FrameStore.open(out if (out / META).is_file() else folder.out)
    logger.info("%s: nothing to do, the store is there already", out)
    return store


def _make(plan: StorePlan, folder: UnfinishedFolder, jobs: int | None, progress: bool) -> None:
    config, planned = plan.config, plan.planned
    checksums = {"checksum": plan.checksum, "manifest_checksum": plan.manifest_checksum}
    left_out: list[Clip] = []
    if config.face == "crop":
        planned, left_out = crop_to_faces(planned, jobs, progress)
    if left_out:
        names = ", ".join(clip.key for clip in left_out)
        logger.warning("%d of %d clips show no face and are left out: %s", len(left_out), len(plan.clips), names)
    classes = class_names([one.clip for one in planned], config.classes)
    with write_errors(folder.name):
        journal = Journal.start(folder, " ".join([checksums["manifest_checksum"], *(clip.key for clip in left_out)]))
        stored = _decode_all(planned, folder.path / FRAMES, journal, config, jobs, progress)
        report_notes(planned)
        np.save(folder.path / TIMES, np.concatenate([one.seconds for one in planned]))
        write_stored_clips(folder.path / FILE_NAME, stored)
        digests = {name: file_digest(folder.path / name) for name in (FILE_NAME, TIMES)}
        meta = checksums | _meta(stored, classes, left_out, config) | {DIGESTS: digests}
        write_json(folder.path / META, meta | {DIGESTS: digests | {META: meta_digest(rounded(meta))}})
        folder.finish(without=[JOURNAL])


def _decode_all(
    planned: Sequence[PlannedClip], frames: Path, journal: Journal, config: DataConfig, jobs: int | None, progress: bool
) -> list[StoredClip]:
    """Decode the clips that the journal lacks."""
    check_space(frames, sum(len(one.numbers) for one in planned), config.size)
    data_offset = _allocate(frames, sum(len(one.numbers) for one in planned), config.size)
    todo = [one for one in planned if one.key not in journal.done]
    bar = progress_bar(len(planned), "clips decoded", initial=len(planned) - len(todo), visible=progress)
    with bar, decoding_threads(jobs) as pool:
        futures = {pool.submit(_decode_one, one, frames, data_offset, config): one for one in todo}
        for future in as_completed(futures):
            journal.add(futures[future].key, *future.result())
            bar.update()
    digest_of = cache(recording_digest)
    return [
        StoredClip(one.clip, one.first, len(one.numbers), apex, source, one.rate, digest_of(one.clip.source), sha256)
        for one, (apex, source, sha256) in ((one, journal.done[one.key]) for one in planned)
    ]


def _decode_one(one: PlannedClip, frames: Path, data_offset: int, config: DataConfig) -> tuple[int, str, str]:
    """Write the frames of a clip; return the apex's position, how it was chosen, and the digest of the frames."""
    try:
        decoded = decode_clip(one.source, one.numbers, config.size, one.box)
    except ATMGCNError as error:
        raise ATMGCNError(f"{one.clip.key}: {error}") from error
    with frames.open("r+b") as file:  # a full disk raises an error here, and a signal in a memory map
        file.seek(data_offset + one.first * decoded[0].nbytes)
        file.write(decoded.data)
        file.flush()
        os.fsync(file.fileno())
    return *apex_of(decoded, one.numbers, one.clip.apex, config.apex), frames_digest(decoded)


def _allocate(frames: Path, num_frames: int, size: int) -> int:
    """Write the header and set the length, keeping the content; return the offset of the first frame."""
    header = {"descr": "|u1", "fortran_order": False, "shape": (num_frames, size, size, 3)}
    with frames.open("r+b" if frames.exists() else "w+b") as file:
        np.lib.format.write_array_header_1_0(file, header)
        data_offset = file.tell()
        file.truncate(data_offset + num_frames * size * size * 3)
    return data_offset


def _meta(
    stored: Sequence[StoredClip], classes: list[str], left_out: Sequence[Clip], config: DataConfig
) -> dict[str, Any]:
    clips = [one.clip for one in stored]
    return {
        "format": FORMAT_VERSION,
        "atm_gcn": __version__,
        "config": config.model_dump(mode="json"),
        "classes": classes,
        "size": config.size,
        "fps": config.fps,
        "num_clips": len(stored),
        "num_subjects": len({clip.subject_key for clip in clips}),
        "num_frames": sum(one.num_frames for one in stored),
        "clips_per_class": {label: sum(clip.label == label for clip in clips) for label in classes},
        "left_out": {clip.key: "no face" for clip in left_out},
    }
