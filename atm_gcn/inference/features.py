"""Prediction of clips whose features were computed beforehand."""

from typing import Any

import numpy as np
import torch

from atm_gcn.data.clip import Clip
from atm_gcn.data.clip_frames import ANNOTATED
from atm_gcn.data.sequences.apex import APEXES
from atm_gcn.data.sequences.checked_item import check_item
from atm_gcn.data.sequences.feature_file import FeatureFile, has_features, read_features
from atm_gcn.data.sequences.load_features import clip_rows
from atm_gcn.errors import ATMGCNError
from atm_gcn.inference.clip import describe_ensemble
from atm_gcn.inference.ensemble import Ensemble
from atm_gcn.inference.known_clips import Query
from atm_gcn.inference.prediction import Moment, Movement, Prediction, Rate, by_class, of_movement
from atm_gcn.inference.sources import Source


def is_features(ensemble: Ensemble, source: Source) -> bool:
    """Whether a source is a file of features, and the models read these."""
    return ensemble.input == "features" and source.kind == "recording" and has_features(source.path)


def predict_features(
    ensemble: Ensemble, source: Source, device: torch.device, frames: dict[str, Any], fps: float | None = None
) -> Prediction:
    """Classify the rows of a file of features as one clip.

    Args:
        ensemble: Models of features; the columns are in the order of their training.
        source: The file. If a manifest names it, its row says which rows are the clip's; else all are.
        device: Device of the models.
        frames: ``onset``, ``apex`` and ``offset``, instead of the first row, the one that :func:`apex_rule` chooses,
            and the last.
        fps: Frames per second, in which the times of the file are counted; None for the rate of these times.

    Raises:
        ATMGCNError: If the file cannot be read, or has other features than the models read.
    """
    file = read_features(source.path)
    clip = source.clip or _whole(file, frames, fps)
    rule = apex_rule(ensemble)
    data, _ = clip_rows(clip, file, rule)
    checked = check_item(data, source.path, rule)
    node = checked.global_node
    data.global_index = torch.tensor([] if node is None else [node], dtype=torch.int64)
    chosen = ensemble.for_query(Query.of_clip(clip) if source.clip else Query(source.path))
    if checked.width != chosen.channels:
        raise ATMGCNError(
            f"{source.path}: has {checked.width} features per row, and the models of {ensemble.path} read "
            f"{chosen.channels}; write the columns that they were trained on, in the same order"
        )
    (probabilities,) = chosen.predict([data], device).tolist()
    numbers = file.numbers[np.searchsorted(file.numbers, clip.onset) :]
    position = None if node is None else node + 1
    sources = {key: _chosen(source, frames.get(key), usual) for key, usual in _RULES.items()}
    if checked.apex_source != "given":
        sources["apex"] = _APEX_RULES[rule]
    movement = Movement(
        **by_class(chosen.class_names, probabilities, chosen.task),
        onset=Moment(clip.onset, None, sources["onset"]),
        apex=Moment(None if position is None else int(numbers[position]), None, sources["apex"]),
        offset=Moment(clip.offset, None, sources["offset"]),
    )
    return Prediction(
        source=source.path,
        clip=source.clip.key if source.clip else None,
        label=chosen.label_of(source.clip) if source.clip else None,
        mode="clip",
        status="predicted",
        **of_movement(movement),
        movements=[movement],
        num_frames=checked.num_nodes + 1,
        apex_position=position,
        fps=Rate(clip.fps or None, ANNOTATED if source.clip else "given"),
        training_fps=ensemble.data.fps,
        **describe_ensemble(chosen),
    )


_RULES = {"onset": "first row", "apex": "largest norm", "offset": "last row"}
_APEX_RULES = {"largest": "largest norm", "middle": "middle", "first": "first row", "none": "none"}


def apex_rule(ensemble: Ensemble) -> str:
    """The rule by which training chose the global node of clips without an apex; ``"largest"`` if none had to be."""
    sources = (ensemble.card["data"]["apex_sources"] or []) if ensemble.card else []
    return next((rule for rule in APEXES if rule in sources), "largest")


def _chosen(source: Source, given: int | None, rule: str) -> str:
    if source.clip:
        return ANNOTATED
    return rule if given is None else "given"


def _whole(file: FeatureFile, frames: dict[str, Any], fps: float | None) -> Clip:
    """All rows of a file as a clip, or those from the given onset to the given offset."""
    if fps is None and file.seconds is not None and len(file.numbers) > 1:
        fps = 1 / float(np.median(np.diff(file.seconds) / np.diff(file.numbers)))
    onset, offset = frames.get("onset"), frames.get("offset")
    return Clip(
        "",
        "",
        file.path.name,
        int(file.numbers[0]) if onset is None else onset,
        frames.get("apex"),
        int(file.numbers[-1]) if offset is None else offset,
        fps or 0.0,
    )
