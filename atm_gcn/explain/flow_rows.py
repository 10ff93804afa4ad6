"""Optical flow and strain of frames, in colours."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from matplotlib.axes import Axes

from atm_gcn.explain.explained_clip import ExplainedClip
from atm_gcn.media.optical_flow.colours import colour_wheel, flow_colours

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
        """The scale of u, v and strain ``[n, h, w, 3]``: nearly the largest values, so that single pixels do not count."""
        lengths = np.hypot(flow[..., 0], flow[..., 1])
        return cls(*(max(float(np.quantile(values, STRONGEST)), 1e-6) for values in (lengths, flow[..., 2])))

    def flow_picture(self, flow: np.ndarray) -> np.ndarray:
        """u and v in colours, uint8 RGB ``[h, w, 3]``."""
        return flow_colours(flow[..., :2], self.reach)

    def strain_picture(self, flow: np.ndarray) -> np.ndarray:
        """The strain, white for none to black, uint8 RGB ``[h, w, 3]``."""
        share = (flow[..., 2] / self.strain).clip(0, 1).astype(np.float32)
        return (255 * (1 - share)).round().astype(np.uint8)[..., None].repeat(3, axis=-1)


def draw_picture(axes: Axes, picture: np.ndarray) -> None:
    """Draw a picture without axes, its pixels as they are."""
    axes.imshow(picture, interpolation="nearest")
    axes.set(xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set(visible=True, linewidth=0.5)


def draw_wheel(axes: Axes, scale: FlowScale, clip: ExplainedClip, short: bool = False) -> None:
    """Draw the colours of the directions, and say which length has full colour; ``short`` beside many faces."""
    axes.imshow(colour_wheel(121), interpolation="antialiased")
    axes.set_axis_off()
    unit = clip.flow_unit.partition(" ")[0] if short else clip.flow_unit
    name = "flow" if short else "optical flow"
    axes.set_title(f"{name},\n{scale.reach:.2g} {unit}".rstrip(), fontsize=7, pad=3)


def draw_strain_scale(axes: Axes, scale: FlowScale, clip: ExplainedClip) -> None:
    """Draw the colours of the strain."""
    axes.imshow(np.linspace(1, 0, 256)[None], cmap="gray", aspect="auto", extent=(0, scale.strain, 0, 1))
    axes.set(yticks=[], xticks=(0, scale.strain), xticklabels=["0", f"{scale.strain:.2g}"])
    axes.set_title("strain x 10" if clip.flow_unit else "strain", fontsize=7, pad=3)
    axes.tick_params(length=2, pad=1)
