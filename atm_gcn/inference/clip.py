"""Prediction of single recordings, and of every clip of a frame store."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from atm_gcn.data import FrameStore, MERDataset
from atm_gcn.data.clip_frames import ANNOTATED
from atm_gcn.data.store.stored_clips import StoredClip
from atm_gcn.inference.ensemble import Ensemble
from atm_gcn.inference.known_clips import Query
from atm_gcn.inference.prediction import (
    Moment,
    Movement,
    Prediction,
    Rate,
    by_class,
    of_movement,
)
from atm_gcn.inference.reliability import describe_reliability, input_warnings
from atm_gcn.inference.sources.recording_clip import (
    RecordingClip,
    face_used,
    log_warnings,
    read_recording,
    registration_used,
)
from atm_gcn.terminal.progress import progress_bar

log = logging.getLogger(__name__)


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
    warnings = input_warnings(ensemble, None, store.config)
    log_warnings(source, warnings)
    dataset = MERDataset(store, window=ensemble.window, view=ensemble.view)
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
        **by_class(ensemble.class_names, probabilities, ensemble.task),
        onset=Moment(raw.onset, times[0], raw.onset_source),
        apex=Moment(raw.apex, times[1], raw.apex_source),
        offset=Moment(raw.offset, raw.offset_seconds, raw.offset_source),
        face=None if raw.face is None else face_used(raw.face, clip.config, raw.face_number is not None),
        registration=registration_used(clip.pictures, clip.config),
    )
    return Prediction(
        source=raw.source,
        clip=clip.annotated.key if clip.annotated else None,
        label=ensemble.label_of(clip.annotated) if clip.annotated else None,
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
        warned=[note for note in raw.notes if note in clip.warned],
        missing=list(raw.missing),
        face=movement.face,
        registration=movement.registration,
        face_number=raw.face_number,
        frames_without_face=raw.face.position if raw.face else None,
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
        **by_class(ensemble.class_names, probabilities, ensemble.task),
        onset=Moment(clip.onset, times[0], ANNOTATED),
        apex=Moment(clip.apex if stored.apex_source == ANNOTATED else None, times[1], stored.apex_source),
        offset=Moment(clip.offset, times[2], ANNOTATED),
    )
    return Prediction(
        source=str(store.path),
        clip=clip.key,
        label=ensemble.label_of(clip),
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
