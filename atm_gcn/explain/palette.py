"""Colours and sizes of the figure: the colours of Okabe and Ito for marks, one hue from pale to dark for values."""

from typing import TYPE_CHECKING, Any

import matplotlib
import numpy as np
from matplotlib.colors import Colormap, FuncNorm, ListedColormap, Normalize

if TYPE_CHECKING:
    from matplotlib.typing import RcKeyType

MARKS = {"onset": "#0072B2", "apex": "#D55E00", "offset": "#009E73"}
DASHES = {"onset": (0, (1, 1)), "apex": "solid", "offset": (0, (4, 2))}  # told apart without colour too
INK, PALE = "#222222", "#B8B8B8"
FONT: "dict[RcKeyType, Any]" = {
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "axes.labelsize": 7.5,
    "axes.titlesize": 8,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7,
    "axes.linewidth": 0.6,
    "axes.edgecolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "pdf.fonttype": 42,
    "text.parse_math": False,  # names are not formulas
}


def weight_scale(low: float, high: float) -> tuple[Colormap, Normalize]:
    """Colour map and range for edge weights: from 0 up, or symmetric about 0 where some are clearly negative.

    Colours follow the root of a weight, so that weights of a tenth of the largest are not drowned. Weights near 0 are
    pale but not white, which is the colour of edges that do not exist.
    """
    if low >= -0.1 * high:
        pale_to_dark = ListedColormap(matplotlib.colormaps["Purples"](np.linspace(0.15, 1, 256)))
        return pale_to_dark, FuncNorm((signed_root, signed_square), 0, max(high, 1e-6), clip=True)
    reach = max(-low, high)
    without_white = np.concatenate([np.linspace(0, 0.43, 128), np.linspace(0.57, 1, 128)])
    colours = ListedColormap(matplotlib.colormaps["PuOr"](without_white))
    return colours, FuncNorm((signed_root, signed_square), -reach, reach)


def signed_root(weight: np.ndarray) -> np.ndarray:
    """The root of the size of a weight, with its sign."""
    return np.sign(weight) * np.sqrt(np.abs(weight))


def signed_square(root: np.ndarray) -> np.ndarray:
    """The inverse of :func:`signed_root`."""
    return np.sign(root) * np.square(root)


def weight_ticks(norm: Normalize) -> list[float]:
    """Round weights for the ticks of a colour bar: 0, a large one and a fifth of it, of either sign."""
    reach = float(norm.vmax or 0.0)
    large = float(f"{0.999 * reach:.0e}")  # one digit
    large = large if large <= reach else large - 10 ** np.floor(np.log10(reach))
    ticks = [large / 5, large]
    return [*(-tick for tick in reversed(ticks)), 0.0, *ticks] if norm.vmin else [0.0, *ticks]
