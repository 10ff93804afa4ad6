"""Prediction of single recordings, and of every clip of a frame store."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch_geometric.data import Data

from atm_gcn.data import Clip, FrameStore, MERDataset
from atm_gcn.data.unannotated import RawClip, clip_from_source
from atm_gcn.inference.ensemble import Ensemble, data_of
from atm_gcn.inference.known_clips import Query
from atm_gcn.inference.model_choice import describe_together

log = logging.getLogger(__name__)

_LONG_SECONDS = 1.0  # a micro-expression lasts half a second at most


@dataclass(frozen=True)
class RecordingClip:
    """A recording that was read as one clip.

    Args:
        data: Input of the models.
        raw: Which frames were used.
        labels: Keys to add to the result, such as ``label``.
        ensemble: The models that were chosen for it.
    """

    data: Data
    raw: RawClip
    labels: dict[str, str]
    ensemble: Ensemble


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
        ``predicted``, ``probabilities`` by class, and which frames were used and how each was chosen.

    Raises:
        ATMGCNError: If the source cannot be read as a clip.
    """
    return predict_clips([read_recording(ensemble, source, settings, **frames)], device)[0]


def read_recording(
    ensemble: Ensemble,
    source: str | Path,
    settings: dict[str, Any] | None = None,
    clip: Clip | None = None,
    **frames: Any,
) -> RecordingClip:
    """Read a recording as the models' clips were read, and choose its models.

    Arguments and errors are those of :func:`predict_recording`; ``clip`` is the row of a manifest that names it.
    """
    images, raw = clip_from_source(source, ensemble.data.model_copy(update=settings), **frames)
    seconds = raw.seconds[-1] - raw.seconds[0] if raw.seconds else 0.0
    if seconds > _LONG_SECONDS:
        log.warning(
            "%s: %.1f s are used as one clip; search it with --spot, or select a movement with --onset and --offset",
            source,
            seconds,
        )
    chosen = ensemble.for_source(source, clip, (raw.onset, raw.offset))
    labels = {} if clip is None else {"clip": clip.key, "label": clip.label}
    return RecordingClip(data_of(images, raw.apex_position, raw.positions), raw, labels, chosen)


def predict_clips(clips: list[RecordingClip], device: torch.device) -> list[dict[str, Any]]:
    """Classify clips, those of the same models in one batch; each result is as from :func:`predict_recording`."""
    rows: dict[int, list[float]] = {}
    for ensemble, places in by_models([clip.ensemble for clip in clips]):
        found = ensemble.predict([clips[place].data for place in places], device).tolist()
        rows |= dict(zip(places, found, strict=True))
    return [_describe_clip(clip.ensemble, clip, rows[place]) for place, clip in enumerate(clips)]


def by_models(ensembles: Sequence[Ensemble]) -> list[tuple[Ensemble, list[int]]]:
    """The different sets of models, each with the positions at which it occurs."""
    places: dict[tuple[Path, ...], list[int]] = {}
    for place, ensemble in enumerate(ensembles):
        places.setdefault(tuple(ensemble.files), []).append(place)
    return [(ensembles[own[0]], own) for own in places.values()]


def predict_store(ensemble: Ensemble, source: str | Path, device: torch.device) -> dict[str, Any]:
    """Classify every clip of a frame store.

    Returns:
        ``clips``: for each, its key and label, ``predicted``, ``probabilities`` by class, and the apex used.

    Raises:
        ATMGCNError: If there is no store, or its clips do not fit the models.
    """
    store = FrameStore.open(source)
    ensemble.check_store(store)
    queries = [Query.of_clip(stored.clip, stored.recording or None) for stored in store.clips]
    chosen = [ensemble.for_query(query, warns=False) for query in queries]
    choices = [one.choice.describe(ensemble.path) for one in chosen]
    overall = describe_together(choices)
    if overall["trained_on"]:
        log.warning("%s: the models were trained on %s", source, overall["trained_on"])
    dataset = MERDataset(store, window=ensemble.window)
    rows: dict[int, list[float]] = {}
    for one, places in by_models(chosen):
        rows |= dict(zip(places, one.predict(dataset[places], device).tolist(), strict=True))
    clips = [
        {
            "clip": stored.clip.key,
            "label": stored.clip.label,
            **describe_probabilities(ensemble.class_names, rows[place]),
            "apex": {"position": stored.apex_position, "chosen": stored.apex_source},
            "models": models,
        }
        for place, (stored, models) in enumerate(zip(store.clips, choices, strict=True))
    ]
    return {"source": str(source), "clips": clips, **describe_ensemble(ensemble), "models": overall}


def describe_probabilities(names: list[str], probabilities: list[float]) -> dict[str, Any]:
    """``predicted`` and ``probabilities`` by class."""
    by_name = dict(zip(names, probabilities, strict=True))
    return {"predicted": max(by_name, key=by_name.__getitem__), "probabilities": by_name}


def describe_ensemble(ensemble: Ensemble) -> dict[str, Any]:
    """``model``, the path that the user gave, ``num_models``, and ``models``, which says which models and why."""
    path = str(ensemble.path)
    return {"model": path, "num_models": len(ensemble.files), "models": ensemble.choice.describe(path)}


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
