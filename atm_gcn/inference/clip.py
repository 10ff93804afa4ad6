"""Prediction of single recordings, and of every clip of a frame store."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch_geometric.data import Data

from atm_gcn.data import Clip, FrameStore, MERDataset
from atm_gcn.data.clip_frames import ANNOTATED
from atm_gcn.data.store.stored_clips import StoredClip
from atm_gcn.data.unannotated import RawClip, clip_from_source
from atm_gcn.inference.ensemble import Ensemble, data_of
from atm_gcn.inference.prediction import Moment, Movement, Prediction, Rate, by_class, of_movement
from atm_gcn.training.results.run_folder import RunFolder

log = logging.getLogger(__name__)

_LONG_SECONDS = 1.0  # a micro-expression lasts half a second at most


@dataclass(frozen=True)
class RecordingClip:
    """A recording that was read as one clip.

    Args:
        data: Input of the models.
        raw: Which frames were used.
        annotated: The manifest row that names the clip; None without one.
    """

    data: Data
    raw: RawClip
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
    return predict_clips(ensemble, [read_recording(ensemble, source, settings, **frames)], device)[0].to_dict()


def read_recording(
    ensemble: Ensemble,
    source: str | Path,
    settings: dict[str, Any] | None = None,
    annotated: Clip | None = None,
    **frames: Any,
) -> RecordingClip:
    """Read a recording as the models' clips were read; arguments and errors as for :func:`predict_recording`."""
    images, raw = clip_from_source(source, ensemble.data.model_copy(update=settings), **frames)
    seconds = raw.seconds[-1] - raw.seconds[0] if raw.seconds else 0.0
    if seconds > _LONG_SECONDS:
        log.warning(
            "%s: %.1f s are used as one clip; search it with --spot, or select a movement with --onset and --offset",
            source,
            seconds,
        )
    return RecordingClip(data_of(images, raw.apex_position, raw.positions), raw, annotated)


def predict_clips(ensemble: Ensemble, clips: list[RecordingClip], device: torch.device) -> list[Prediction]:
    """Classify clips in one batch."""
    rows = ensemble.predict([clip.data for clip in clips], device).tolist()
    return [_of_recording(ensemble, clip, row) for clip, row in zip(clips, rows, strict=True)]


def predict_store(ensemble: Ensemble, source: str | Path, device: torch.device) -> list[Prediction]:
    """Classify every clip of a frame store.

    Returns:
        One result per clip, in the order of the store.

    Raises:
        ATMGCNError: If there is no store, or its clips do not fit the models.
    """
    store = FrameStore.open(source)
    ensemble.check_store(store)
    if RunFolder(ensemble.path).was_trained_on(store):
        log.warning(
            "%s: was trained on these clips; its predictions.csv has the predictions of held-out subjects",
            ensemble.path,
        )
    probabilities = ensemble.predict(MERDataset(store, window=ensemble.window), device).tolist()
    return [
        _of_stored_clip(ensemble, store, stored, row) for stored, row in zip(store.clips, probabilities, strict=True)
    ]


def describe_ensemble(ensemble: Ensemble) -> dict[str, Any]:
    """``model``, the path that the user gave, and ``num_models``."""
    return {"model": str(ensemble.path), "num_models": len(ensemble.files)}


def _of_recording(ensemble: Ensemble, clip: RecordingClip, probabilities: list[float]) -> Prediction:
    raw = clip.raw
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
        **describe_ensemble(ensemble),
    )


def _of_stored_clip(
    ensemble: Ensemble, store: FrameStore, stored: StoredClip, probabilities: list[float]
) -> Prediction:
    clip = stored.clip
    movement = Movement(
        **by_class(ensemble.class_names, probabilities),
        onset=Moment(clip.onset, None, ANNOTATED),
        apex=Moment(clip.apex if stored.apex_source == ANNOTATED else None, None, stored.apex_source),
        offset=Moment(clip.offset, None, ANNOTATED),
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
        **describe_ensemble(ensemble),
    )
