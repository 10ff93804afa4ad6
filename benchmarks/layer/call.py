"""One side of a comparison, ready to run on one case."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from atm_gcn.machine import Machine
from benchmarks.common.limits import lacks

BYTES = 4  # of a float32


def unchanged(name: str, value: Tensor) -> Tensor:
    return value


class TooLarge(Exception):
    """Raised for a side whose tensors would exceed the memory limit; the message names the tensor and its size."""


class NotAvailable(Exception):
    """Raised for a side that this machine or installation cannot run; the message gives the reason."""


@dataclass
class Call:
    """One side, ready to run.

    Args:
        run: The forward pass; inputs are prepared outside, so that only the layer is timed.
        leaves: What backward differentiates, by name: ``x``, ``weight``, ``bias``, and ``A`` or ``N(A)`` for the edge
            weights that this side takes.
        probe: Gradient of the output, in this side's layout.
        flat: Brings the output (``out``) and every gradient into the layout of the reference.
        same: Whether this side computes Eq. 9, so that it must agree with the reference.
        trains: Whether backward works here.
        untrained: Why not, if it does not.
    """

    run: Callable[[], Tensor]
    leaves: dict[str, Tensor]
    probe: Tensor
    flat: Callable[[str, Tensor], Tensor] = unchanged
    same: bool = True
    trains: bool = True
    untrained: str = "no backward here"

    def __post_init__(self) -> None:
        for leaf in self.leaves.values():
            leaf.requires_grad_(self.trains)

    def forward(self) -> Tensor:
        """The output alone, as at inference."""
        with torch.no_grad():
            return self.run()

    def train(self) -> tuple[Tensor, ...]:
        """Forward and backward."""
        return torch.autograd.grad(self.run(), list(self.leaves.values()), self.probe)

    def values(self) -> dict[str, Tensor]:
        """Output and gradients, in the layout of the reference."""
        if not self.trains:
            return {"out": self.flat("out", self.forward())}
        out = self.run()
        gradients = torch.autograd.grad(out, list(self.leaves.values()), self.probe)
        named = {"out": out.detach(), **dict(zip(self.leaves, gradients, strict=True))}
        return {name: self.flat(name, value) for name, value in named.items()}


def refuse_without_compiler(device: torch.device) -> None:
    """Raise :class:`NotAvailable` if nothing can be compiled for the device."""
    why = lacks(Machine.of(device), compile=True)
    if why:
        raise NotAvailable(why)


def refuse_above(limit: float, size: int, what: str) -> None:
    """Raise :class:`TooLarge` if ``size`` bytes exceed the limit."""
    if size > limit:
        raise TooLarge(f"{what} would take {size / 1e9:.1f} GB, more than the limit of {limit / 1e9:g} GB")
