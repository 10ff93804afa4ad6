"""Eq. 10: the adaptive temporal motion layer."""

import torch
from torch import Tensor, nn


class AdaptiveTM(nn.Module):
    r"""The adaptive temporal motion layer of `"Adaptive Temporal Motion Guided Graph Convolution Network for
    Micro-expression Recognition" <https://arxiv.org/abs/2406.08997>`_: it moves the edge weights away from the initial
    ones by a learnt map, and back by the forgetting rate.

    .. math::
        A^{(l)} = FC(A^{(l-1)}) \, (1 - f_l) + A^{(0)} f_l

    FC is one Linear over the slots of a node, shared by all nodes, so that it serves clips of every length. It starts
    as the identity: an untrained layer leaves :math:`A^{(0)}` as it is.

    Args:
        window (int): w; a node has ``K = 2w + 3`` slots.
        forgetting_rate (float or str): f_l in [0, 1], or ``"learnable"``: a sigmoid's output, starting at 0.5.
            (default: :obj:`0.5`)

    Shapes:
        - **input:** weights of the layer before :math:`(|\mathcal{V}|, K)`, initial weights :math:`(|\mathcal{V}|, K)`,
          mask :math:`(|\mathcal{V}|, K)`
        - **output:** :math:`(|\mathcal{V}|, K)`, 0 outside the mask
    """

    def __init__(self, window: int, forgetting_rate: float | str = 0.5) -> None:
        super().__init__()
        self.window = window
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
        """Make FC the identity and a learnable forgetting rate one half."""
        nn.init.eye_(self.fc.weight)
        nn.init.zeros_(self.fc.bias)
        if self.learnable:
            nn.init.zeros_(self.forgetting_logit)

    @property
    def forgetting_rate(self) -> Tensor | float:
        """f_l."""
        return torch.sigmoid(self.forgetting_logit) if self.learnable else self.fixed_rate

    def forward(self, weight: Tensor, initial: Tensor, mask: Tensor) -> Tensor:
        rate = self.forgetting_rate
        with torch.autocast(weight.device.type, enabled=False):  # the weights are float32; so is what mixes them
            mixed = self.fc(weight.to(self.fc.weight.dtype)) * (1 - rate) + initial * rate
        return mixed.masked_fill(~mask, 0.0)

    def extra_repr(self) -> str:
        return f"window={self.window}, forgetting_rate={'learnable' if self.learnable else self.fixed_rate}"
