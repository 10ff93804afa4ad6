"""Prediction of single recordings, and of every clip of a frame store."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch_geometric.data import Data

from atm_gcn.data import Clip, FrameStore, MERDataset
from atm_gcn.data.clip_frames import ANNOTATED
from atm_gcn.data.store.stored_clips import StoredClip
from atm_gcn.data.unannotated import RawClip, clip_from_source
from atm_gcn.inference.ensemble import Ensemble, data_of
from atm_gcn.inference.known_clips import Query
from atm_gcn.inference.prediction import (
    RECORDED_IN_RUN,
    Moment,
    Movement,
    Prediction,
    Rate,
    by_class,
    of_movement,
)
from atm_gcn.inference.reliability import describe_reliability, input_warnings, shorter_side
from atm_gcn.terminal.progress import progress_bar

log = logging.getLogger(__name__)

_LONG_SECONDS = 1.0  # a micro-expression lasts half a second at most


@dataclass(frozen=True)
class RecordingClip:
    """A recording that was read as one clip.

    Args:
        data: Input of the models.
        raw: Which frames were used.
        ensemble: The models that were chosen for it.
        warnings: In which ways it is unlike their training clips.
        annotated: The manifest row that names the clip; None without one.
    """

    data: Data
    raw: RawClip
    ensemble: Ensemble
    warnings: list[str]
    annotated: Clip | None = None


def predict_recording(
    ensemble: Ensemble, source: str | Path, device: torch.device, settings: dict[str, Any] | None = None, **frames: Any
) -> dict[str, Any]:
    """Classify a video or a folder of frames as one clip.

    Args:
        ensemble: The models, with the settings by which their training clips were prepared.
        source: Video file or folder of frames.
        device: Device of the models.
        settings: Data settings that override the models' own, such as ``{"face": "crop"}``.
        **frames: ``onset``, ``apex``, ``offset`` and ``fps`` of :func:`~atm_gcn.data.unannotated.clip_from_source`.

    Returns:
        The attributes of a :class:`~atm_gcn.inference.prediction.Prediction` as a dictionary.

    Raises:
        ATMGCNError: If the source cannot be read as a clip.
    """
    clip = read_recording(ensemble, source, settings, **frames)
    clip.ensemble.warn(source)
    return predict_clips([clip], device)[0].to_dict()


def read_recording(
    ensemble: Ensemble,
    source: str | Path,
    settings: dict[str, Any] | None = None,
    annotated: Clip | None = None,
    warns_of_length: bool = True,
    **frames: Any,
) -> RecordingClip:
    """Read a recording as the models' clips were read, and choose its models.

    Arguments and errors are those of :func:`predict_recording`; ``annotated`` is the row of a manifest that names it;
    with ``warns_of_length``, a recording that is long for one clip is told.
    """
    recorded = ensemble.recorded_fps(source) if frames.get("fps") is None else None
    if recorded is not None:
        frames["fps"] = recorded
    images, raw = clip_from_source(source, ensemble.data.model_copy(update=settings), **frames)
    if recorded is not None:
        raw = replace(raw, fps_source=RECORDED_IN_RUN)
    seconds = raw.seconds[-1] - raw.seconds[0] if raw.seconds else 0.0
    if seconds > _LONG_SECONDS and warns_of_length:
        log.warning(
            "%s: %.1f s are used as one clip; search it with --spot, or select a movement with --onset and --offset",
            source,
            seconds,
        )
    chosen = ensemble.for_source(source, annotated, (raw.onset, raw.offset))
    face = ensemble.data.model_copy(update=settings).face
    warnings = input_warnings(ensemble, images[0], face, shorter_side(source, raw.onset, raw.box), raw.fps)
    log_warnings(source, warnings)
    return RecordingClip(data_of(images, raw.apex_position, raw.positions), raw, chosen, warnings, annotated)


def log_warnings(source: object, warnings: list[str]) -> None:
    """Log in which ways an input is unlike the training clips."""
    for warning in warnings:
        log.warning("%s: unlike the training clips: %s", source, warning)


def read_annotated(ensemble: Ensemble, clip: Clip, settings: dict[str, Any] | None = None) -> RecordingClip:
    """Read the clip that a row of a manifest names; arguments and errors as those of :func:`read_recording`."""
    fps = annotated_fps(ensemble, clip)
    return read_recording(
        ensemble, clip.source, settings, clip, False, onset=clip.onset, apex=clip.apex, offset=clip.offset, fps=fps
    )


def annotated_fps(ensemble: Ensemble, clip: Clip) -> float | None:
    """Frames per second by which an annotated clip is read; None for the time stamps of its video."""
    by_stamps = ensemble.data.clock == "stamps" and not Path(clip.source).is_dir()
    return None if by_stamps else clip.fps


def predict_clips(clips: list[RecordingClip], device: torch.device) -> list[Prediction]:
    """Classify clips, those of the same models in one batch."""
    rows: dict[int, list[float]] = {}
    for ensemble, places in by_models([clip.ensemble for clip in clips]):
        found = ensemble.predict([clips[place].data for place in places], device).tolist()
        rows |= dict(zip(places, found, strict=True))
    return [_of_recording(clip, rows[place]) for place, clip in enumerate(clips)]


def by_models(ensembles: Sequence[Ensemble]) -> list[tuple[Ensemble, list[int]]]:
    """The different sets of models, each with the positions at which it occurs."""
    places: dict[tuple[Path, ...], list[int]] = {}
    for place, ensemble in enumerate(ensembles):
        places.setdefault(tuple(ensemble.files), []).append(place)
    return [(ensembles[own[0]], own) for own in places.values()]


def predict_store(ensemble: Ensemble, source: str | Path, device: torch.device) -> list[Prediction]:
    """Classify every clip of a frame store.

    Returns:
        One result per clip, in the order of the store.

    Raises:
        ATMGCNError: If there is no store, or its clips do not fit the models.
    """
    store = FrameStore.open(source)
    ensemble.check_store(store)
    queries = [Query.of_clip(stored.clip, stored.recording or None) for stored in store.clips]
    chosen = [ensemble.for_query(query) for query in queries]
    trained = sum(bool(one.choice.trained_on) for one in chosen)
    if trained:
        log.warning("%s: the models were trained on %d of these %d clips", source, trained, len(store))
    warnings = input_warnings(ensemble, None, store.config.face)
    log_warnings(source, warnings)
    dataset = MERDataset(store, window=ensemble.window)
    rows: dict[int, list[float]] = {}
    together = by_models(chosen)
    with progress_bar(sum(len(one.files) for one, _ in together), "models applied", "models") as bar:
        for one, places in together:
            found = one.predict(dataset[places], device, on_model=bar.update).tolist()
            rows |= dict(zip(places, found, strict=True))
    return [
        _of_stored_clip(one, store, stored, rows[place], warnings, _times_of(store, place))
        for place, (one, stored) in enumerate(zip(chosen, store.clips, strict=True))
    ]


def describe_ensemble(ensemble: Ensemble, warnings: list[str] | None = None) -> dict[str, Any]:
    """``model``, the path that was given, ``num_models``, ``models`` (which, and why), and ``reliability``."""
    path = str(ensemble.path)
    return {
        "model": path,
        "num_models": len(ensemble.files),
        "models": ensemble.choice.describe(path),
        "reliability": describe_reliability(ensemble, warnings),
    }


def _of_recording(clip: RecordingClip, probabilities: list[float]) -> Prediction:
    raw, ensemble = clip.raw, clip.ensemble
    times = (raw.seconds[0], raw.seconds[raw.apex_position]) if raw.seconds else (None, None)
    movement = Movement(
        **by_class(ensemble.class_names, probabilities),
        onset=Moment(raw.onset, times[0], raw.onset_source),
        apex=Moment(raw.apex, times[1], raw.apex_source),
        offset=Moment(raw.offset, raw.offset_seconds, raw.offset_source),
        face=raw.box._asdict() if raw.box else None,
    )
    return Prediction(
        source=raw.source,
        clip=clip.annotated.key if clip.annotated else None,
        label=clip.annotated.label if clip.annotated else None,
        mode="clip",
        status="predicted",
        **of_movement(movement),
        movements=[movement],
        seconds=raw.seconds[-1] - raw.seconds[0] if raw.seconds else None,
        num_frames=len(raw.numbers),
        apex_position=raw.apex_position,
        fps=Rate(raw.fps, raw.fps_source),
        training_fps=ensemble.data.fps,
        resampled=raw.resampled,
        notes=list(raw.notes),
        missing=list(raw.missing),
        face=movement.face,
        frames_without_face=raw.frames_searched - 1 if raw.box else None,
        **describe_ensemble(ensemble, clip.warnings),
    )


def _times_of(store: FrameStore, place: int) -> tuple[float | None, float | None, float | None]:
    """When onset, apex and offset of a stored clip are shown in the recording; None in a store without times."""
    if store.times is None:
        return None, None, None
    clip, seconds, apex = store.clips[place].clip, store.seconds(place), store.clips[place].apex_position
    onset = float(seconds[0])
    offset = onset + (clip.offset - clip.onset) / clip.fps  # which need not be among the frames that were kept
    return onset, float(seconds[apex]), offset


def _of_stored_clip(
    ensemble: Ensemble,
    store: FrameStore,
    stored: StoredClip,
    probabilities: list[float],
    warnings: list[str],
    times: tuple[float | None, float | None, float | None],
) -> Prediction:
    clip = stored.clip
    movement = Movement(
        **by_class(ensemble.class_names, probabilities),
        onset=Moment(clip.onset, times[0], ANNOTATED),
        apex=Moment(clip.apex if stored.apex_source == ANNOTATED else None, times[1], stored.apex_source),
        offset=Moment(clip.offset, times[2], ANNOTATED),
    )
    return Prediction(
        source=str(store.path),
        clip=clip.key,
        label=clip.label,
        mode="clip",
        status="predicted",
        **of_movement(movement),
        movements=[movement],
        num_frames=stored.num_frames,
        apex_position=stored.apex_position,
        fps=Rate(clip.fps, ANNOTATED),
        training_fps=ensemble.data.fps,
        **describe_ensemble(ensemble, warnings),
    )
