"""Optical flow and strain of frames, with the keys to their colours."""

import numpy as np
from matplotlib.axes import Axes

from atm_gcn.explain.explained_clip import ExplainedClip
from atm_gcn.explain.flow_scale import FlowScale
from atm_gcn.media.optical_flow.colours import colour_wheel


def draw_picture(axes: Axes, picture: np.ndarray) -> None:
    """Draw a picture without axes, its pixels as they are."""
    axes.imshow(picture, interpolation="nearest")
    axes.set(xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set(visible=True, linewidth=0.5)


def draw_wheel(axes: Axes, scale: FlowScale, clip: ExplainedClip, short: bool = False) -> None:
    """Draw the colours of the directions, and say which length has full colour; ``short`` beside many faces."""
    axes.imshow(colour_wheel(121), interpolation="antialiased")
    axes.set(xticks=[], yticks=[])
    axes.set_axis_off()
    unit = clip.flow_unit.partition(" ")[0] if short else clip.flow_unit
    name = "flow" if short else "optical flow"
    axes.set_title(f"{name},\nup to {scale.reach:.2g} {unit}".rstrip(), fontsize=7, pad=3)


def draw_strain_scale(axes: Axes, scale: FlowScale, clip: ExplainedClip) -> None:
    """Draw the colours of the strain."""
    axes.imshow(np.linspace(1, 0, 256)[None], cmap="gray", aspect="auto", extent=(0, scale.strain, 0, 1))
    axes.set(yticks=[], xticks=(0, scale.strain), xticklabels=["0", f"{scale.strain:.2g}"])
    axes.set_title("strain x 10" if clip.flow_unit else "strain", fontsize=7, pad=3)
    axes.tick_params(length=2, pad=1)
