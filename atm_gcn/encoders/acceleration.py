"""What an encoder offers so that others may choose how it computes."""

from typing import Any, NamedTuple, Protocol, runtime_checkable

import torch


class Cost(NamedTuple):
    """What one frame costs an encoder.

    Args:
        multiply_adds: Multiplications of the convolutions.
        largest_map: Elements of the largest feature map.
        narrowest: Channels of the narrowest feature map.
    """

    multiply_adds: int
    largest_map: int
    narrowest: int


@runtime_checkable
class Accelerable(Protocol):
    """An encoder whose precision, compilation and memory can be chosen; one without these methods runs as it is."""

    def cost(self, size: int) -> Cost:
        """What a frame of size x size pixels costs."""
        ...

    def accelerate(self, precision: torch.dtype, compile: bool, checkpoint: bool, channels_last: bool) -> Any:
        """Choose how to compute; see :meth:`atm_gcn.MotionEncoder.accelerate`."""
        ...
