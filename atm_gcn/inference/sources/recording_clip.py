"""Reading recordings as the models' training clips were read: one clip, or one per face."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from torch_geometric.data import Data

from atm_gcn.config import DataConfig
from atm_gcn.data import Clip
from atm_gcn.data.clip_pictures import ClipFace, ClipPictures
from atm_gcn.data.unannotated import NO_MOVEMENT, RawClip, clips_from_source
from atm_gcn.errors import ATMGCNError
from atm_gcn.inference.ensemble import Ensemble, data_of
from atm_gcn.inference.prediction import RECORDED_IN_RUN, whose
from atm_gcn.inference.reliability import input_warnings, lacks_face, shorter_side
from atm_gcn.inference.sources.pictures_used import FaceUsed, RegistrationUsed
from atm_gcn.inference.sources.shown import check_view, unlike_view
from atm_gcn.media.faces import crop_box, find_faces
from atm_gcn.media.faces.choice import from_left
from atm_gcn.media.faces.face import overlap
from atm_gcn.media.faces.following import SAME_PLACE
from atm_gcn.media.sources import open_source

log = logging.getLogger(__name__)

_LONG_SECONDS = 1.0  # a micro-expression lasts half a second at most


@dataclass(frozen=True)
class RecordingClip:
    """A recording that was read as one clip.

    Args:
        data: Input of the models.
        raw: Which frames were used.
        config: Settings by which they were read.
        pictures: What was read.
        ensemble: The models that were chosen for it.
        warnings: In which ways it is unlike their training clips.
        warned: Those of ``raw.notes`` that were logged.
        annotated: The manifest row that names the clip; None without one.
    """

    data: Data
    raw: RawClip
    config: DataConfig
    pictures: ClipPictures
    ensemble: Ensemble
    warnings: list[str]
    warned: tuple[str, ...] = ()
    annotated: Clip | None = None


def read_recording(
    ensemble: Ensemble,
    source: str | Path,
    settings: dict[str, Any] | None = None,
    annotated: Clip | None = None,
    warns_of_length: bool = True,
    **frames: Any,
) -> RecordingClip:
    """Read a recording as the models' clips were read, and choose its models.

    Args:
        ensemble: The models, with the settings by which their training clips were prepared.
        source: Video file or folder of frames.
        settings: Data settings that override the models' own, such as ``{"face": "crop"}``.
        annotated: The row of a manifest that names it.
        warns_of_length: Whether to warn of a recording that is long for one clip.
        **frames: ``onset``, ``apex``, ``offset`` and ``fps`` of :func:`~atm_gcn.data.unannotated.clip_from_source`.

    Raises:
        ATMGCNError: If the source cannot be read as a clip.
    """
    return next(read_faces(ensemble, source, settings, annotated, warns_of_length, False, **frames))


def read_faces(
    ensemble: Ensemble,
    source: str | Path,
    settings: dict[str, Any] | None = None,
    annotated: Clip | None = None,
    warns_of_length: bool = True,
    every_face: bool = True,
    **frames: Any,
) -> Iterator[RecordingClip]:
    """As :func:`read_recording`, with a clip for every face of the onset frame, from left to right."""
    if annotated is not None:
        check_view(ensemble, annotated)
    config = ensemble.read_settings(settings)
    check_settings(ensemble, source, config, every_face)
    recorded = ensemble.recorded_fps(source) if frames.get("fps") is None else None
    if recorded is not None:
        frames["fps"] = recorded
    for pictures, raw in clips_from_source(source, config, every_face=every_face, **frames):
        raw = raw if recorded is None else replace(raw, fps_source=RECORDED_IN_RUN)
        explicit = every_face or "face_choice" in (settings or {}) or config.face_choice != "largest"
        warned = []
        if not explicit and raw.face is not None and len(raw.face.faces) > 1:
            warned.append(several_faces(raw.source, raw.face))
        warned += _warn_of_motion(raw, pictures, config)
        raw = replace(raw, notes=(*raw.notes, *warned))
        first = raw.face_number in (None, 1)
        if first:
            _warn_of_length(raw, warns_of_length)
            chosen = ensemble.for_source(source, annotated, (raw.onset, raw.offset))
        unlike = unlike_view(ensemble, pictures.frames, config, annotated)
        warnings = [] if chosen.choice.knows_recording else unlike
        warnings += input_warnings(
            ensemble,
            pictures.frames[0],
            config,
            shorter_side(source, raw.onset, raw.face, config),
            raw.fps,
            lacks_face(ensemble, pictures.frames, config.face),
        )
        log_warnings(whose(source, raw.face_number), warnings)
        landmarks = None if raw.face is None else raw.face.landmarks(config)
        data = data_of(pictures.frames, raw.apex_position, raw.positions, flow_of(pictures, config), landmarks)
        yield RecordingClip(data, raw, config, pictures, chosen, warnings, (*warned, NO_MOVEMENT), annotated)


def check_settings(
    ensemble: Ensemble, source: str | Path | int, config: DataConfig, every_face: bool = False, spots: bool = False
) -> None:
    """Check that a recording can be read as the training clips were.

    Args:
        ensemble: The models.
        source: Video file, folder of frames, or number of a camera.
        config: Settings by which it is to be read.
        every_face: Whether each of its faces is to be predicted.
        spots: Whether it is to be searched for brief movements.

    Raises:
        ATMGCNError: If it cannot.
    """
    if config.flow == "pictures" and spots and Path(str(source)).is_dir():
        raise ATMGCNError(
            f"{source}: cannot be searched for brief movements, since the models of {ensemble.path} read pictures of "
            "optical flow; read it as one clip (--one-clip)"
        )
    if config.flow == "pictures" and not Path(str(source)).is_dir():
        raise ATMGCNError(
            f"{source}: holds frames, and the models of {ensemble.path} read pictures of optical flow that were made "
            "elsewhere, by an algorithm that is not recorded; name a folder of such pictures, or their manifest"
        )
    if every_face and config.flow == "pictures":
        raise ATMGCNError(
            f"--face-choice all needs pictures of faces, and the models of {ensemble.path} read pictures of optical "
            "flow, which show no face; leave it out"
        )
    if every_face and config.face == "none":
        raise ATMGCNError(
            f"--face-choice all needs pictures of faces, and the models of {ensemble.path} read whole pictures; add "
            "--face crop"
        )


def flow_of(pictures: ClipPictures, config: DataConfig) -> np.ndarray | None:
    """Optical flow and strain of a clip as the models read them, ``[L, h, w, 3]``; None if they do not."""
    if config.flow != "pictures":
        return pictures.flow
    from atm_gcn.media.optical_flow import flow_from_picture

    return flow_from_picture(pictures.frames)


def several_faces(source: str, face: ClipFace) -> str:
    """A note on a recording that shows several faces, if none was chosen explicitly; also logs a warning."""
    note = f"shows {len(face.faces)} faces in frame {face.number}, of which the largest is used"
    log.warning("%s: %s; choose one with --face-choice, or predict each with --face-choice all", source, note)
    return note


def _warn_of_motion(raw: RawClip, pictures: ClipPictures, config: DataConfig) -> list[str]:
    """Notes on a face that does not stay where the pictures show it; also logs warnings."""
    who, notes = whose(raw.source, raw.face_number), []
    if pictures.unregistered:
        notes.append(f"stays unregistered: {pictures.unregistered}")
        log.warning("%s: %s", who, notes[-1])
    if raw.face is not None and _leaves(raw, raw.face, config):
        notes.append(f"shows the face away from its place by frame {raw.numbers[-1]}, or not at all")
        log.warning("%s: %s; use --face-choice track, which refuses such clips, or a shorter part", who, notes[-1])
    return notes


def _leaves(raw: RawClip, found: ClipFace, config: DataConfig) -> bool:
    """Whether no face is at the place of the clip's face in the last frame; ``track`` has searched the others too."""
    if config.face_choice == "track":
        return False
    (frame,) = open_source(raw.source).read([raw.numbers[-1]])
    return all(overlap(one.box, found.face.box) < SAME_PLACE for one in find_faces(frame, config.face_detector))


