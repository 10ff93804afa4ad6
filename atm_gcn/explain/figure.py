"""The figure of an explained clip: faces, attention and optical flow; graph, readout and motion over time; classes."""

import textwrap
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import ConnectionPatch

from atm_gcn.explain.attention_scale import attention_scale
from atm_gcn.explain.curves import draw_classes, draw_marks, draw_motion, draw_readout, name_marks
from atm_gcn.explain.explained_clip import ExplainedClip
from atm_gcn.explain.faces import choose_frames, draw_face, draw_scale, names_of, title_of
from atm_gcn.explain.flow_scale import FlowScale
from atm_gcn.explain.graph_panels import GraphPanels
from atm_gcn.explain.page import WIDTH, Page
from atm_gcn.explain.palette import FONT, MARKS, PALE
from atm_gcn.files import writing
from atm_gcn.files.escaping import escape
from atm_gcn.files.outputs import FIGURE_METADATA
from atm_gcn.media.optical_flow.colours import colour_wheel

LEFT, PANEL = 0.62, 4.5  # where the time axis begins, and its length
SIDE, EDGE = 5.85, 7.0  # where the column beside it begins and ends
LINE = 0.13  # of the head
GAP, TITLE, FAN, READOUT, MOTION, FOOT = 0.08, 0.62, 0.34, 0.62, 0.9, 0.42


def draw_explanation(clip: ExplainedClip, block: int = 1, count: int = 5) -> Figure:
    """Draw a clip and its explanation.

    Parts that the explanation lacks are left out: attention maps, optical flow, edge weights, readout attention.

    Args:
        clip: The clip and its explanation.
        block: Continuous attention block whose maps to show, counted from 1; the paper's Figure 5 shows the first.
        count: Frames to show, evenly in time, besides the onset.

    Raises:
        ATMGCNError: If the model has no such block.
    """
    maps = clip.raising()
    if maps is None and clip.explanation.attention_maps:
        maps = clip.attention(block)
    chosen = choose_frames(len(clip.frames), clip.apex, count)
    side = min(1.2, (WIDTH - GAP) / (len(chosen) + 1) - GAP)
    graph = GraphPanels(clip) if clip.explanation.edge_weight else None
    graph_height = graph.height if graph else 0.0
    with matplotlib.rc_context(FONT):
        head = _head_lines(clip)
        title = TITLE + LINE * (len(head) - 1)
        rows = 1 + (maps is not None) + 2 * (clip.flow is not None)
        top = title + rows * side + (rows - 1) * GAP + FAN
        page = Page(top + graph_height + READOUT + MOTION + 0.3 + FOOT)
        _head(page, clip, head)
        faces = _faces(page, clip, maps, chosen, side, block, title)
        if clip.flow is not None:
            faces = _flow(page, clip, clip.flow, chosen, side, title + (rows - 2) * (side + GAP))
        panels = graph.draw(page, top, LEFT, PANEL, SIDE, _times(clip)) if graph else []
        _bare(panels, _times(clip))
        panels = _curves(page, clip, panels, top + graph_height)
        page.figure.align_ylabels(panels)
        _fan(page.figure, faces, panels[0], _times(clip)[chosen], [names_of(p, clip) for p in chosen])
    return page.figure


def save_figure(figure: Figure, path: str | Path) -> None:
    """Write a figure as PNG (300 dots per inch) or PDF, by the suffix of ``path``, whole or not at all."""
    path = Path(path)
    kind = path.suffix.lower().removeprefix(".") or "png"
    with writing(path) as partial, matplotlib.rc_context(FONT):
        figure.savefig(partial, format=kind, dpi=300, metadata=FIGURE_METADATA.get(kind))


def _times(clip: ExplainedClip) -> np.ndarray:
    return np.arange(1.0, len(clip.frames) + 1) if clip.milliseconds is None else clip.milliseconds


