"""Faces with attention in the order of time, as in Figure 5 of the paper."""

import numpy as np
from matplotlib.axes import Axes

from atm_gcn.explain.explained_clip import ExplainedClip
from atm_gcn.explain.palette import INK, MARKS
from atm_gcn.media.heatmaps import OPACITY, heat_colours


def choose_frames(length: int, apex: int, count: int) -> np.ndarray:
    """Positions of ``count`` frames of a clip, evenly spaced from the first after the onset to the offset.

    The apex replaces the position nearest to it, so that it is among them. A short clip gives fewer.

    Args:
        length: Frames L of the clip, the onset at position 0.
        apex: The apex's position, 1 to L - 1.
        count: Frames wanted, at least 1.
    """
    chosen = np.unique(np.linspace(1, length - 1, min(count, length - 1)).round().astype(int))
    inner = chosen[1:-1] if 1 < apex < length - 1 and len(chosen) > 2 else chosen
    inner[np.abs(inner - apex).argmin()] = apex
    return chosen


def names_of(position: int, clip: ExplainedClip) -> list[str]:
    """The names of a frame among onset, apex and offset."""
    marks = {"onset": 0, "apex": clip.apex, "offset": len(clip.frames) - 1}
    return [name for name, place in marks.items() if place == position]


def draw_face(axes: Axes, picture: np.ndarray, position: int, clip: ExplainedClip) -> None:
    """Draw a frame with a border in the colour of its name."""
    axes.imshow(picture, interpolation="antialiased")
    axes.set(xticks=[], yticks=[])
    names = names_of(position, clip)
    for spine in axes.spines.values():
        spine.set(visible=True, color=MARKS[names[0]] if names else INK, linewidth=1.6 if names else 0.5)


def title_of(position: int, clip: ExplainedClip) -> str:
    """The names and the time of a frame."""
    when = f"frame {position + 1}" if clip.milliseconds is None else f"{clip.milliseconds[position]:.0f} ms"
    return "\n".join([" = ".join(names_of(position, clip)), when])


def draw_scale(axes: Axes, scale: float, label: str) -> None:
    """Draw the colour scale of attention, as the colours appear over a middle grey."""
    heat = np.linspace(0, 1, 256)[None, :, None]
    strip = 128 * (1 - OPACITY * heat) + heat_colours()[None] * OPACITY * heat
    axes.imshow(strip.round().astype(np.uint8), aspect="auto", extent=(0, scale, 0, 1))
    axes.set(yticks=[], xticks=(0, scale), xticklabels=["0", f"+{scale:.2g}"])
    axes.set_title(label, fontsize=7, pad=3)
    axes.tick_params(length=2, pad=1)
    for spine in axes.spines.values():
        spine.set(visible=True, linewidth=0.5)
