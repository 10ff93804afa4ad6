"""A clip together with the explanation of a model.

The class and the probabilities are those of ``atm-gcn predict``: the mean of several models where no fold held the clip
out. What the models attend to is not averaged, since no model computes with such a mean and edge weights of opposite
sign would cancel. Explained is the model whose probabilities are nearest to the mean, among those that predict its
class if any does.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch_geometric.data import Data

from atm_gcn.building import Builder, load_model
from atm_gcn.data import FrameStore, MERDataset
from atm_gcn.data.unannotated import NO_MOVEMENT, clip_from_source
from atm_gcn.errors import ATMGCNError
from atm_gcn.explain.attention_scale import above_background
from atm_gcn.explanation import Explanation
from atm_gcn.inference.ensemble import Ensemble, data_of
from atm_gcn.inference.known_clips import Query
from atm_gcn.media.heatmaps import overlay_heat

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ExplainedClip:
    """One clip of L frames and its explanation; position 0 is the onset, L - 1 the offset.

    Args:
        name: The clip's key, or the recording.
        frames: uint8 RGB ``[L, H, W, 3]``, the model's input.
        milliseconds: ``[L]`` time since the onset; None where the frame rate is unknown.
        apex: The apex's position, at least 1.
        explanation: Of the L - 1 motion nodes; node t belongs to frame t + 1.
        class_names: In the order of the probabilities.
        label: The annotated class; None for a recording without annotation.
        model: The models that predict, and why they were chosen.
        mean: ``[C]`` mean of the probabilities of several models; None where one model predicts.
        explained_model: Which of several models ``explanation`` is of; empty where one model predicts.
    """

    name: str
    frames: np.ndarray
    milliseconds: np.ndarray | None
    apex: int
    explanation: Explanation
    class_names: list[str]
    label: str | None
    model: str
    mean: np.ndarray | None = None
    explained_model: str = ""

    @property
    def probabilities(self) -> np.ndarray:
        """``[C]`` probability of each class, the mean of the models that predict."""
        return self.explanation.probabilities[0].numpy() if self.mean is None else self.mean

    @property
    def predicted(self) -> str:
        """The most probable class."""
        return self.class_names[int(self.probabilities.argmax())]

    def attention(self, block: int) -> np.ndarray:
        """Attention maps of one continuous attention block, counted from 1: float ``[L - 1, H_k, W_k]`` in [0, 1].

        Raises:
            ATMGCNError: If the model has no such block.
        """
        maps = self.explanation.attention_maps
        if not maps:
            raise ATMGCNError("the model's encoder has no attention blocks, so there are no attention maps")
        if not 1 <= block <= len(maps):
            raise ATMGCNError(f"block must be from 1 to {len(maps)}, the attention blocks of the model, not {block}")
        return maps[block - 1][:, 0].numpy()

    def overlay(self, maps: np.ndarray, position: int, scale: float) -> np.ndarray:
        """One frame with its attention map over it, uint8 RGB ``[H, W, 3]``.

        Args:
            maps: Of :meth:`attention`.
            position: The frame's position, at least 1.
            scale: Of :func:`~atm_gcn.explain.attention_scale.attention_scale`.
        """
        return overlay_heat(self.frames[position], above_background(maps[position - 1 : position])[0] / scale)


def explain_recording(
    run: str | Path,
    source: str | Path,
    device: torch.device,
    settings: dict[str, Any] | None = None,
    build_model: Builder | None = None,
    **frames: Any,
) -> ExplainedClip:
    """Explain a video or a folder of frames as one clip.

    Args:
        run: Folder of a run or of a fold, or a checkpoint; see :mod:`~atm_gcn.inference.model_choice`.
        source: Video file or folder of frames.
        device: Device of the model.
        settings: Data settings that override the model's own, such as ``{"face": "crop"}``.
        build_model: Builder of the model, unless it is the library's own; see :mod:`atm_gcn.building`.
        **frames: ``onset``, ``apex``, ``offset`` and ``fps`` of :func:`~atm_gcn.data.unannotated.clip_from_source`.

    Raises:
        ATMGCNError: If the source cannot be read as a clip, or there is no model.
    """
    ensemble = Ensemble.open(run, build_model)
    images, raw = clip_from_source(source, ensemble.data.model_copy(update=settings), **frames)
    ensemble = ensemble.for_source(source, span=(raw.onset, raw.offset))
    for note in raw.notes:
        if note != NO_MOVEMENT:  # already logged as a warning
            log.info("%s: %s", source, note)
    return ExplainedClip(
        name=str(source),
        frames=images,
        milliseconds=_milliseconds(raw.seconds) if raw.seconds else None,
        apex=raw.apex_position,
        class_names=ensemble.class_names,
        label=None,
        **_explain(ensemble, data_of(images, raw.apex_position, raw.positions), device),
    )


def explain_stored_clip(
    run: str | Path, store: FrameStore, clip: str, device: torch.device, build_model: Builder | None = None
) -> ExplainedClip:
    """Explain one clip of a frame store.

    Args:
        run: Folder of a run or of a fold, or a checkpoint.
        store: The store.
        clip: The clip's key.
        device: Device of the model.
        build_model: Builder of the model, unless it is the library's own; see :mod:`atm_gcn.building`.

    Raises:
        ATMGCNError: If the store has no such clip, or its clips do not fit the model.
    """
    place = next((i for i, stored in enumerate(store.clips) if stored.clip.key == clip), None)
    if place is None:
        raise ATMGCNError(f"{store.path}: has no clip {clip!r}; its first is {store.clips[0].clip.key!r}")
    stored = store.clips[place]
    ensemble = Ensemble.open(run, build_model)
    ensemble.check_store(store)
    ensemble = ensemble.for_query(Query.of_clip(stored.clip, stored.recording or None))
    return ExplainedClip(
        name=clip,
        frames=np.asarray(store.read(place)),
        milliseconds=_milliseconds(store.seconds(place)),
        apex=stored.apex_position,
        class_names=ensemble.class_names,
        label=stored.clip.label,
        **_explain(ensemble, MERDataset(store, ensemble.window)[place], device),
    )


def _explain(ensemble: Ensemble, data: Data, device: torch.device) -> dict[str, Any]:
    """The fields of an :class:`ExplainedClip` that the models give."""
    each = torch.cat(list(ensemble.predict_each([data], device)))  # [num_models, C]
    mean = sum(each, torch.zeros_like(each[0])) / len(each)  # in the order of Ensemble.predict
    agree = each.argmax(dim=1) == mean.argmax()
    distance = (each - mean).abs().sum(dim=1).where(agree | ~agree.any(), torch.inf)
    file = ensemble.files[int(distance.argmin())]
    several = len(ensemble.files) > 1
    return {
        "explanation": _explain_by(load_model(file, ensemble.build_model).model, data, device, file),
        "model": ensemble.choice.reason,
        "mean": mean.numpy(),
        "explained_model": ensemble.name_of(file) if several else "",
    }


def _explain_by(model: nn.Module, data: Data, device: torch.device, file: Path) -> Explanation:
    explain: Callable[[Data], Explanation] | None = getattr(model.to(device), "explain", None)
    if explain is None:
        raise ATMGCNError(f"{file}: cannot be explained: {type(model).__name__} has no method explain(batch)")
    explanation = explain(data.to(device)).cpu()
    if not explanation.probabilities.isfinite().all():
        raise ATMGCNError(f"{file}: gives probabilities that are not finite; its weights are out of range")
    return explanation


def _milliseconds(seconds: Sequence[float] | np.ndarray) -> np.ndarray:
    """Times since the onset."""
    return 1000 * (np.asarray(seconds) - seconds[0])
