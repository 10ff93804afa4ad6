"""Focal loss and weights for imbalanced classes and action units, and what logits mean."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from atm_gcn.defaults import Task
from atm_gcn.errors import BatchError


def probabilities_of(logits: Tensor, task: Task = "emotion") -> Tensor:
    """Probabilities of logits ``[..., C]``: of classes, which sum to 1, or of each action unit."""
    return logits.sigmoid() if task == "action-units" else logits.softmax(dim=-1)


def focal_loss(
    logits: Tensor,
    target: Tensor,
    gamma: float = 2.0,
    weight: Tensor | None = None,
    label_smoothing: float = 0.0,
    clip_weight: Tensor | None = None,
) -> Tensor:
    r"""The focal loss of `Lin et al. (2017) <https://arxiv.org/abs/1708.02002>`_.

    .. math::
        \mathcal{L} = \frac{\sum_k v_k (1 - p_{k y_k})^{\gamma} \, \ell_k}{\sum_k v_k w_{y_k}}, \qquad
        \ell_k = - (1 - \varepsilon) \, w_{y_k} \log p_{k y_k} - \frac{\varepsilon}{C} \sum_c w_c \log p_{kc}

    where :math:`p_{kc}` is the probability of class c for clip k, :math:`y_k` its true class, :math:`w_c` the weight of
    a class, :math:`v_k` that of a clip, and :math:`\varepsilon` the label smoothing of
    `Szegedy et al. (2016) <https://arxiv.org/abs/1512.00567>`_. The focal factor depends on the probability of the true
    class alone, so that with smoothing a clip of which the model is certain has a loss of almost 0, although not the
    smallest possible. With ``gamma=0`` this is :func:`torch.nn.functional.cross_entropy`.

    Args:
        logits: ``[B, C]``.
        target: Class of each clip, int64 ``[B]``.
        gamma: Exponent that reduces the loss of well-classified clips; at least 0.
        weight: Weight of each class, ``[C]``, or None for equal ones.
        label_smoothing: Share of a clip's target that is spread evenly over all classes, in [0, 1).
        clip_weight: Weight of each clip, ``[B]``, or None for equal ones.

    Returns:
        The weighted mean over the clips, a scalar.

    Raises:
        BatchError: On a CPU, if ``target`` is not one class of 0 to C - 1 for each clip. A GPU is not waited for.
    """
    check_target(logits, target)
    if gamma == 0 and clip_weight is None:
        return F.cross_entropy(logits, target, weight=weight, label_smoothing=label_smoothing)
    cross_entropy = F.cross_entropy(logits, target, reduction="none")
    wrong = -torch.expm1(-cross_entropy)  # 1 - p without cancellation
    tiny = torch.finfo(wrong.dtype).tiny  # keeps the gradient of the power finite at p = 1 for gamma below 1
    factor = wrong.clamp_min(tiny) ** gamma
    if label_smoothing:
        loss = F.cross_entropy(logits, target, weight, reduction="none", label_smoothing=label_smoothing)
    else:
        loss = cross_entropy if weight is None else weight[target] * cross_entropy
    loss = factor * loss
    if clip_weight is None:
        return loss.sum() / (len(target) if weight is None else weight[target].sum())
    return (clip_weight * loss).sum() / (clip_weight if weight is None else clip_weight * weight[target]).sum()


def check_target(logits: Tensor, target: Tensor) -> None:
    """Make sure that ``target`` holds a class of each clip, as far as its values can be read without waiting.

    Raises:
        BatchError: If it does not.
    """
    if torch.compiler.is_compiling():
        return
    if target.shape != logits.shape[:1]:
        raise BatchError(f"y must be one class per clip, {list(logits.shape[:1])}, not {list(target.shape)}")
    if target.device.type == "cpu" and target.numel():
        low, high = (int(end) for end in target.aminmax())
        if low < 0 or high >= logits.size(1):
            wrong, last = low if low < 0 else high, logits.size(1) - 1
            raise BatchError(
                f"y holds class {wrong}, and the model has the classes 0 to {last}; number them from 0, or build it "
                "with ModelConfig(num_classes=...)"
            )


@dataclass(frozen=True)
class FocalLoss:
    """:func:`focal_loss` with its settings, for clips that pass through a model in several parts.

    The loss of all clips is the mean of the parts' losses, each weighted by its :meth:`mass`.
    """

    gamma: float = 2.0
    weight: Tensor | None = None
    label_smoothing: float = 0.0

    def __call__(self, logits: Tensor, target: Tensor, clip_weight: Tensor | None = None) -> Tensor:
        return focal_loss(logits, target, self.gamma, self.weight, self.label_smoothing, clip_weight)

    def right(self, logits: Tensor, target: Tensor) -> Tensor:
        """Number of clips whose most probable class is the true one, a scalar."""
        return (logits.argmax(dim=1) == target).sum()

    def mass(self, target: Tensor, clip_weight: Tensor | None = None) -> Tensor:
        """The denominator of the mean: the sum of the clips' weights. A scalar."""
        if clip_weight is not None:
            return (clip_weight if self.weight is None else clip_weight * self.weight[target]).sum()
        return target.new_tensor(target.numel()).float() if self.weight is None else self.weight[target].sum()


def class_weights(labels: Sequence[int] | Tensor, num_classes: int) -> Tensor:
    """Weights inverse to the frequency of the classes, with mean 1 over the clips.

    Args:
        labels: Class of each training clip, ``[num_clips]``.
        num_classes: C.

    Returns:
        float32 ``[C]``; 0 for a class without a clip.
    """
    counts = torch.bincount(torch.as_tensor(labels, dtype=torch.long), minlength=num_classes).float()
    weights = counts.sum() / (counts.clamp_min(1) * (counts > 0).sum())
    return torch.where(counts > 0, weights, torch.zeros_like(weights))


