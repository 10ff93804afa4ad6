"""Colours and sizes of the figure: the colours of Okabe and Ito for marks, one hue from pale to dark for values."""

from typing import TYPE_CHECKING, Any

import matplotlib
import numpy as np
from matplotlib.colors import Colormap, ListedColormap, Normalize

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

    Weights near 0 are pale but not white, which is the colour of edges that do not exist.
    """
    if low >= -0.1 * high:
        pale_to_dark = ListedColormap(matplotlib.colormaps["Blues"](np.linspace(0.15, 1, 256)))
        return pale_to_dark, Normalize(0, max(high, 1e-6))
    reach = max(-low, high)
    without_white = np.concatenate([np.linspace(0, 0.43, 128), np.linspace(0.57, 1, 128)])
    return ListedColormap(matplotlib.colormaps["PuOr"](without_white)), Normalize(-reach, reach)
