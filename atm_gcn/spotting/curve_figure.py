"""A figure of a long video: the curve of each spotter, with the annotated and the found intervals above it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from atm_gcn.defaults import Kind
from atm_gcn.files import replacing
from atm_gcn.files.escaping import escape
from atm_gcn.files.outputs import FIGURE_METADATA
from atm_gcn.inference.output.curve_figure import FAINT, INK, STYLE
from atm_gcn.metrics.spotting import Interval
from atm_gcn.spotting.held_out.spotters import Sought
from atm_gcn.spotting.long_videos import LongVideo
from atm_gcn.spotting.motion import VideoMotion
from atm_gcn.spotting.results import FoundInterval, SpottingResults
from atm_gcn.spotting.slow_motion import SLOWDOWN

MICRO, MACRO, RIGHT, WRONG = "#0072B2", "#56B4E9", "#009E73", "#D55E00"  # Okabe and Ito's
COLOURS: dict[Kind, str] = {"macro": MACRO, "micro": MICRO}
WIDEST = 20.0  # inches
PER_INCH = 10.0  # seconds
LEGEND = {"micro-expression": MICRO, "macro-expression": MACRO, "found": RIGHT, "false alarm": WRONG}


def plot_video(
    video: LongVideo,
    motion: VideoMotion,
    scores: Mapping[Sought, np.ndarray | None],
    results: SpottingResults,
    fold: str,
    out: Path,
) -> None:
    """Draw a row for every spotter and kind of expression.

    Args:
        video: The video and what is annotated in it.
        motion: Its motion.
        scores: float32 ``[n, 3]`` of the learnt spotter; None where they are gone.
        results: What was found in all videos.
        fold: Name of the fold that held the person out, whose thresholds are drawn.
        out: PNG file.
    """
    drawn = [one for one in results.sought if one.spotter != "learnt" or scores.get(one) is not None]
    seconds = motion.seconds
    wide = min(max(7.0, float(seconds[-1] - seconds[0]) / PER_INCH), WIDEST)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(wide, 0.6 + 1.7 * len(drawn)), layout="constrained")
        rows = figure.subplots(len(drawn), 1, sharex=True, squeeze=False)[:, 0]
        for axes, sought in zip(rows, drawn, strict=True):
            own = results.found_by(sought, video.place)
            threshold, learnt = results.of(sought)["settings"][fold]["threshold"], scores.get(sought)
            shown = seconds[:: SLOWDOWN[sought.kind]]
            curve, limit = motion.curve, threshold * motion.threshold
            if learnt is not None:
                curve, limit, top = learnt[:, 0], np.full(len(shown), threshold, dtype=np.float32), 1.0
                axes.set_ylabel("score of an apex")
            else:
                top = max(float(np.nanmax(curve, initial=0.0)), 1e-3)
                axes.set_ylabel("motion in grey levels")
            axes.plot(shown, curve, color=INK, linewidth=0.7)
            axes.plot(shown, np.where(limit <= 1.05 * top, limit, np.nan), color=FAINT, linewidth=0.7, linestyle="--")
            _bars(axes, motion, video, own, top)
            hits = sum(one.is_right for one in own)
            false = len(own) - hits
            counts = f"{hits} of {len(video.expressions[sought.kind])} found, {false} false alarm{'s' * (false != 1)}"
            what = f"{sought.spotter}, {sought.kind}-expressions"
            axes.set_title(escape(f"{'/'.join(video.place)}, {what}: {counts}"), loc="left")
        rows[-1].set_xlabel("time in seconds")
        rows[-1].set_xlim(float(seconds[0]), float(max(seconds[-1], seconds[0] + 1e-3)))
        handles = [Line2D([], [], color=colour, linewidth=4, label=name) for name, colour in LEGEND.items()]
        handles.append(Line2D([], [], color=FAINT, linewidth=0.7, linestyle="--", label="threshold"))
        figure.legend(handles=handles, loc="outside upper right", ncols=len(handles), frameon=False, handlelength=1.2)
        with replacing(out) as partial:
            figure.savefig(partial, format="png", dpi=110, metadata=FIGURE_METADATA["png"])


def _bars(axes: Axes, motion: VideoMotion, video: LongVideo, found: Sequence[FoundInterval], top: float) -> None:
    """The annotated intervals in the upper line above the curve, and the found ones in the lower."""
    upper, lower, height = 1.24 * top, 1.09 * top, 0.1 * top
    for kind, colour in COLOURS.items():
        axes.broken_barh([_span(motion, one) for one in video.expressions[kind]], (upper, height), color=colour)
    for is_right, colour in ((False, WRONG), (True, RIGHT)):
        own = [_span(motion, one.interval) for one in found if one.is_right == is_right]
        axes.broken_barh(own, (lower, height), color=colour)
    axes.set_ylim(0, 1.4 * top)
    axes.set_yticks([tick for tick in axes.get_yticks() if 0 <= tick <= 1.001 * top])


def _span(motion: VideoMotion, one: Interval) -> tuple[float, float]:
    """When an interval begins, and its length; at least a fifth of a second, so that it is seen."""
    places = np.searchsorted(motion.numbers, [one.onset, one.offset]).clip(0, len(motion) - 1)
    begin, end = motion.seconds[places]
    return float(begin), max(float(end - begin), 0.2)