def binary_focal_loss(
    logits: Tensor,
    target: Tensor,
    gamma: float = 2.0,
    weight: Tensor | None = None,
    label_smoothing: float = 0.0,
    clip_weight: Tensor | None = None,
) -> Tensor:
    r"""The focal loss of `Lin et al. (2017) <https://arxiv.org/abs/1708.02002>`_ of independent binary targets.

    .. math::
        \mathcal{L} = \frac{\sum_k v_k \sum_u m_{ku} \, (1 - q_{ku})^{\gamma} \, \ell_{ku}}
        {\sum_k v_k \sum_u m_{ku} \, w_{y_{ku} u}}, \qquad
        \ell_{ku} = - (1 - \tfrac{\varepsilon}{2}) \, w_{y_{ku} u} \log q_{ku}
        - \tfrac{\varepsilon}{2} \, w_{y_{ku} u} \log (1 - q_{ku})

    where :math:`q_{ku}` is the probability of the true state of unit u in clip k, :math:`p_{ku}` where it is present
    and :math:`1 - p_{ku}` where it is absent, :math:`m_{ku}` is 0 where the state is unknown and else 1,
    :math:`w_{su}` the weight of state s of a unit, :math:`v_k` that of a clip, and :math:`\varepsilon` the label
    smoothing. With
    ``gamma=0`` and no weights this is :func:`torch.nn.functional.binary_cross_entropy_with_logits`.

    Args:
        logits: ``[B, U]``.
        target: ``[B, U]``, 1 for a unit that is present, 0 for one that is absent, -1 for one that is unknown.
        gamma: Exponent that reduces the loss of well-classified units; at least 0.
        weight: Weights of units that are absent and present, ``[2, U]``, or None for equal ones.
        label_smoothing: In [0, 1).
        clip_weight: Weight of each clip, ``[B]``, or None for equal ones.

    Returns:
        The weighted mean over all known states, a scalar; 0 if there are none.

    Raises:
        BatchError: If ``target`` has another shape than ``logits``.
    """
    mass = _masses(logits, target, weight, clip_weight)
    signed = torch.where(target > 0.5, logits, -logits)  # the logit of the true state
    cross_entropy = -F.logsigmoid(signed)
    loss = cross_entropy
    if label_smoothing:
        loss = (1 - label_smoothing / 2) * cross_entropy - label_smoothing / 2 * F.logsigmoid(-signed)
    if gamma:
        wrong = -torch.expm1(-cross_entropy)
        loss = wrong.clamp_min(torch.finfo(wrong.dtype).tiny) ** gamma * loss
    return (mass * loss).sum() / mass.sum().clamp_min(torch.finfo(loss.dtype).tiny)


def _masses(logits: Tensor, target: Tensor, weight: Tensor | None, clip_weight: Tensor | None) -> Tensor:
    """Weight of each state ``[B, U]`` in the mean, 0 where it is unknown."""
    if target.shape != logits.shape:
        raise BatchError(f"y must be one state per clip and unit, {list(logits.shape)}, not {list(target.shape)}")
    mass = (target >= 0).to(logits.dtype)
    if weight is not None:
        mass = mass * torch.where(target > 0.5, weight[1], weight[0])
    return mass if clip_weight is None else mass * clip_weight[:, None]


@dataclass(frozen=True)
class BinaryFocalLoss:
    """:func:`binary_focal_loss` with its settings, for clips that pass through a model in several parts.

    The loss of all clips is the mean of the parts' losses, each weighted by its :meth:`mass`.
    """

    gamma: float = 2.0
    weight: Tensor | None = None
    label_smoothing: float = 0.0

    def __call__(self, logits: Tensor, target: Tensor, clip_weight: Tensor | None = None) -> Tensor:
        return binary_focal_loss(logits, target, self.gamma, self.weight, self.label_smoothing, clip_weight)

    def right(self, logits: Tensor, target: Tensor) -> Tensor:
        """Sum over the clips of the share of their known states that are predicted, a scalar."""
        known = target >= 0
        right = ((logits > 0) == (target > 0.5)) & known
        return (right.sum(dim=1) / known.sum(dim=1).clamp_min(1)).sum()

    def mass(self, target: Tensor, clip_weight: Tensor | None = None) -> Tensor:
        """The denominator of the mean: the sum of the weights of known states. A scalar."""
        return _masses(target, target, self.weight, clip_weight).sum()


def unit_weights(states: Sequence[Sequence[int]] | Tensor, balanced: bool = True, least: int = 1) -> Tensor:
    r"""Weights of absent and present action units from the training clips.

    .. math::
        w_{su} = \frac{n_{0u} + n_{1u}}{2 \, n_{su}}

    with the number :math:`n_{su}` of training clips in which unit u has state s, if they are balanced, and else 1. A
    unit that is present in fewer than ``least`` clips has :math:`w_{1u} = 0`: it is learnt from the clips that lack it
    alone, and so not predicted.

    Args:
        states: Of every training clip and unit, ``[num_clips, U]``: 1 present, 0 absent, -1 unknown.
        balanced: Whether both states of a unit count equally.
        least: Clips with a unit that are enough to learn it.

    Returns:
        float32 ``[2, U]``.
    """
    table = torch.as_tensor(states)
    counts = torch.stack([(table == state).sum(dim=0) for state in (0, 1)]).float()  # [2, U]
    weights = counts.sum(dim=0) / (2 * counts.clamp_min(1)) if balanced else torch.ones_like(counts)
    weights[1] = torch.where(counts[1] >= least, weights[1], torch.zeros_like(weights[1]))
    return weights
