"""What models say of a recording that nobody annotated, or of every clip of a frame store."""

import logging
from pathlib import Path
from typing import Any

import torch

from atm_gcn.data import FrameStore, MERDataset
from atm_gcn.data.raw import clip_from_source
from atm_gcn.training.ensemble import Ensemble, data_of
from atm_gcn.training.run_folder import RunFolder

log = logging.getLogger(__name__)

LONG_SECONDS = 1.0  # a micro-expression lasts half a second at most


def is_store(path: str | Path) -> bool:
    """Whether there is a frame store at ``path``, rather than a recording."""
    return (Path(path) / "meta.json").is_file()


def predict_recording(
    ensemble: Ensemble,
    source: str | Path,
    device: torch.device,
    wishes: dict[str, Any] | None = None,
    **frames: Any,
) -> dict[str, Any]:
    """Classify a video or a folder of frames as one clip.

    Args:
        ensemble: The models; they also say how their clips were prepared.
        source: Video file or folder of frames.
        device: Where to compute.
        wishes: Data settings in place of the models' own, such as ``{"face": "crop"}``.
        **frames: ``onset``, ``apex``, ``offset`` and ``fps`` of :func:`~atm_gcn.data.raw.clip_from_source`.

    Returns:
        ``predicted``, ``probabilities`` by class, and which frames were taken and how each was chosen.

    Raises:
        ATMGCNError: If the source cannot be read as a clip.
    """
    images, raw = clip_from_source(source, ensemble.data.model_copy(update=wishes), **frames)
    seconds = (raw.offset - raw.onset) / raw.fps if raw.fps else 0.0
    if seconds > LONG_SECONDS:
        log.warning("%s: %.1f s are taken as one clip; cut a movement out with --onset and --offset", source, seconds)
    probabilities = ensemble.predict([data_of(images, raw.apex_position)], device)[0].tolist()
    return {
        "source": str(source),
        **_ranked(ensemble.class_names, probabilities),
        "onset": {"frame": raw.onset, "chosen": raw.onset_source},
        "apex": {"frame": raw.apex, "chosen": raw.apex_source},
        "offset": {"frame": raw.offset, "chosen": raw.offset_source},
        "fps": {"value": raw.fps, "chosen": raw.fps_source},
        "num_frames": len(images),
        "face": raw.box._asdict() if raw.box else None,
        **_about(ensemble),
    }


def predict_store(ensemble: Ensemble, source: str | Path, device: torch.device) -> dict[str, Any]:
    """Classify every clip of a frame store.

    Returns:
        ``clips``: for each, its key and label, ``predicted``, ``probabilities`` by class, and the apex taken.

    Raises:
        ATMGCNError: If there is no store, or its clips are not what the models know.
    """
    store = FrameStore.open(source)
    ensemble.check_store(store)
    if RunFolder(ensemble.path).was_trained_on(store):
        log.warning(
            "%s: was trained on these clips; predictions.csv there has those of held-out subjects", ensemble.path
        )
    probabilities = ensemble.predict(MERDataset(store, window=ensemble.window), device).tolist()
    clips = [
        {
            "clip": stored.clip.key,
            "label": stored.clip.label,
            **_ranked(ensemble.class_names, row),
            "apex": {"position": stored.apex_position, "chosen": stored.apex_source},
        }
        for stored, row in zip(store.clips, probabilities, strict=True)
    ]
    return {"source": str(source), "clips": clips, **_about(ensemble)}


def _ranked(names: list[str], probabilities: list[float]) -> dict[str, Any]:
    by_name = dict(zip(names, probabilities, strict=True))
    return {"predicted": max(by_name, key=by_name.__getitem__), "probabilities": by_name}


def _about(ensemble: Ensemble) -> dict[str, Any]:
    return {"model": str(ensemble.path), "num_models": len(ensemble.files)}
