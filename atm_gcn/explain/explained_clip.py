"""A clip together with the explanation of a model."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from atm_gcn.config import DataConfig
from atm_gcn.defaults import Task
from atm_gcn.errors import ATMGCNError
from atm_gcn.explain.attention_scale import above_background
from atm_gcn.explain.edge_weights import edge_weight_summary, summary_lines
from atm_gcn.explanation import Explanation
from atm_gcn.media.heatmaps import overlay_heat
from atm_gcn.training.results.outcomes import OUTCOMES

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
        task: What the models predict.
        unit: The action unit that is explained; empty for classes.
        contributions: What raises its logit where, ``[L - 1, h, w]``; None for classes and models of features.
        evidence: How much each frame but the onset raises its logit, ``[L - 1]``; None for classes.
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
    task: Task = "emotion"
    unit: str = ""
    contributions: np.ndarray | None = None
    evidence: np.ndarray | None = None

    @property
    def probabilities(self) -> np.ndarray:
        """``[C]`` probability of each class, the mean of the models that predict."""
        return self.explanation.probabilities[0].numpy() if self.mean is None else self.mean

    @property
    def predicted(self) -> str:
        """The most probable class, or all action units above one half."""
        return OUTCOMES[self.task].predicted(self.probabilities.tolist(), self.class_names)

    @property
    def verdict(self) -> tuple[str, float]:
        """What is predicted and its probability; of action units, the one that is explained."""
        return self._verdict(self.probabilities)

    @property
    def own_verdict(self) -> tuple[str, float]:
        """The same by the one of several models that is explained."""
        return self._verdict(self.explanation.probabilities[0].numpy())

    def _verdict(self, probabilities: np.ndarray) -> tuple[str, float]:
        number = self.class_names.index(self.unit) if self.unit else int(probabilities.argmax())
        return self.class_names[number], float(probabilities[number])

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
        } | ({"unit": self.unit, "evidence": self._evidence} if self.unit else {})

    @property
    def _evidence(self) -> list[float] | None:
        return None if self.evidence is None else self.evidence.tolist()

    def lines(self) -> list[str]:
        """The same in words."""
        name, p = self.verdict
        if self.unit:
            lines = [f"{self.name}: {self.predicted}, by {self.model}", f"explained is {name} ({p:.4f})"]
            if self.evidence is not None and self.evidence.max() > 0:
                place = int(self.evidence.argmax()) + 1
                when = "" if self.milliseconds is None else f", {self.milliseconds[place]:.0f} ms after the onset"
                lines.append(f"the frame that raises it most is number {place} after the onset{when}")
        else:
            lines = [f"{self.name}: {self.predicted} ({p:.4f}), by {self.model}"]
        if self.movement:
            lines.append(f"explained is {self.movement}; select another with --onset and --offset")
        if self.explained_model:
            predicted, p = self.own_verdict
            lines.append(
                f"drawn is {self.explained_model}, whose probabilities are nearest to the mean: {predicted} ({p:.4f})"
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

    def raising(self) -> np.ndarray | None:
        """Where the logit of the explained unit is raised, ``[L - 1, h, w]``, 1 where it is most; None for classes."""
        if self.contributions is None:
            return None
        raised = self.contributions.clip(min=0)
        return raised / max(float(raised.max()), 1e-12)

    def overlay(self, maps: np.ndarray, position: int, scale: float) -> np.ndarray:
        """One frame with its attention map over it, uint8 RGB ``[H, W, 3]``.

        Args:
            maps: Of :meth:`attention`.
            position: The frame's position, at least 1.
            scale: Of :func:`~atm_gcn.explain.attention_scale.attention_scale`.
        """
        return overlay_heat(self.frames[position], above_background(maps[position - 1 : position])[0] / scale)
