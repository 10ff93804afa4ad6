"""The devices that train one fold: one by default; see :mod:`atm_gcn.training.execution.fabric` for several."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from torch import Tensor, nn


class Alone:
    """One device, which has nobody to exchange anything with.

    Attributes:
        rank: Number of this device; the one with 0 writes files and decides.
        size: Number of devices.
    """

    rank: int = 0
    size: int = 1

    def wrap(self, model: nn.Module) -> nn.Module:
        """What to call in place of the model while training, so that gradients are exchanged."""
        return model

    def backward(self, value: Tensor) -> None:
        """Add to the gradients those of the mean of ``value`` over the devices."""
        value.backward()

    def keeping_gradients(self, wrapped: nn.Module, keep: bool) -> AbstractContextManager:
        """Where ``keep``, a block whose gradients are exchanged later, together with those that follow."""
        return nullcontext()

    def sum(self, value: Tensor) -> Tensor:
        """The sum over the devices."""
        return value

    def decided(self, thing: Any) -> Any:
        """What device 0 has for ``thing``, on every device."""
        return thing

    def share_buffers(self, model: nn.Module) -> None:
        """Give every device the buffers of device 0's model, batch norm's running statistics among them."""


ALONE = Alone()
