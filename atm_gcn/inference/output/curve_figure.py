"""A figure of spotting: the motion curve with threshold and movements, and the class probabilities over time."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from atm_gcn.files import writing
from atm_gcn.files.escaping import escape
from atm_gcn.files.outputs import FIGURE_METADATA
from atm_gcn.inference.spotting.spotting import Spotting

if TYPE_CHECKING:
    from matplotlib.typing import RcKeyType

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#999999")  # Okabe and Ito's
STYLE: "dict[RcKeyType, Any]" = {
    "font.size": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.parse_math": False,  # names are not formulas
}
INK, FAINT, MARK = "#222222", "#888888", "#E69F00"


def plot_spotting(found: Spotting, out: str | Path) -> None:
    """Draw motion over time above, and the probabilities of every window below.

    Args:
        found: From :func:`~atm_gcn.inference.spotting.spotting.spot`.
        out: ``.png`` or ``.pdf`` file.

    Raises:
        ATMGCNError: If the file cannot be written.
    """
    out, wide = Path(out), min(max(7.0, found.seconds / 12), 24.0)
    kind = "pdf" if out.suffix.lower() == ".pdf" else "png"
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(wide, 3.6 if found.windows else 2.2), layout="constrained")
        rows = figure.subplots(2 if found.windows else 1, 1, sharex=True, squeeze=False)[:, 0]
        _draw_motion(rows[0], found)
        if found.windows:
            _draw_windows(rows[1], found)
        rows[-1].set_xlabel("time in seconds")
        rows[-1].set_xlim(found.curve.seconds[0], found.curve.seconds[0] + max(found.seconds, 1e-3))
        with writing(out) as partial:
            figure.savefig(partial, format=kind, dpi=200, metadata=FIGURE_METADATA[kind])


def _draw_motion(axes: Axes, found: Spotting) -> None:
    seconds, motion, threshold = np.array(found.curve.seconds), found.curve.motion, found.curve.threshold
    known = np.concatenate([motion, threshold])
    top = 1.25 * float(np.nanmax(known)) if np.isfinite(known).any() else 1.0
    axes.plot(seconds, motion, color=INK, linewidth=0.7, label="motion")
    axes.plot(seconds, threshold, color=FAINT, linewidth=0.8, linestyle="--", label="threshold")
    for candidate in found.candidates:
        best = int(np.argmax(candidate.probabilities))
        axes.axvspan(candidate.onset_seconds, candidate.offset_seconds, color=MARK, alpha=0.35, linewidth=0)
        axes.plot(candidate.apex_seconds, candidate.motion, ".", color=COLOURS[best % len(COLOURS)], markersize=5)
        axes.annotate(
            f"{found.class_names[best]} {candidate.probabilities[best]:.2f}",
            (candidate.apex_seconds, candidate.motion),
            xytext=(2, 3),
            textcoords="offset points",
            rotation=35,
            fontsize=6,
        )
    axes.set_ylim(0, top)
    axes.set_ylabel("motion in grey levels")
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), frameon=False, ncols=2)
    count = len(found.candidates)
    axes.set_title(
        f"{escape(Path(str(found.stream.source)).name)}: {count} brief movement{'' if count == 1 else 's'}", loc="left"
    )


def _draw_windows(axes: Axes, found: Spotting) -> None:
    """Class probabilities of the regular windows as steps, with a gap where windows are missing."""
    for number, name in enumerate(found.class_names):
        x: list[float] = []
        y: list[float] = []
        for window in found.windows:
            if x and window.start > x[-1] + 1e-6:
                x.append(np.nan)
                y.append(np.nan)
            x += [window.start, window.end]
            y += [window.probabilities[number]] * 2
        axes.plot(x, y, color=COLOURS[number % len(COLOURS)], linewidth=0.8, label=name)
    axes.set_ylim(0, 1)
    axes.set_ylabel("probability by window")
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), frameon=False, ncols=len(found.class_names))
