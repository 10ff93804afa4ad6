"""One clip out of a recording that nobody annotated, as ``predict`` needs it."""

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from atm_gcn.config import DataConfig
from atm_gcn.data.decoding import ANNOTATED, apex_of, decode_clip, kept_numbers
from atm_gcn.data.face import Box, find_face_in
from atm_gcn.data.frames import FrameSource, open_source
from atm_gcn.data.manifest import check_order
from atm_gcn.errors import ATMGCNError

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class RawClip:
    """Which frames of a recording were taken, and how each choice was made.

    Args:
        source: The recording.
        numbers: Frame number of every frame of the clip, ascending; the first is the onset.
        onset: Frame number of the onset.
        onset_source: ``"given"``, ``"first frame"``, or ``"first face"`` where the face appears later.
        apex: Frame number of the apex.
        apex_position: The apex's 0-based position in ``numbers``, at least 1.
        apex_source: ``"given"``, ``"max-motion"`` or ``"middle"``.
        offset: Frame number of the last frame of the recording that was looked at.
        offset_source: ``"given"`` or ``"last frame"``.
        fps: Frames per second of the recording; None where nobody tells and nothing depends on it.
        fps_source: ``"given"``, ``"video"``, or ``"assumed"``: a folder of frames is taken to have ``config.fps``.
        box: The face, in pixels of the recording; None without ``face="crop"``.
        frames_searched: Frames in which the face was looked for.
    """

    source: str
    numbers: tuple[int, ...]
    onset: int
    onset_source: str
    apex: int
    apex_position: int
    apex_source: str
    offset: int
    offset_source: str
    fps: float | None
    fps_source: str
    box: Box | None
    frames_searched: int


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
    shows a face; the offset is the last frame; and the apex is chosen by ``config.apex``.

    Args:
        path: Folder of frames or video file.
        config: The settings that the model was trained with.
        onset: Frame number of the neutral face.
        apex: Frame number of the strongest movement.
        offset: Frame number of the last frame.
        fps: Frames per second; by default the video's own.

    Returns:
        uint8 RGB ``[L, size, size, 3]`` with L in ``[2, config.max_frames]``, and what was chosen.

    Raises:
        ATMGCNError: If the source cannot be read, a given frame does not exist or is out of order, no face is found,
            or fewer than two frames are left.
    """
    source = open_source(path)
    numbers = _span(source, onset, apex, offset)
    rate, rate_source = _rate(source, config, fps)
    box, searched, onset_source = None, 0, "first frame" if onset is None else "given"
    kept = _kept(source, numbers, apex, rate, config)
    if config.face == "crop":
        position, box = find_face_in(source.iterate(kept), where=str(source.path))
        searched = position + 1
        if position and onset is None:
            onset_source = "first face"
            numbers = numbers[numbers >= kept[position]]
            kept = _kept(source, numbers, apex, rate, config)
    frames = decode_clip(source, kept, config.size, box)
    for remark in source.remarks:
        logger.info("%s: %s", source.path, remark)
    apex_position, apex_source = apex_of(frames, kept, apex, config.apex)
    return frames, RawClip(
        source=str(path),
        numbers=tuple(kept.tolist()),
        onset=int(kept[0]),
        onset_source=onset_source,
        apex=int(kept[apex_position]),
        apex_position=apex_position,
        apex_source="given" if apex_source == ANNOTATED else apex_source,
        offset=int(numbers[-1]),
        offset_source="last frame" if offset is None else "given",
        fps=rate,
        fps_source=rate_source,
        box=box,
        frames_searched=searched,
    )


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
    source: FrameSource, numbers: np.ndarray, apex: int | None, fps: float | None, config: DataConfig
) -> np.ndarray:
    if apex is not None and apex < numbers[0]:
        raise ATMGCNError(
            f"{source.path}: the first face is in frame {numbers[0]}, after the apex {apex} that was given"
        )
    if len(numbers) < 2:
        raise ATMGCNError(f"{source.path}: only frame {numbers[0]} can be used; a clip needs two frames")
    return kept_numbers(numbers, apex, fps, config)
