"""A clip together with the explanation of a model."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from atm_gcn.config import DataConfig
from atm_gcn.errors import ATMGCNError
from atm_gcn.explain.attention_scale import above_background
from atm_gcn.explain.edge_weights import edge_weight_summary, summary_lines
from atm_gcn.explanation import Explanation
from atm_gcn.media.heatmaps import overlay_heat

FLOW_UNIT = "% of the side"


def unit_of(config: DataConfig) -> str:
    """Unit of optical flow that was prepared with these settings, for labels; empty where it is unknown."""
    return "" if config.flow == "pictures" else FLOW_UNIT


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
        movement: If the clip was spotted, which of the brief movements of the recording it is; otherwise empty.
        reliability: What the prediction is worth, in a line.
        warnings: In which ways the clip is unlike the training clips, a sentence each.
        flow: u, v and strain of every frame but the onset, ``[L - 1, h, w, 3]``, if the model reads optical flow.
        flow_unit: Unit of u and v, for labels; empty for pictures of optical flow, whose unit is unknown.
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
    movement: str = ""
    reliability: str = ""
    warnings: tuple[str, ...] = ()
    flow: np.ndarray | None = None
    flow_unit: str = FLOW_UNIT

    @property
    def probabilities(self) -> np.ndarray:
        """``[C]`` probability of each class, the mean of the models that predict."""
        return self.explanation.probabilities[0].numpy() if self.mean is None else self.mean

    @property
    def predicted(self) -> str:
        """The most probable class."""
        return self.class_names[int(self.probabilities.argmax())]

    def to_dict(self) -> dict[str, Any]:
        """What is drawn, as ``atm-gcn explain --json`` prints it: the class, the models and the edge weights.

        ``edge_weights`` holds :func:`~atm_gcn.explain.edge_weights.edge_weight_summary`; None without a graph.
        """
        return {
            "clip": self.name,
            "label": self.label,
            "predicted": self.predicted,
            "probabilities": dict(zip(self.class_names, self.probabilities.tolist(), strict=True)),
            "models": {"reason": self.model, "explained": self.explained_model or None},
            "movement": self.movement or None,
            "reliability": self.reliability or None,
            "edge_weights": edge_weight_summary([self.explanation]),
        }

    def lines(self) -> list[str]:
        """The same in words."""
        lines = [f"{self.name}: {self.predicted} ({self.probabilities.max():.4f}), by {self.model}"]
        if self.movement:
            lines.append(f"explained is {self.movement}; select another with --onset and --offset")
        if self.explained_model:
            own = self.explanation.probabilities[0]
            predicted = self.class_names[int(own.argmax())]
            lines.append(
                f"drawn is {self.explained_model}, whose probabilities are nearest to the mean: {predicted} "
                f"({own.max():.4f})"
            )
        summary = edge_weight_summary([self.explanation])
        return [*lines, *(summary_lines(summary) if summary else []), f"reliability: {self.reliability}"]

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
