"""One colour scale of optical flow and one of strain for several frames."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from atm_gcn.media.optical_flow.colours import flow_colours

STRONGEST = 0.995  # share of the values that the colours tell apart


@dataclass(frozen=True)
class FlowScale:
    """The values in full colour, the same for all frames of a figure.

    Args:
        reach: Of u and v.
        strain: Of the strain.
    """

    reach: float
    strain: float

    @classmethod
    def of(cls, flow: np.ndarray) -> Self:
        """The scale of u, v and strain ``[n, h, w, 3]``: nearly the largest values, whatever single pixels hold."""
        lengths = np.hypot(flow[..., 0], flow[..., 1])
        return cls(*(max(float(np.quantile(values, STRONGEST)), 1e-6) for values in (lengths, flow[..., 2])))

    def flow_picture(self, flow: np.ndarray) -> np.ndarray:
        """u and v in colours, uint8 RGB ``[h, w, 3]``."""
        return flow_colours(flow[..., :2], self.reach)

    def strain_picture(self, flow: np.ndarray) -> np.ndarray:
        """The strain, white for none to black, uint8 RGB ``[h, w, 3]``."""
        share = (flow[..., 2] / self.strain).clip(0, 1).astype(np.float32)
        return (255 * (1 - share)).round().astype(np.uint8)[..., None].repeat(3, axis=-1)
