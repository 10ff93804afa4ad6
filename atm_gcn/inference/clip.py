"""Prediction of single recordings, and of every clip of a frame store."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch_geometric.data import Data

from atm_gcn.data import FrameStore, MERDataset
from atm_gcn.data.unannotated import RawClip, clip_from_source
from atm_gcn.inference.ensemble import Ensemble, data_of
from atm_gcn.training.results.run_folder import RunFolder

log = logging.getLogger(__name__)

_LONG_SECONDS = 1.0  # a micro-expression lasts half a second at most


@dataclass(frozen=True)
class RecordingClip:
    """A recording that was read as one clip.

    Args:
        data: Input of the models.
        raw: Which frames were used.
        labels: Keys to add to the result, such as ``label``.
    """

    data: Data
    raw: RawClip
    labels: dict[str, str]


def predict_recording(
    ensemble: Ensemble,
    source: str | Path,
    device: torch.device,
    settings: dict[str, Any] | None = None,
    **frames: Any,
) -> dict[str, Any]:
    """Classify a video or a folder of frames as one clip.

    Args:
        ensemble: The models, with the settings by which their training clips were prepared.
        source: Video file or folder of frames.
        device: Device of the models.
        settings: Data settings that override the models' own, such as ``{"face": "crop"}``.
        **frames: ``onset``, ``apex``, ``offset`` and ``fps`` of :func:`~atm_gcn.data.unannotated.clip_from_source`.

    Returns:
        ``predicted``, ``probabilities`` by class, and which frames were used and how each was chosen.

    Raises:
        ATMGCNError: If the source cannot be read as a clip.
    """
    return predict_clips(ensemble, [read_recording(ensemble, source, settings, **frames)], device)[0]


def read_recording(
    ensemble: Ensemble,
    source: str | Path,
    settings: dict[str, Any] | None = None,
    labels: dict[str, str] | None = None,
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
    return RecordingClip(data_of(images, raw.apex_position, raw.positions), raw, labels or {})


def predict_clips(ensemble: Ensemble, clips: list[RecordingClip], device: torch.device) -> list[dict[str, Any]]:
    """Classify clips in one batch; each result is as from :func:`predict_recording`."""
    rows = ensemble.predict([clip.data for clip in clips], device).tolist()
    return [_describe_clip(ensemble, clip, row) for clip, row in zip(clips, rows, strict=True)]


def predict_store(ensemble: Ensemble, source: str | Path, device: torch.device) -> dict[str, Any]:
    """Classify every clip of a frame store.

    Returns:
        ``clips``: for each, its key and label, ``predicted``, ``probabilities`` by class, and the apex used.

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
    clips = [
        {
            "clip": stored.clip.key,
            "label": stored.clip.label,
            **describe_probabilities(ensemble.class_names, row),
            "apex": {"position": stored.apex_position, "chosen": stored.apex_source},
        }
        for stored, row in zip(store.clips, probabilities, strict=True)
    ]
    return {"source": str(source), "clips": clips, **describe_ensemble(ensemble)}


def describe_probabilities(names: list[str], probabilities: list[float]) -> dict[str, Any]:
    """``predicted`` and ``probabilities`` by class."""
    by_name = dict(zip(names, probabilities, strict=True))
    return {"predicted": max(by_name, key=by_name.__getitem__), "probabilities": by_name}


def describe_ensemble(ensemble: Ensemble) -> dict[str, Any]:
    """``model``, the path that the user gave, and ``num_models``."""
    return {"model": str(ensemble.path), "num_models": len(ensemble.files)}


def _describe_clip(ensemble: Ensemble, clip: RecordingClip, probabilities: list[float]) -> dict[str, Any]:
    raw = clip.raw
    times = (raw.seconds[0], raw.seconds[raw.apex_position]) if raw.seconds else (None, None)
    return {
        "source": raw.source,
        **clip.labels,
        **describe_probabilities(ensemble.class_names, probabilities),
        "onset": {"frame": raw.onset, "seconds": times[0], "chosen": raw.onset_source},
        "apex": {"frame": raw.apex, "seconds": times[1], "chosen": raw.apex_source},
        "offset": {"frame": raw.offset, "seconds": raw.offset_seconds, "chosen": raw.offset_source},
        "fps": {"value": raw.fps, "chosen": raw.fps_source},
        "training_fps": ensemble.data.fps,
        "resampled": raw.resampled,
        "num_frames": len(raw.numbers),
        "notes": list(raw.notes),
        "missing": list(raw.missing),
        "face": raw.box._asdict() if raw.box else None,
        **describe_ensemble(ensemble),
    }
