"""Eq. 10: the adaptive temporal motion layer."""

import torch
from torch import Tensor, nn

from atm_gcn.defaults import FORGETTING_RATE, STARTS

DIFFERENCES = (1, -1), (1, 0), (0, 1)  # weights of edges forward and backward in time, times 1 / w


class AdaptiveTM(nn.Module):
    r"""The adaptive temporal motion layer of `"Adaptive Temporal Motion Guided Graph Convolution Network for
    Micro-expression Recognition" <https://arxiv.org/abs/2406.08997>`_: it maps the edge weights with a
    learnt Linear and mixes the initial ones back in with the forgetting rate.

    .. math::
        A^{(l)}_k = FC_k(A^{(l-1)}_k) \, (1 - f_l) + A^{(0)} f_l, \qquad k = 1, \ldots, H

    The paper has one head, H = 1. With several, each has its own FC and edge weights, and weighs its own group of
    channels in :class:`~atm_gcn.TMGCNConv`.

    FC is a Linear over the slots of a node, shared by all nodes, so that it applies to clips of any length. ``start``
    chooses its initial values:

    - ``"identity"``: an untrained layer leaves :math:`A^{(0)}` as it is.
    - ``"difference"``: an untrained FC gives every window edge forward in time the weight :math:`1/w`, every one
      backward :math:`-1/w`, and all others 0, so that a TM-GCN layer computes how features change over time. The
      weights of Eq. 6-8 are symmetric in time, and training takes very long to break that symmetry.
    - ``"mixed"``: the first head starts as the identity, the second as the difference, the third with :math:`1/w`
      forward and 0 elsewhere, the fourth with :math:`1/w` backward and 0 elsewhere; further heads repeat the second to
      the fourth. With one head it is the identity.

    Args:
        window (int): w; a node has ``K = 2w + 3`` slots.
        forgetting_rate (float or str): f_l in [0, 1], or ``"learnable"``: a sigmoid's output, starting at 0.5.
            (default: :obj:`0.5`)
        start (str, optional): Initial values of FC. (default: :obj:`"identity"`)
        heads (int, optional): H. (default: :obj:`1`)

    Shapes:
        - **input:** weights of the layer before :math:`(|\mathcal{V}|, K)`, the same for every head, or
          :math:`(|\mathcal{V}|, K, H)`; initial weights :math:`(|\mathcal{V}|, K)`; mask :math:`(|\mathcal{V}|, K)`
        - **output:** :math:`(|\mathcal{V}|, K)` for one head, else :math:`(|\mathcal{V}|, K, H)`; 0 outside the mask
    """

    def __init__(
        self,
        window: int,
        forgetting_rate: float | str = FORGETTING_RATE,
        start: str = "identity",
        heads: int = 1,
    ) -> None:
        super().__init__()
        if start not in STARTS:
            raise ValueError(f"start must be one of {STARTS}, not {start!r}")
        if heads < 1:
            raise ValueError(f"heads must be positive, not {heads}")
        self.window = window
        self.start = start
        self.heads = heads
        self.slots = 2 * window + 3
        self.fc = nn.Linear(self.slots, heads * self.slots)
        self.learnable = forgetting_rate == "learnable"
        if self.learnable:
            self.forgetting_logit = nn.Parameter(torch.empty(()))
        elif not isinstance(forgetting_rate, int | float) or not 0 <= forgetting_rate <= 1:
            raise ValueError(f'forgetting_rate must lie in [0, 1] or be "learnable", not {forgetting_rate!r}')
        else:
            self.fixed_rate = float(forgetting_rate)
        self.reset_parameters()

    @torch.no_grad()
    def reset_parameters(self) -> None:
        """Reset FC to its initial values, and a learnable forgetting rate to 0.5."""
        nn.init.zeros_(self.fc.weight)
        nn.init.zeros_(self.fc.bias)
        w = self.window
        for head, (weight, bias) in enumerate(zip(self.fc.weight.chunk(self.heads), self._biases(), strict=True)):
            if self.start == "identity" or (self.start == "mixed" and head == 0):
                nn.init.eye_(weight)
                continue
            forward, backward = DIFFERENCES[(head - 1) % 3 if self.start == "mixed" else 0]
            bias[:w] = backward / max(w, 1)
            bias[w + 1 : 2 * w + 1] = forward / max(w, 1)
        if self.learnable:
            nn.init.zeros_(self.forgetting_logit)

    def _biases(self) -> tuple[Tensor, ...]:
        return self.fc.bias.chunk(self.heads)

    @property
    def forgetting_rate(self) -> Tensor | float:
        """f_l."""
        return torch.sigmoid(self.forgetting_logit) if self.learnable else self.fixed_rate

    def forward(self, weight: Tensor, initial: Tensor, mask: Tensor) -> Tensor:
        rate = self.forgetting_rate
        with torch.autocast(weight.device.type, enabled=False):  # edge weights are mixed in float32
            mixed = self._fc(weight.to(self.fc.weight.dtype)) * (1 - rate) + initial * rate
        mixed = mixed.masked_fill(~mask, 0.0)
        return mixed if self.heads == 1 else mixed.movedim(0, -1)

    def _fc(self, weight: Tensor) -> Tensor:
        """``[num_nodes, K]`` for one head, else ``[H, num_nodes, K]``."""
        if self.heads == 1:
            return self.fc(weight)
        by_head = weight.expand(self.heads, -1, -1) if weight.dim() == 2 else weight.movedim(-1, 0)
        matrix = self.fc.weight.view(self.heads, self.slots, self.slots)
        return torch.baddbmm(self.fc.bias.view(self.heads, 1, self.slots), by_head, matrix.transpose(1, 2))

    def extra_repr(self) -> str:
        rate = "learnable" if self.learnable else self.fixed_rate
        heads = f", heads={self.heads}" if self.heads > 1 else ""
        return f"window={self.window}, forgetting_rate={rate}, start={self.start!r}{heads}"
