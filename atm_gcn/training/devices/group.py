"""The devices that train one fold together, as the training loop sees them."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

from torch import Tensor, nn


class DeviceGroup(Protocol):
    """Devices that train one fold together, each in a process of its own; this process has one of them.

    Attributes:
        rank: Number of this device. Rank 0 writes the files and takes the decisions.
        size: Number of devices.
    """

    rank: int
    size: int

    def wrap(self, model: nn.Module) -> nn.Module:
        """The module to call instead of the model while training, so that gradients are exchanged."""

    def backward(self, value: Tensor) -> None:
        """Add the gradients of the mean of ``value`` over the devices."""

    def no_sync(self, wrapped: nn.Module, enabled: bool) -> AbstractContextManager[Any]:
        """If ``enabled``, a block whose gradients are exchanged by a later backward pass, together with its own."""

    def all_reduce(self, value: Tensor) -> Tensor:
        """The sum over the devices."""

    def broadcast(self, value: Any) -> Any:
        """The ``value`` of rank 0, on every device."""

    def broadcast_buffers(self, model: nn.Module) -> None:
        """Give every device the buffers of rank 0's model, for instance the running statistics of batch norm."""


class SingleDevice:
    """A group of one device, which exchanges nothing; see :class:`DeviceGroup` for the methods."""

    rank = 0
    size = 1

    def wrap(self, model: nn.Module) -> nn.Module:
        return model

    def backward(self, value: Tensor) -> None:
        value.backward()

    def no_sync(self, wrapped: nn.Module, enabled: bool) -> AbstractContextManager[Any]:
        return nullcontext()

    def all_reduce(self, value: Tensor) -> Tensor:
        return value

    def broadcast(self, value: Any) -> Any:
        return value

    def broadcast_buffers(self, model: nn.Module) -> None:
        pass


SINGLE_DEVICE = SingleDevice()
