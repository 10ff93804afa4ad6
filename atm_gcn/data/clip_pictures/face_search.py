"""The faces of all clips of a frame store, and which clips are left out for want of one."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from atm_gcn.config import DataConfig
from atm_gcn.data.clip_pictures.clip_face import NO_FACE, ClipFace, MissingFace, search_clip_face
from atm_gcn.data.store.planning import PlannedClip, one_after_another
from atm_gcn.errors import ATMGCNError, some_of
from atm_gcn.media.decoding_threads import decoding_threads
from atm_gcn.terminal.progress import track

NAMED = 3  # clips in a warning; the store's meta.json names all
logger = logging.getLogger(__name__)


class FaceSearch(NamedTuple):
    """What was found in the frames of all clips.

    Args:
        planned: The clips that are prepared, each with its face.
        left_out: Those that are not, each with the reason.
        uncropped: The keys of those that are prepared without a face, each with the reason.
    """

    planned: list[PlannedClip]
    left_out: dict[str, str]
    uncropped: dict[str, str]


def search_faces(
    planned: Sequence[PlannedClip], config: DataConfig, jobs: int | None = None, progress: bool = False
) -> FaceSearch:
    """Give every clip its face, found in its onset frame or the first later one that shows it.

    Raises:
        ATMGCNError: If a frame cannot be decoded, or every clip would be left out.
    """
    with decoding_threads(jobs) as pool:
        searched = pool.map(lambda one: _face_of(one, config), planned)
        found = list(track(searched, "faces searched", total=len(planned), visible=progress))
    pairs = list(zip(planned, found, strict=True))
    missing = {one.clip.key: face.reason for one, face in pairs if isinstance(face, MissingFace)}
    keep = config.without_face == "keep"
    uncropped = {key: reason for key, reason in missing.items() if keep and reason == NO_FACE}
    left_out = {key: reason for key, reason in missing.items() if key not in uncropped}
    if len(left_out) == len(planned):
        raise _all_left_out(left_out, config)
    stay = [
        replace(one, face=face if isinstance(face, ClipFace) else None)
        for one, face in pairs
        if one.clip.key not in left_out
    ]
    _report_faces(stay, left_out, uncropped, len(planned), config)
    return FaceSearch(one_after_another(stay), left_out, uncropped)


def _all_left_out(left_out: dict[str, str], config: DataConfig) -> ATMGCNError:
    key, reason = next(iter(left_out.items()))
    if any(reason != NO_FACE for reason in left_out.values()):
        key, reason = next((key, reason) for key, reason in left_out.items() if reason != NO_FACE)
        return ATMGCNError(
            f"none of the {len(left_out)} clips can be used with --face-choice {config.face_choice}; {key}: {reason}; "
            "choose another face"
        )
    return ATMGCNError(
        f"no face found in any frame of the {len(left_out)} clips, the first of which is {key}; "
        f"the face must look towards the camera; otherwise leave --face {config.face} out"
    )


def _report_faces(
    planned: Sequence[PlannedClip],
    left_out: dict[str, str],
    uncropped: dict[str, str],
    count: int,
    config: DataConfig,
) -> None:
    """Log which clips show no face or several."""
    faceless = sorted(key for key, reason in left_out.items() if reason == NO_FACE)
    if faceless:
        logger.warning(
            "%d of %d clips show no face and are left out: %s", len(faceless), count, some_of(faceless, NAMED)
        )
    others = sorted(f"{key} ({reason})" for key, reason in left_out.items() if reason != NO_FACE)
    if others:
        logger.warning(
            "%d of %d clips are left out by --face-choice %s: %s",
            *(len(others), count, config.face_choice, some_of(others, NAMED)),
        )
    if uncropped:
        logger.warning(
            "%d of %d clips show no face and stay uncropped: %s",
            *(len(uncropped), count, some_of(sorted(uncropped), NAMED)),
        )
    several = [one for one in planned if one.face is not None and len(one.face.faces) > 1]
    if several:
        counted = sorted(f"{one.clip.key} ({len(one.face.faces)})" for one in several if one.face is not None)
        logger.warning(
            "%d of %d clips show several faces, of which --face-choice %s is taken: %s",
            *(len(several), count, config.face_choice, some_of(counted, NAMED)),
        )


def _face_of(one: PlannedClip, config: DataConfig) -> ClipFace | MissingFace:
    try:
        return search_clip_face(one.source.iterate(one.numbers), one.numbers, config)
    except ATMGCNError as error:
        raise ATMGCNError(f"{one.clip.key}: {error}") from error
