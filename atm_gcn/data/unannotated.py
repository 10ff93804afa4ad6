"""A recording without annotations as one clip, for ``predict``."""

import logging
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from atm_gcn.config import DataConfig
from atm_gcn.data.clip_frames import ANNOTATED, apex_of, decode_clip, kept_positions
from atm_gcn.data.manifest import check_order
from atm_gcn.errors import ATMGCNError
from atm_gcn.media.apex import is_still
from atm_gcn.media.faces import Box
from atm_gcn.media.faces.detection import find_face_in
from atm_gcn.media.sources import FrameSource, open_source
from atm_gcn.media.timing import Timing, positions_of
from atm_gcn.media.video.reader import DamagedVideoError

log = logging.getLogger(__name__)

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
        box: The face, in pixels of the recording; None without ``face="crop"``.
        frames_searched: Frames that were searched for the face.
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
    box: Box | None
    frames_searched: int
    notes: tuple[str, ...]
    missing: tuple[str, ...]


def clip_from_source(
    path: str | Path,
    config: DataConfig,
    onset: int | None = None,
    apex: int | None = None,
    offset: int | None = None,
    fps: float | None = None,
) -> tuple[np.ndarray, RawClip]:
    """Read a video or a folder of frames as one clip: resampled, capped and, if asked, cropped to the face.

    Unless given, the onset is the first frame, or with ``config.face == "crop"`` the first of the kept frames that
    shows a face; the offset is the last frame; and the apex is chosen by ``config.apex``. Without an offset, a
    damaged video is read up to the damage, with a warning.

    Args:
        path: Folder of frames or video file.
        config: The settings that the model was trained with.
        onset: Frame number of the neutral face.
        apex: Frame number of the strongest movement.
        offset: Frame number of the last frame.
        fps: Frames per second; by default those of the video's time stamps.

    Returns:
        uint8 RGB ``[L, size, size, 3]`` with L in ``[2, config.max_frames]``, and how the frames were chosen.

    Raises:
        ATMGCNError: If the source cannot be read, a given frame does not exist or is out of order, no face is found,
            or fewer than two frames are left.
    """
    source = open_source(path)
    numbers = _span(source, onset, apex, offset)
    try:
        frames, clip = _read(source, numbers, config, onset, apex, offset, fps)
    except DamagedVideoError as damage:
        if offset is not None or damage.number <= max(numbers[0] + 1, apex or 0):
            raise
        whole = numbers[numbers < damage.number]
        frames, clip = _read(source, whole, config, onset, apex, offset, fps)
        clip = replace(clip, missing=(*clip.missing, f"is damaged: only frames {whole[0]} to {whole[-1]} are read"))
    for text in [*clip.missing, NO_MOVEMENT] if NO_MOVEMENT in clip.notes else clip.missing:
        log.warning("%s: %s", path, text)
    return frames, clip


def _read(
    source: FrameSource,
    numbers: np.ndarray,
    config: DataConfig,
    onset: int | None,
    apex: int | None,
    offset: int | None,
    fps: float | None,
) -> tuple[np.ndarray, RawClip]:
    rate, rate_source = _rate(source, config, fps)
    timing = source.stamped_timing(numbers) if rate_source == "video" else None
    if timing is None and rate is not None:
        timing = source.timing(numbers, rate)
    box, searched, onset_source = None, 0, "first frame" if onset is None else "given"
    kept_at = _kept(source, numbers, timing, apex, config)
    if config.face == "crop":
        position, box = find_face_in(source.iterate(numbers[kept_at]), where=str(source.path))
        searched = position + 1
        if position and onset is None:
            onset_source, first = "first face", kept_at[position]
            numbers, timing = numbers[first:], timing and timing.at(np.arange(first, len(numbers)))
            kept_at = _kept(source, numbers, timing, apex, config)
    kept = numbers[kept_at]
    frames = decode_clip(source, kept, config.size, box)
    apex_position, apex_source = apex_of(frames, kept, apex, config.apex)
    return frames, RawClip(
        source=str(source.path),
        numbers=tuple(kept.tolist()),
        seconds=tuple(timing.seconds[kept_at].tolist()) if timing else None,
        positions=_positions(numbers, timing, kept_at, config),
        onset=int(kept[0]),
        onset_source=onset_source,
        apex=int(kept[apex_position]),
        apex_position=apex_position,
        apex_source="given" if apex_source == ANNOTATED else apex_source,
        offset=int(numbers[-1]),
        offset_source="last frame" if offset is None else "given",
        offset_seconds=float(timing.seconds[-1]) if timing else None,
        resampled=bool(timing and config.fps and timing.exceeds(config.fps)),
        fps=rate,
        fps_source=rate_source,
        box=box,
        frames_searched=searched,
        notes=(*source.notes, NO_MOVEMENT) if is_still(frames) else source.notes,
        missing=tuple(source.shortfalls(numbers)),
    )


def _positions(
    numbers: np.ndarray, timing: Timing | None, positions: np.ndarray, config: DataConfig
) -> tuple[float, ...]:
    if timing is None:
        return tuple((1.0 + numbers[positions] - numbers[0]).tolist())
    return tuple(positions_of(timing.seconds[positions], timing.clip_rate(config.fps)).tolist())


def _span(source: FrameSource, onset: int | None, apex: int | None, offset: int | None) -> np.ndarray:
    """The frame numbers from onset to offset."""
    numbers = source.numbers
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
