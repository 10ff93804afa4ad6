"""A recording without annotations as one clip, for ``predict``."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from atm_gcn.config import DataConfig
from atm_gcn.data.clip_frames import ANNOTATED, kept_positions
from atm_gcn.data.clip_pictures import (
    ClipFace,
    ClipPictures,
    apex_of_pictures,
    find_clip_face,
    read_pictures,
    search_clip_face,
)
from atm_gcn.data.clip_pictures.settings_check import check_settings
from atm_gcn.data.manifest import check_order
from atm_gcn.errors import ATMGCNError
from atm_gcn.media.apex import is_still
from atm_gcn.media.faces.choice import from_left
from atm_gcn.media.sources import FrameSource, open_source
from atm_gcn.media.timing import Timing, positions_of
from atm_gcn.media.video.reader import DamagedVideoError

log = logging.getLogger(__name__)

NO_FACE = "shows no face, so that all of its frames is used"
NO_MOVEMENT = "shows no movement: the prediction says nothing about an emotion"


@dataclass(frozen=True)
class RawClip:
    """The frames of a recording that make a clip, and how each was chosen.

    Args:
        source: The recording.
        numbers: Frame number of every frame of the clip, ascending; the first is the onset.
        seconds: When each is shown; None if unknown.
        positions: Position of each in time, in frames at the clip's rate; the first is 1.
        onset: Frame number of the onset.
        onset_source: ``"given"``, ``"first frame"``, or ``"first face"`` where the face appears later.
        apex: Frame number of the apex.
        apex_position: The apex's 0-based position in ``numbers``, at least 1.
        apex_source: ``"given"``, ``"max-motion"`` or ``"middle"``.
        offset: Frame number of the last frame of the recording that was read.
        offset_source: ``"given"`` or ``"last frame"``.
        offset_seconds: When that frame is shown; None if unknown.
        resampled: Whether frames were left out to come down to ``config.fps``.
        fps: Frames per second of the recording, the usual ones where they vary; None if unknown.
        fps_source: ``"given"``, ``"video"``, or ``"assumed"``: a folder of frames is assumed to have ``config.fps``.
        face: The face that the pictures show, and the others of its frame; None for whole frames.
        face_number: Number of the face from the left, if every face of the recording is read.
        notes: What is unusual about the recording, and how it was read.
        missing: What is missing of it, in a few words each; empty if all was read.
    """

    source: str
    numbers: tuple[int, ...]
    seconds: tuple[float, ...] | None
    positions: tuple[float, ...]
    onset: int
    onset_source: str
    apex: int
    apex_position: int
    apex_source: str
    offset: int
    offset_source: str
    offset_seconds: float | None
    resampled: bool
    fps: float | None
    fps_source: str
    face: ClipFace | None
    face_number: int | None
    notes: tuple[str, ...]
    missing: tuple[str, ...]


def clip_from_source(
    path: str | Path,
    config: DataConfig,
    onset: int | None = None,
    apex: int | None = None,
    offset: int | None = None,
    fps: float | None = None,
) -> tuple[ClipPictures, RawClip]:
    """Read a video or a folder of frames as one clip, as ``prepare`` reads a clip of it.

    Unless given, the onset is the first frame, or the first of the kept frames that shows a face if ``config.face``
    needs one; the offset is the last frame; and the apex is chosen by ``config.apex``. Without an offset, a damaged
    video is read up to the damage, with a warning.

    Args:
        path: Folder of frames or video file.
        config: The settings that the model was trained with.
        onset: Frame number of the neutral face.
        apex: Frame number of the strongest movement.
        offset: Frame number of the last frame.
        fps: Frames per second; by default those of the video's time stamps.

    Returns:
        The pictures of L frames, L in ``[2, config.max_frames]``, and how the frames were chosen.

    Raises:
        ATMGCNError: If the source cannot be read, a given frame does not exist or is out of order, no face is found,
            or fewer than two frames are left.
    """
    return next(clips_from_source(path, config, onset, apex, offset, fps))


def clips_from_source(
    path: str | Path,
    config: DataConfig,
    onset: int | None = None,
    apex: int | None = None,
    offset: int | None = None,
    fps: float | None = None,
    every_face: bool = False,
) -> Iterator[tuple[ClipPictures, RawClip]]:
    """Read a video or a folder of frames as one clip per face; arguments and errors as :func:`clip_from_source`.

    Args:
        every_face: Whether to yield a clip for every face of the onset frame, from left to right, instead of one for
            the face of ``config.face_choice``.
    """
    check_settings(config)
    source = open_source(path)
    given = _Given(onset, apex, offset, fps)
    numbers = _span(source, given)
    try:
        yield from _read_all(source, numbers, config, given, every_face)
    except DamagedVideoError as damage:
        if offset is not None or damage.number <= max(numbers[0] + 1, apex or 0):
            raise
        whole = numbers[numbers < damage.number]
        lacks = f"is damaged: only frames {whole[0]} to {whole[-1]} are read"
        yield from _read_all(source, whole, config, given, every_face, lacks)


class _Given(NamedTuple):
    """What the user said of a recording."""

    onset: int | None
    apex: int | None
    offset: int | None
    fps: float | None


def _read_all(
    source: FrameSource, numbers: np.ndarray, config: DataConfig, given: _Given, every_face: bool, lacks: str = ""
) -> Iterator[tuple[ClipPictures, RawClip]]:
    chosen = _choose_frames(source, numbers, config, given)
    for number, face in enumerate(_faces(chosen.face, every_face), start=1):
        pictures, clip = _read(source, chosen, config, given, face, number if every_face else None)
        clip = replace(clip, missing=(*clip.missing, lacks)) if lacks else clip
        for text in [*clip.missing, NO_MOVEMENT] if NO_MOVEMENT in clip.notes else clip.missing:
            log.warning("%s: %s", source.path, text)
        yield pictures, clip


def _faces(found: ClipFace | None, every_face: bool) -> list[ClipFace | None]:
    if found is None or not every_face:
        return [found]
    return [found.of(face) for face in from_left(found.faces)]


class _Chosen(NamedTuple):
    """Which frames are read."""

    numbers: np.ndarray  # from onset to offset
    kept_at: np.ndarray  # positions among them of those that are kept
    timing: Timing | None
    rate: float | None
    rate_source: str
    onset_source: str
    face: ClipFace | None
    notes: tuple[str, ...]


def _choose_frames(source: FrameSource, numbers: np.ndarray, config: DataConfig, given: _Given) -> _Chosen:
    rate, rate_source = _rate(source, config, given.fps)
    timing = source.stamped_timing(numbers) if rate_source == "video" else None
    if timing is None and rate is not None:
        timing = source.timing(numbers, rate)
    face, notes, onset_source = None, source.notes, "first frame" if given.onset is None else "given"
    kept_at = _kept(source, numbers, timing, given.apex, config)
    if config.face != "none":
        face = _find_face(source, numbers[kept_at], config)
        if face is None:
            notes = (*notes, NO_FACE)
        elif face.position and given.onset is None:
            onset_source, first = "first face", kept_at[face.position]
            numbers, timing = numbers[first:], timing and timing.at(np.arange(first, len(numbers)))
            kept_at = _kept(source, numbers, timing, given.apex, config)
    return _Chosen(numbers, kept_at, timing, rate, rate_source, onset_source, face, notes)


def _find_face(source: FrameSource, numbers: np.ndarray, config: DataConfig) -> ClipFace | None:
    frames = source.iterate(numbers)
    if config.without_face == "leave-out":
        return find_clip_face(frames, numbers, config, str(source.path))
    found = search_clip_face(frames, numbers, config)
    return found if isinstance(found, ClipFace) else None


def _read(
    source: FrameSource, chosen: _Chosen, config: DataConfig, given: _Given, face: ClipFace | None, number: int | None
) -> tuple[ClipPictures, RawClip]:
    numbers, kept_at, timing = chosen.numbers, chosen.kept_at, chosen.timing
    kept = numbers[kept_at]
    pictures = read_pictures(source, kept, config, face)
    apex_position, apex_source = apex_of_pictures(pictures, kept, given.apex, config)
    return pictures, RawClip(
        source=str(source.path),
        numbers=tuple(kept.tolist()),
        seconds=tuple(timing.seconds[kept_at].tolist()) if timing else None,
        positions=_positions(numbers, timing, kept_at, config),
        onset=int(kept[0]),
        onset_source=chosen.onset_source,
        apex=int(kept[apex_position]),
        apex_position=apex_position,
        apex_source="given" if apex_source == ANNOTATED else apex_source,
        offset=int(numbers[-1]),
        offset_source="last frame" if given.offset is None else "given",
        offset_seconds=float(timing.seconds[-1]) if timing else None,
        resampled=bool(timing and config.fps and timing.exceeds(config.fps)),
        fps=chosen.rate,
        fps_source=chosen.rate_source,
        face=face,
        face_number=number,
        notes=(*chosen.notes, NO_MOVEMENT) if config.flow != "pictures" and is_still(pictures.frames) else chosen.notes,
        missing=tuple(source.shortfalls(numbers)),
    )


def _positions(
    numbers: np.ndarray, timing: Timing | None, positions: np.ndarray, config: DataConfig
) -> tuple[float, ...]:
    if timing is None:
        return tuple((1.0 + numbers[positions] - numbers[0]).tolist())
    return tuple(positions_of(timing.seconds[positions], timing.clip_rate(config.fps)).tolist())


def _span(source: FrameSource, given: _Given) -> np.ndarray:
    """The frame numbers from onset to offset."""
    numbers, (onset, apex, offset, _) = source.numbers, given
    for name, number in (("onset", onset), ("apex", apex), ("offset", offset)):
        if number is not None and number not in numbers:
            raise ATMGCNError(
                f"{source.path}: has no frame {number} for the {name}; its frames are {numbers[0]} to {numbers[-1]}"
            )
    first, last = int(numbers[0]) if onset is None else onset, int(numbers[-1]) if offset is None else offset
    check_order(first, apex, last, str(source.path))
    return numbers[(numbers >= first) & (numbers <= last)]


def _rate(source: FrameSource, config: DataConfig, fps: float | None) -> tuple[float | None, str]:
    if fps is not None:
        return fps, "given"
    return (source.fps, "video") if source.fps is not None else (config.fps, "assumed")


def _kept(
    source: FrameSource, numbers: np.ndarray, timing: Timing | None, apex: int | None, config: DataConfig
) -> np.ndarray:
    if apex is not None and apex < numbers[0]:
        raise ATMGCNError(
            f"{source.path}: the first face is in frame {numbers[0]}, after the apex {apex} that was given"
        )
    if len(numbers) < 2:
        raise ATMGCNError(f"{source.path}: only frame {numbers[0]} can be used; a clip needs two frames")
    return kept_positions(len(numbers), timing, None if apex is None else int(np.searchsorted(numbers, apex)), config)
