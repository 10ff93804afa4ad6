"""Facts about a model or a run, read from its files."""

import math
from pathlib import Path
from typing import Any

from atm_gcn.checkpoint import data_settings, find_checkpoint, inspect_checkpoint
from atm_gcn.config import PRESETS, ModelConfig, PeerConfig, RunConfig
from atm_gcn.training.results.fold_record import check_named_model
from atm_gcn.training.results.model_card import check_card
from atm_gcn.training.results.run_results import RunResults
from atm_gcn.training.results.summary import SCORES

STATISTICS = {"running_mean", "running_var", "num_batches_tracked"}
STATISTICS |= {
    "class_count",
    "class_mean",
    "class_covariance",
    "feature_mean",
    "feature_scale",
    "flow_is_drawn",
}  # peers
PARTS = ("encoder", "graph", "readout")
OTHER = "other"
OF_DATA = {"input", "task", "num_classes", "class_names"}


def describe_model(path: str | Path) -> dict[str, Any]:
    """Describe the checkpoint in a file or a fold's folder, or a run's folder by its first fold and its scores.

    Raises:
        ATMGCNError: If there is no model, or it is damaged.
    """
    path = Path(path)
    run = RunResults(path)
    is_run = run.folder.is_begun
    models = run.models() if is_run else [find_checkpoint(check_named_model(path))]
    file = models[0]
    state, config, metadata = inspect_checkpoint(file)
    counts = dict.fromkeys((*PARTS, OTHER), 0)
    for name, tensor in state.items():
        part = name.partition(".")[0]
        if _is_parameter(name):
            counts[part if part in PARTS else OTHER] += math.prod(tensor.shape)
    return {
        "path": str(path),
        "file": str(file),
        "file_bytes": file.stat().st_size,
        "num_models": len(models),
        "num_folds": len({one.record.fold if one.record else one.name for one in run.folds}) if is_run else None,
        "title": f"{config.peer.title} ({config.peer.source})" if isinstance(config, PeerConfig) else None,
        "classes": config.names,
        "parameters": {"total": sum(counts.values()), **counts},
        "preset": preset_of(config),
        "model": config.model_dump(mode="json"),
        "data": data_settings(metadata, file).model_dump(mode="json") if metadata.get("data") else None,
        "held_out": metadata.get("held_out"),
        "card": check_card(metadata["card"], file) if metadata.get("card") else None,
        "run_scores": _run_scores(run) if is_run else None,
    }


def preset_of(config: ModelConfig | PeerConfig) -> str | None:
    """The preset with the same model settings, whatever the data determine; None if there is none."""
    if isinstance(config, PeerConfig) or config.input == "features":  # which also determine motion_channels
        return None
    own = config.model_dump(exclude=OF_DATA)
    presets = {name: RunConfig.preset(name).model.model_dump(exclude=OF_DATA) for name in PRESETS}
    return next((name for name, settings in presets.items() if settings == own), None)


def _is_parameter(name: str) -> bool:
    """Whether a tensor of a checkpoint is a parameter, rather than a statistic of batch norm or of features."""
    return name.rpartition(".")[2] not in STATISTICS


def _run_scores(run: RunResults) -> dict[str, Any] | None:
    """The pooled scores of a run with their intervals and chance levels, and those of the ensemble of several seeds.

    None while the run is not finished.
    """
    if not run.has_scores:
        return None
    metrics = run.metrics
    return {
        key: metrics.get(key) for key in (*SCORES, "interval", "chance", "num_clips", "num_subjects", "seed_ensemble")
    } | {key: metrics[key] for key in ("mean_f1", "always_on") if key in metrics}