def _head_lines(clip: ExplainedClip) -> list[str]:
    """What is predicted and by which models; which of them is drawn; what it is worth."""
    name, p = clip.verdict
    verdict = f"{clip.predicted};  explained: {name}, p = {p:.2f}" if clip.unit else f"{name}, p = {p:.2f}"
    if clip.label is not None:
        verdict += f" (true: {clip.label})"
    lines = [f"{verdict};  model: {_short(clip.model, 90)}"]
    if clip.explained_model:
        predicted, p = clip.own_verdict
        name, kind = _short(clip.explained_model, 40), "" if clip.unit else "class "
        lines.append(f"{kind}probabilities are the mean; all else is {name}, nearest to it ({predicted}, p = {p:.2f})")
    if clip.movement:
        lines.append(_short(clip.movement, 120))
    if clip.reliability:
        lines += textwrap.wrap(_short(clip.reliability, 280), 140)
    for warning in clip.warnings:
        lines += textwrap.wrap(f"unlike the training clips: {warning}", 140)
    return lines


def _head(page: Page, clip: ExplainedClip, lines: list[str]) -> None:
    page.write(GAP, 0.05, _short(clip.name, 60), fontsize=8.5, weight="bold")
    for number, line in enumerate(lines):
        page.write(GAP, 0.21 + LINE * number, line, fontsize=7 if number == 0 else 6)


def _faces(
    page: Page, clip: ExplainedClip, maps: np.ndarray | None, chosen: np.ndarray, side: float, block: int, top: float
) -> list[Axes]:
    """Draw the frames, and below them the same frames with attention; below the onset, which has no map, the scale.

    Returns:
        The lowest axes of each frame but the onset.
    """
    scale = None if maps is None else attention_scale(maps[chosen - 1])
    lowest = []
    for column, position in enumerate([0, *chosen]):
        left = GAP + column * (side + GAP)
        axes = page.place(left, top, side, side)
        draw_face(axes, clip.frames[position], position, clip)
        axes.set_title(title_of(position, clip), fontsize=7, pad=2)
        if column and maps is not None and scale is not None:
            axes = page.place(left, top + side + GAP, side, side)
            draw_face(axes, clip.overlay(maps, position, scale), position, clip)
        lowest.append(axes)
    if scale is not None:
        strip = page.place(GAP + 0.12, top + 1.5 * side + GAP, side - 0.24, 0.12)
        label = "attention above\nbackground, block {}" if side > 1 else "attention,\nblock {}"  # beside many faces
        draw_scale(strip, scale, f"raises {clip.unit}\n(share of most)" if clip.unit else label.format(block))
    return lowest[1:]


def _flow(page: Page, clip: ExplainedClip, flow: np.ndarray, chosen: np.ndarray, side: float, top: float) -> list[Axes]:
    """Draw the optical flow of each frame, and below it the strain; their scales stand in the onset's column.

    Returns:
        The lowest axes of each frame.
    """
    scale, below = FlowScale.of(flow[chosen - 1]), top + side + GAP
    _draw_wheel(page.place(GAP + 0.15, top + 0.28, side - 0.3, side - 0.3), scale, clip, short=side <= 1)
    _draw_strain_scale(page.place(GAP + 0.12, below + 0.5 * side, side - 0.24, 0.12), scale, clip)
    lowest = []
    for column, position in enumerate(chosen, start=1):
        left = GAP + column * (side + GAP)
        _draw_picture(page.place(left, top, side, side), scale.flow_picture(flow[position - 1]))
        lowest.append(page.place(left, below, side, side))
        _draw_picture(lowest[-1], scale.strain_picture(flow[position - 1]))
    return lowest


