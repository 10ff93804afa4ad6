"""A figure of the motion in a recording: its curve with threshold and movements, and class probabilities over time."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from atm_gcn.files import writing
from atm_gcn.files.escaping import escape
from atm_gcn.files.outputs import FIGURE_METADATA
from atm_gcn.inference.output.text import certain_text
from atm_gcn.inference.prediction import DropReason, Prediction
from atm_gcn.inference.spotting.motion_track import MotionTrack

if TYPE_CHECKING:
    from matplotlib.typing import RcKeyType

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#999999")  # Okabe and Ito's
STYLE: "dict[RcKeyType, Any]" = {
    "font.size": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.parse_math": False,  # names are not formulas
}
UNKNOWN_SECONDS = 0.5  # the motion is never known in the first and last 0.2 s, nor before a face was seen twice
INK, FAINT, MARK = "#222222", "#777777", "#E69F00"
DROPPED: dict[DropReason, str] = {  # short, for the figure
    "stronger-motion-near": "",  # of a peak beside another mark
    "head-motion": "head",
    "near-edge": "near the edge",
    "no-rest": "no rest",
    "too-long": "too long",
}


def plot_motion(tracks: Sequence[MotionTrack], predictions: Sequence[Prediction], out: str | Path) -> None:
    """Draw motion over time above, and the probabilities of every window below; both for each of several people.

    Args:
        tracks: The motion of the recording, or of each person in it.
        predictions: The result for each.
        out: ``.png`` or ``.pdf`` file.

    Raises:
        ATMGCNError: If the file cannot be written.
    """
    out, first, last = Path(out), *_span_of(tracks)
    wide, kind = min(max(7.0, (last - first) / 12), 24.0), "pdf" if out.suffix.lower() == ".pdf" else "png"
    names = [list(one.windows[0].probabilities) if one.windows else [] for one in predictions]
    count, high = sum(2 if own else 1 for own in names), sum(3.8 if own else 2.4 for own in names)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(wide, high), layout="constrained")
        rows = figure.subplots(count, 1, sharex=True, squeeze=False)[:, 0]
        free = iter(rows)
        for track, prediction, own in zip(tracks, predictions, names, strict=True):
            _draw_motion(next(free), track, prediction)
            if own:
                _draw_windows(next(free), prediction, own)
        rows[-1].set_xlabel("time in seconds")
        rows[-1].set_xlim(first, max(last, first + 1e-3))
        with writing(out) as partial:
            figure.savefig(partial, format=kind, dpi=200, metadata=FIGURE_METADATA[kind])


def _span_of(tracks: Sequence[MotionTrack]) -> tuple[float, float]:
    """When the first frame of any track is shown, and the last."""
    seconds = [track.curve.seconds for track in tracks]
    return min(one[0] for one in seconds), max(one[-1] for one in seconds)


def _draw_motion(axes: Axes, track: MotionTrack, prediction: Prediction) -> None:
    seconds, motion, threshold = np.array(track.curve.seconds), track.curve.motion, track.curve.threshold
    known = np.concatenate([motion, threshold])
    top = 1.45 * float(np.nanmax(known)) if np.isfinite(known).any() else 1.0
    words = track.curve.words
    axes.plot(seconds, motion, color=INK, linewidth=0.7, label=words.quantity)
    label = f"threshold ({words.rule})"
    axes.plot(seconds, threshold, color=FAINT, linewidth=0.8, linestyle="--", label=label)
    for first, last in _unknown(seconds, motion):
        axes.axvspan(first, last, color=FAINT, alpha=0.12, linewidth=0)
        axes.annotate(
            f"{words.quantity} unknown", (first, 0), xytext=(2, 2), textcoords="offset points", fontsize=6, color=FAINT
        )
    for movement in prediction.movements:
        if movement.onset.seconds is None or movement.apex.seconds is None or movement.offset.seconds is None:
            continue
        at = movement.apex.seconds
        height = _height(seconds, motion, at) if movement.motion is None else movement.motion
        alpha = 0.1 if prediction.mode == "clip" else 0.35
        axes.axvspan(movement.onset.seconds, movement.offset.seconds, color=MARK, alpha=alpha, linewidth=0)
        if prediction.mode == "clip":
            _draw_moment(axes, "onset", movement.onset.seconds, top)
            _draw_moment(axes, "apex", movement.apex.seconds, top)
            _draw_moment(axes, "offset", movement.offset.seconds, top, before=True)
        names = [
            name for name in movement.probabilities if name in (movement.predicted, *movement.predicted.split("+"))
        ]
        number = list(movement.probabilities).index(names[0]) if names else 0
        axes.plot(at, height, ".", color=COLOURS[number % len(COLOURS)], markersize=5)
        if prediction.mode == "spotting":
            _note(axes, certain_text(movement), at, height, INK)
    for peak in prediction.dropped:
        axes.plot(peak.seconds, peak.motion, "x", color=FAINT, markersize=3, markeredgewidth=0.7)
        _note(axes, DROPPED[peak.reason], peak.seconds, peak.motion, FAINT)
    axes.set_ylim(0, top)
    axes.set_ylabel(f"{words.quantity} in {words.unit}" if words.unit else words.quantity)
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), frameon=False, ncols=2)
    axes.set_title(
        f"{escape(Path(prediction.source).name)}{_person(prediction)}: {_title(prediction)}", loc="left", pad=18
    )  # over the legend


def _person(prediction: Prediction) -> str:
    return "" if prediction.face_number is None else f", face {prediction.face_number}"


def _title(prediction: Prediction) -> str:
    if prediction.mode == "clip":
        return f"one clip, {escape(certain_text(prediction))}"
    count, dropped = len(prediction.movements), len(prediction.dropped)
    text = f"{count} brief movement{'' if count == 1 else 's'}"
    return f"{text}, {dropped} peak{'' if dropped == 1 else 's'} dropped (x)" if dropped else text


def _note(axes: Axes, text: str, seconds: float, height: float, colour: str) -> None:
    axes.annotate(
        escape(text),
        (seconds, height),
        xytext=(2, 3),
        textcoords="offset points",
        rotation=35,
        fontsize=6,
        color=colour,
    )


def _draw_moment(axes: Axes, name: str, seconds: float, top: float, before: bool = False) -> None:
    axes.axvline(seconds, color=MARK, linewidth=0.8)
    place, side = ((-2, -14), "right") if before else ((2, -7), "left")
    axes.annotate(name, (seconds, top), xytext=place, textcoords="offset points", ha=side, fontsize=6, color=INK)


def _unknown(seconds: np.ndarray, motion: np.ndarray) -> list[tuple[float, float]]:
    """Begin and end of every time without motion that is longer than at the ends of a recording."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], np.isnan(motion).astype(np.int8), [0]])))
    spans = [
        (float(seconds[first]), float(seconds[end - 1])) for first, end in zip(edges[::2], edges[1::2], strict=True)
    ]
    return [(first, last) for first, last in spans if last - first > UNKNOWN_SECONDS]


def _height(seconds: np.ndarray, motion: np.ndarray, at: float) -> float:
    """The motion at a time, or 0 where it is unknown, so that a mark is visible."""
    value = float(motion[int(np.abs(seconds - at).argmin())])
    return value if np.isfinite(value) else 0.0


def _draw_windows(axes: Axes, prediction: Prediction, names: list[str]) -> None:
    """Class probabilities of the regular windows as steps, with a gap where windows are missing."""
    for number, name in enumerate(names):
        x: list[float] = []
        y: list[float] = []
        for window in prediction.windows:
            if x and window.start > x[-1] + 1e-6:
                x.append(np.nan)
                y.append(np.nan)
            x += [window.start, window.end]
            y += [window.probabilities[name]] * 2
        axes.plot(x, y, color=COLOURS[number % len(COLOURS)], linewidth=0.8, label=escape(name))
    axes.set_ylim(0, 1)
    axes.set_ylabel("probability by window")
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), frameon=False, ncols=len(names))