def _warn_of_length(raw: RawClip, warns: bool) -> None:
    seconds = raw.seconds[-1] - raw.seconds[0] if raw.seconds else 0.0
    if seconds > _LONG_SECONDS and warns:
        log.warning(
            "%s: %.1f s are used as one clip; search it with --spot, or select a movement with --onset and --offset",
            raw.source,
            seconds,
        )


def log_warnings(source: object, warnings: list[str]) -> None:
    """Log in which ways an input is unlike the training clips."""
    for warning in warnings:
        log.warning("%s: unlike the training clips: %s", source, warning)


def read_annotated(ensemble: Ensemble, clip: Clip, settings: dict[str, Any] | None = None) -> RecordingClip:
    """Read the clip that a row of a manifest names; arguments and errors as those of :func:`read_recording`."""
    return next(annotated_faces(ensemble, clip, settings, every_face=False))


def annotated_faces(
    ensemble: Ensemble, clip: Clip, settings: dict[str, Any] | None = None, every_face: bool = True
) -> Iterator[RecordingClip]:
    """As :func:`read_annotated`, with a clip for every face of the onset frame, from left to right."""
    moments = {"onset": clip.onset, "apex": clip.apex, "offset": clip.offset, "fps": annotated_fps(ensemble, clip)}
    return read_faces(ensemble, clip.source, settings, clip, False, every_face, **moments)


def annotated_fps(ensemble: Ensemble, clip: Clip) -> float | None:
    """Frames per second by which an annotated clip is read; None for the time stamps of its video."""
    by_stamps = ensemble.data.clock == "stamps" and not Path(clip.source).is_dir()
    return None if by_stamps else clip.fps


def face_used(found: ClipFace, config: DataConfig, every_face: bool = False) -> FaceUsed:
    """The face of a clip as ``--json`` prints it."""
    face, box = found.face, crop_box(found.face, found.shape, config.face_margin)
    return FaceUsed(
        **box._asdict(),
        points=None if face.points is None else face.points.round(2).tolist(),
        confidence=None if face.confidence is None else round(float(face.confidence), 4),
        detector=config.face_detector,
        choice="all" if every_face else config.face_choice,
        number=1 + next(place for place, one in enumerate(from_left(found.faces)) if one is face),
        count=len(found.faces),
        aligned=config.face == "align",
    )


def registration_used(pictures: ClipPictures, config: DataConfig) -> RegistrationUsed | None:
    """The registration of a clip as ``--json`` prints it."""
    if config.register == "none":
        return None
    reason = pictures.unregistered or None
    return RegistrationUsed(config.register, None if reason else pictures.displacement, reason)