def _curves(page: Page, clip: ExplainedClip, panels: list[Axes], top: float) -> list[Axes]:
    """Draw readout and motion below ``panels``, and the class probabilities beside them; all panels are returned."""
    times, attention, pooling = _times(clip), clip.explanation.pooled_attention, clip.explanation.pooling_weight
    bottom = top + READOUT + 0.3 + MOTION
    if attention is not None:
        readout = page.place(LEFT, top, PANEL, READOUT)
        notes = draw_readout(readout, times[1:], attention.numpy(), None if pooling is None else pooling.numpy())
        for number, note in enumerate(notes):
            page.write(SIDE, top + 0.14 * number, note, fontsize=7)
        _bare([readout], times)
        draw_marks(readout, times, clip)
        panels = [*panels, readout]
    above = top if attention is None else top + READOUT
    if panels:
        above += 0.3  # for the legend
    motion = page.place(LEFT, above, PANEL, bottom - above)
    draw_motion(motion, times, clip)
    motion.set(xlim=_limits(times), xlabel="frame" if clip.milliseconds is None else "time since the onset [ms]")
    legend = motion.legend(loc="lower center", bbox_to_anchor=(0.5, 0.97), ncols=2, frameon=False, handlelength=2.2)
    if not panels:  # lines from the faces end here: the legend goes inside
        motion.set_ylim(top=1.4)
        legend.set_bbox_to_anchor((0.5, 0.84))
        legend.set(frame_on=True)
        legend.get_frame().set(facecolor="white", edgecolor="none", alpha=0.85)
    for text in legend.get_texts():
        text.set_parse_math(True)
    draw_marks(motion, times, clip)
    name_marks(motion, times, clip)
    classes = page.place(SIDE, top + 0.42, EDGE - SIDE, READOUT + MOTION - 0.12)
    draw_classes(classes, clip)
    return [*panels, motion]


def _draw_picture(axes: Axes, picture: np.ndarray) -> None:
    """Draw a picture without axes, its pixels as they are."""
    axes.imshow(picture, interpolation="nearest")
    axes.set(xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set(visible=True, linewidth=0.5)


def _draw_wheel(axes: Axes, scale: FlowScale, clip: ExplainedClip, short: bool = False) -> None:
    """Draw the colours of the directions, and say which length has full colour; ``short`` beside many faces."""
    axes.imshow(colour_wheel(121), interpolation="antialiased")
    axes.set(xticks=[], yticks=[])
    axes.set_axis_off()
    unit = clip.flow_unit.partition(" ")[0] if short else clip.flow_unit
    name = "flow" if short else "optical flow"
    axes.set_title(f"{name},\nup to {scale.reach:.2g} {unit}".rstrip(), fontsize=7, pad=3)


def _draw_strain_scale(axes: Axes, scale: FlowScale, clip: ExplainedClip) -> None:
    """Draw the colours of the strain."""
    axes.imshow(np.linspace(1, 0, 256)[None], cmap="gray", aspect="auto", extent=(0, scale.strain, 0, 1))
    axes.set(yticks=[], xticks=(0, scale.strain), xticklabels=["0", f"{scale.strain:.2g}"])
    axes.set_title("strain x 10" if clip.flow_unit else "strain", fontsize=7, pad=3)
    axes.tick_params(length=2, pad=1)


def _fan(figure: Figure, faces: list[Axes], below: Axes, times: np.ndarray, marks: list[list[str]]) -> None:
    """Draw a line from each face to its time on the axis."""
    for face, time, names in zip(faces, times, marks, strict=True):
        line = ConnectionPatch(
            (0.5, 0),
            (time, 1),
            face.transAxes,
            below.get_xaxis_transform(),
            color=MARKS[names[0]] if names else PALE,
            linewidth=0.8,
        )
        figure.add_artist(line)


def _bare(panels: list[Axes], times: np.ndarray) -> None:
    for axes in panels:
        axes.set(xlim=_limits(times))
        axes.tick_params(labelbottom=False, length=2)


def _limits(times: np.ndarray) -> tuple[float, float]:
    margin = max(0.02, 0.5 / (len(times) - 1)) * (times[-1] - times[0])  # at least half a frame, for the bars
    return times[0] - margin, times[-1] + margin


def _short(text: str, most: int) -> str:
    text = escape(text)
    return text if len(text) <= most else "…" + text[1 - most :]
