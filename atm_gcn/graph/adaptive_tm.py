"""Eq. 10: the adaptive temporal motion layer."""

import torch
from torch import Tensor, nn

from atm_gcn.defaults import FORGETTING_RATE

STARTS = ("identity", "difference")


class AdaptiveTM(nn.Module):
    r"""The adaptive temporal motion layer of `"Adaptive Temporal Motion Guided Graph Convolution Network for
    Micro-expression Recognition" <https://arxiv.org/abs/2406.08997>`_: it maps the edge weights with a
    learnt Linear and mixes the initial ones back in with the forgetting rate.

    .. math::
        A^{(l)} = FC(A^{(l-1)}) \, (1 - f_l) + A^{(0)} f_l

    FC is one Linear over the slots of a node, shared by all nodes, so that it applies to clips of any length. ``start``
    chooses its initial values:

    - ``"identity"``: an untrained layer leaves :math:`A^{(0)}` as it is.
    - ``"difference"``: an untrained FC gives every window edge forward in time the weight :math:`1/w`, every one
      backward :math:`-1/w`, and all others 0, so that a TM-GCN layer computes how features change over time. The
      weights of Eq. 6-8 are symmetric in time, and training takes very long to break that symmetry.

    Args:
        window (int): w; a node has ``K = 2w + 3`` slots.
        forgetting_rate (float or str): f_l in [0, 1], or ``"learnable"``: a sigmoid's output, starting at 0.5.
            (default: :obj:`0.1`)
        start (str, optional): Initial values of FC. (default: :obj:`"identity"`)

    Shapes:
        - **input:** weights of the layer before :math:`(|\mathcal{V}|, K)`, initial weights :math:`(|\mathcal{V}|, K)`,
          mask :math:`(|\mathcal{V}|, K)`
        - **output:** :math:`(|\mathcal{V}|, K)`, 0 outside the mask
    """

    def __init__(self, window: int, forgetting_rate: float | str = FORGETTING_RATE, start: str = "identity") -> None:
        super().__init__()
        if start not in STARTS:
            raise ValueError(f"start must be one of {STARTS}, not {start!r}")
        self.window = window
        self.start = start
        self.fc = nn.Linear(2 * window + 3, 2 * window + 3)
        self.learnable = forgetting_rate == "learnable"
        if self.learnable:
            self.forgetting_logit = nn.Parameter(torch.empty(()))
        elif not isinstance(forgetting_rate, int | float) or not 0 <= forgetting_rate <= 1:
            raise ValueError(f'forgetting_rate must lie in [0, 1] or be "learnable", not {forgetting_rate!r}')
        else:
            self.fixed_rate = float(forgetting_rate)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Reset FC to its initial values, and a learnable forgetting rate to 0.5."""
        nn.init.zeros_(self.fc.bias)
        if self.start == "identity":
            nn.init.eye_(self.fc.weight)
        else:
            nn.init.zeros_(self.fc.weight)
            with torch.no_grad():
                self.fc.bias[: self.window] = -1 / self.window
                self.fc.bias[self.window + 1 : 2 * self.window + 1] = 1 / self.window
        if self.learnable:
            nn.init.zeros_(self.forgetting_logit)

    @property
    def forgetting_rate(self) -> Tensor | float:
        """f_l."""
        return torch.sigmoid(self.forgetting_logit) if self.learnable else self.fixed_rate

    def forward(self, weight: Tensor, initial: Tensor, mask: Tensor) -> Tensor:
        rate = self.forgetting_rate
        with torch.autocast(weight.device.type, enabled=False):  # edge weights are mixed in float32
            mixed = self.fc(weight.to(self.fc.weight.dtype)) * (1 - rate) + initial * rate
        return mixed.masked_fill(~mask, 0.0)

    def extra_repr(self) -> str:
        rate = "learnable" if self.learnable else self.fixed_rate
        return f"window={self.window}, forgetting_rate={rate}, start={self.start!r}"
