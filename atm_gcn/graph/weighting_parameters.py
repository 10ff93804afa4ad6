"""tau, lambda_local and lambda_global of Eq. 7 and 8, fixed or learnt."""

import torch
from torch import Tensor, nn

from atm_gcn.defaults import LAMBDA_GLOBAL, LAMBDA_LOCAL, TAU
from atm_gcn.graph.weighting import check_lambdas


class WeightingParameters(nn.Module):
    r"""tau, lambda_local and lambda_global, called to get their values.

    With ``learnable=True`` each value is the exponential of a parameter, and ``lambda_global`` is ``lambda_local`` plus
    one, so that :math:`\tau > 0` and :math:`0 < \lambda_{local} < \lambda_{global}` whatever is learnt.

    Args:
        tau (float, optional): Frames over which a weight falls by a factor e; finite if learnable.
            (default: :obj:`10.0`)
        lambda_local (float, optional): Factor of edges out of local nodes. (default: :obj:`0.5`)
        lambda_global (float, optional): Factor of edges out of global nodes, larger than ``lambda_local``.
            (default: :obj:`1.0`)
        learnable (bool, optional): Whether the values are learnt, starting at those given. (default: :obj:`False`)
    """

    def __init__(
        self,
        tau: float = TAU,
        lambda_local: float = LAMBDA_LOCAL,
        lambda_global: float = LAMBDA_GLOBAL,
        learnable: bool = False,
    ) -> None:
        super().__init__()
        self.initial = {"tau": tau, "lambda_local": lambda_local, "lambda_global": lambda_global}
        self.learnable = learnable
        check_lambdas(lambda_local, lambda_global)
        if learnable:
            if not (0 < tau < float("inf") and lambda_local > 0):
                raise ValueError(
                    f"learnable weights need a finite tau and a positive lambda_local, not {tau:g} and {lambda_local:g}"
                )
            self.log_tau = nn.Parameter(torch.empty(()))
            self.log_lambda = nn.Parameter(torch.empty(()))
            self.log_lambda_gap = nn.Parameter(torch.empty(()))
            self.reset_parameters()

    @torch.no_grad()
    def reset_parameters(self) -> None:
        """Reset to the values that were given."""
        if self.learnable:
            tau, local, largest = torch.tensor(list(self.initial.values()), dtype=torch.float64)
            self.log_tau.copy_(tau.log())
            self.log_lambda.copy_(local.log())
            self.log_lambda_gap.copy_((largest - local).log())

    def forward(self) -> dict[str, float] | dict[str, Tensor]:
        """The values by name, floats if fixed and scalars in float32 at least if learnt."""
        if not self.learnable:
            return self.initial
        logs = self.log_tau, self.log_lambda, self.log_lambda_gap
        tau, local, gap = (log.to(torch.promote_types(log.dtype, torch.float32)).exp() for log in logs)
        return {"tau": tau, "lambda_local": local, "lambda_global": local + gap}

    @torch.no_grad()
    def extra_repr(self) -> str:
        values = ", ".join(f"{name}={float(value):.4g}" for name, value in self().items())
        return f"{values}, learnable={self.learnable}"
