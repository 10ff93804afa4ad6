"""The figure: no text over another, none too small for print, and any clip can be drawn."""

from dataclasses import replace
from itertools import combinations

import cv2
import numpy as np
import pytest
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from atm_gcn.errors import ATMGCNError
from atm_gcn.explain.explained_clip import FLOW_UNIT
from atm_gcn.explain.figure import draw_explanation, save_figure
from tests.clips import flow_batch, frame_batch
from tests.test_model import model_of


def texts(figure):
    """Content, size in points and box of everything written, in pixels."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    unseen = [label for axes in figure.axes for axis in (axes.xaxis, axes.yaxis) for label in labels_outside(axis)]
    found = [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip() and t not in unseen]
    return [(t.get_text(), t.get_fontsize(), t.get_window_extent(canvas.get_renderer())) for t in found]


def labels_outside(axis):
    """matplotlib keeps labels of ticks beyond the ends of an axis, and does not draw them."""
    low, high = sorted(axis.get_view_interval())
    outside = [tick for tick in axis.get_major_ticks() if not low <= tick.get_loc() <= high]
    return [label for tick in outside for label in (tick.label1, tick.label2)]


def drawn(explained, *choices, path):
    figure = draw_explanation(explained, *choices)
    save_figure(figure, path)
    return figure


def longer(explained, nodes, apex, **settings):
    batch = frame_batch(sizes=(nodes,))
    batch.global_index = torch.tensor([apex - 1])
    frames = torch.cat([batch.onset_frame, batch.frames]).permute(0, 2, 3, 1).numpy()
    times = np.arange(nodes + 1) * 10.0
    return replace(
        explained, frames=frames, milliseconds=times, apex=apex, explanation=model_of(**settings).explain(batch)
    )


@pytest.mark.parametrize(("nodes", "apex"), [(6, 3), (30, 30), (30, 1), (12, 11), (69, 23)])
def test_text_is_legible_and_nothing_overlaps(explained, nodes, apex):
    check_texts(draw_explanation(longer(explained, nodes, apex)))


@pytest.mark.parametrize(("count", "unit"), [(3, ""), (12, FLOW_UNIT)])
def test_flow_is_drawn_in_two_rows_of_its_own(explained, count, unit):
    batch = flow_batch(size=12, sizes=(12,), frames=16)
    batch.global_index = torch.tensor([2])
    clip = longer(explained, 12, 3)
    flow = batch.flow.permute(0, 2, 3, 1).numpy()
    seen = model_of(input="both", num_layers=1).explain(batch)
    figure = draw_explanation(replace(clip, flow=flow, flow_unit=unit, explanation=seen), 1, count)
    pictures = [axes for axes in figure.axes if axes.get_images()]
    assert len(pictures) == (1 + count) + (1 + count) + 2 * (1 + count) + 1  # frames, attention, flow; edges
    check_texts(figure)
    written = " ".join(text for text, _, _ in texts(figure))
    assert "mean optical flow, at most" in written and ("strain x 10" in written) == bool(unit)


def check_texts(figure):
    """Nothing is smaller than 7 points, over the edge of the page, or over another text."""
    page, written = figure.bbox, texts(figure)
    for text, size, box in written:
        assert size >= 7, text
        assert box.x0 >= page.x0 and box.x1 <= page.x1 and box.y0 >= page.y0 and box.y1 <= page.y1, text
    for (one, _, a), (other, _, b) in combinations(written, 2):
        overlap = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
        assert min(overlap) < 1, f"{one!r} lies over {other!r}"


def test_many_classes_and_long_names_keep_apart(explained):
    names = ["anger", "contempt", "disgust", "a class whose name is long", "happiness", "sadness", "surprise"]
    long = longer(explained, 12, 5, num_classes=7, num_layers=4)
    check_texts(draw_explanation(replace(long, class_names=names, label=names[3], name="d/" + "s" * 200)))


def test_many_faces_keep_apart(explained):
    check_texts(draw_explanation(longer(explained, 30, 5), 1, 12))


@pytest.mark.parametrize("settings", [{"use_gcn": False}, {"num_layers": 1}], ids=["w/o GCN", "1 layer"])
def test_few_layers_keep_apart(explained, settings):
    check_texts(draw_explanation(longer(explained, 12, 5, **settings)))


@pytest.mark.parametrize(("nodes", "apex"), [(1, 1), (2, 1), (63, 20)])
@pytest.mark.parametrize("settings", [{}, {"use_gcn": False}, {"num_layers": 4}], ids=["full", "w/o GCN", "4 layers"])
def test_every_clip_can_be_drawn(explained, nodes, apex, settings):
    figure = draw_explanation(longer(explained, nodes, apex, **settings), 2, 3)
    FigureCanvasAgg(figure).draw()
    layers = settings.get("num_layers", 2) if settings.get("use_gcn", True) else 0
    labels = [axes.get_ylabel() for axes in figure.axes]
    expected = ["edges,\nA⁽⁰⁾", "A⁽⁰⁾", *(f"layer {layer}" for layer in range(1, layers + 1))] if layers else []
    assert [label for label in labels if "A⁽⁰⁾" in label or "layer" in label] == expected


def test_a_picture_has_300_dots_an_inch(explained, tmp_path):
    drawn(explained, path=tmp_path / "a.png")
    picture = cv2.imread(str(tmp_path / "a.png"))
    assert abs(picture.shape[1] - 7.16 * 300) < 2


def test_unknown_times_are_frames(explained):
    figure = draw_explanation(replace(explained, milliseconds=None))
    assert {"frame", "offset\nframe 7"} <= {text for text, _, _ in texts(figure)}


def test_a_pdf_is_the_same_each_time(explained, tmp_path):
    for name in ("a.pdf", "b.pdf"):
        drawn(explained, path=tmp_path / name)
    assert (tmp_path / "a.pdf").read_bytes()[:5] == b"%PDF-"
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()


def panel_of(figure, label):
    return next(axes for axes in figure.axes if axes.get_ylabel() == label)


def test_the_strongest_edge_is_the_thickest_arc(explained):
    arcs = panel_of(draw_explanation(explained), "edges,\nA⁽⁰⁾").collections[0]
    edges, weight = explained.explanation.edge_index, explained.explanation.initial_weight
    proper = edges[0] != edges[1]
    assert len(arcs.get_segments()) == proper.sum()
    assert np.argmax(arcs.get_linewidth()) == np.argmax(np.abs(arcs.get_array()))
    assert arcs.get_array().max() == pytest.approx(weight[proper].max().item())


def with_heads(explained, heads):
    seen = explained.explanation
    sizes = torch.linspace(0.1, 1, heads) * torch.tensor([1, -1]).repeat(heads)[:heads]
    weights = [seen.initial_weight[:, None] * sizes for _ in seen.edge_weight]
    return replace(explained, explanation=replace(seen, edge_weight=weights))


@pytest.mark.parametrize(("nodes", "layers", "heads", "window"), [(14, 2, 2, 1), (120, 4, 4, 2), (40, 1, 2, 9)])
def test_every_head_of_every_layer_has_a_panel(explained, nodes, layers, heads, window):
    clip = with_heads(longer(explained, nodes, nodes // 3, num_layers=layers, window=window), heads)
    figure = draw_explanation(clip)
    check_texts(figure)
    panels = [axes for axes in figure.axes if axes.get_ylabel().startswith("layer")]
    assert len(panels) == layers * heads
    scales = {(axes.collections[0].norm.vmin, axes.collections[0].norm.vmax) for axes in panels}
    assert len(scales) == 1  # one colour scale for all
    largest = clip.explanation.initial_weight.max().item()
    cells = [part.get_array() for part in panel_of(figure, "layer 1,\nhead 2").collections[:2]]
    assert max(part.max() for part in cells) < 0
    assert min(part.min() for part in cells) == pytest.approx(-(0.1 + 0.9 / (heads - 1)) * largest)
    assert "r with A⁽⁰⁾: -1.00" in " ".join(text for text, _, _ in texts(figure))


NOTES = {
    "mean": [],
    "max": [],
    "attention": ["line: pooling weight"],
    "apex": ["attention of the apex"],
    "mean-apex": ["bars: of the mean", "outlines: of the apex"],
}


@pytest.mark.parametrize("pooling", NOTES)
def test_the_readout_shows_what_the_pooling_weighs(explained, pooling):
    clip = longer(explained, 12, 5, pooling=pooling)
    figure = draw_explanation(clip)
    check_texts(figure)
    written = [text for text, _, _ in texts(figure)]
    assert [note for notes in NOTES.values() for note in notes if note in written] == NOTES[pooling]
    panel = next(axes for axes in figure.axes if axes.get_ylabel().startswith("readout"))
    heights = np.array([bar.get_height() for bar in panel.patches]).reshape(-1, 12)
    assert np.allclose(heights, 100 * clip.explanation.pooled_attention.T)
    lines = [line.get_ydata() for line in panel.lines if len(line.get_ydata()) == 12]
    assert len(lines) == (pooling == "attention")
    assert all(np.allclose(line, 100 * clip.explanation.pooling_weight[:, 0]) for line in lines)


def test_without_a_0_the_first_layer_is_drawn_as_arcs(explained):
    seen = explained.explanation
    clip = replace(explained, explanation=replace(seen, initial_weight=None))
    figure = draw_explanation(clip)
    check_texts(figure)
    labels = [axes.get_ylabel() for axes in figure.axes]
    assert [label for label in labels if "layer" in label] == ["edges,\nlayer 1", "layer 1", "layer 2"]


@pytest.mark.parametrize(("nodes", "group"), [(14, None), (69, 2), (149, 4)])
def test_a_long_clip_says_that_its_arcs_are_thinned(explained, nodes, group):
    figure = draw_explanation(longer(explained, nodes, nodes // 3))
    notes = [text for text, _, _ in texts(figure) if "their strongest edge" in text]
    assert notes == ([f"one arc for {group} frames: their strongest edge"] if group else [])
    panel = panel_of(figure, "edges,\nA⁽⁰⁾")
    arcs, dots = panel.collections
    assert len(arcs.get_segments()) < 4 * 40 and len(dots.get_offsets()) <= 40
    places = np.sort(panel.transData.transform(np.asarray(dots.get_offsets()))[:, 0])
    assert np.diff(places)[:-1].min() > np.sqrt(dots.get_sizes()[0]) * figure.dpi / 72  # the last group may be shorter


def test_a_block_that_is_not_there(explained):
    with pytest.raises(ATMGCNError, match="block must be from 1 to 2, the attention blocks of the model, not 3"):
        draw_explanation(explained, block=3)


LACKING = {
    "maps": {"attention_maps": []},
    "readout": {"readout_weights": []},
    "graph": {"edge_weight": []},
    "difference": {"frame_difference": None},
}
LACKING["everything"] = {name: value for lacking in list(LACKING.values()) for name, value in lacking.items()}


@pytest.mark.parametrize("name", LACKING)
@pytest.mark.parametrize(("nodes", "apex"), [(1, 1), (12, 5)])
def test_parts_that_an_explanation_lacks_are_left_out(explained, nodes, apex, name):
    whole = longer(explained, nodes, apex)
    figure = draw_explanation(replace(whole, explanation=replace(whole.explanation, **LACKING[name])))
    check_texts(figure)
    labels = [axes.get_ylabel() for axes in figure.axes]
    assert any(label.startswith("readout") for label in labels) == (name not in ("readout", "everything"))
    assert any(label.startswith("edges") for label in labels) == (name not in ("graph", "everything"))
    titles = [axes.get_title() for axes in figure.axes]
    assert any(title.startswith("attention") for title in titles) == (name not in ("maps", "everything"))


def test_there_are_no_maps_without_attention_blocks(explained):
    without = replace(explained, explanation=replace(explained.explanation, attention_maps=[]))
    with pytest.raises(ATMGCNError, match="the model's encoder has no attention blocks"):
        without.attention(1)


def test_names_are_no_formulas(explained, tmp_path):
    named = replace(explained, name=r"$\bad{$", class_names=["$x$", r"$\frac{$", "c"], label="$x$", model="$y_1$")
    figure = drawn(named, path=tmp_path / "a.png")
    assert not [text for text in figure.findobj(Text) if "$x$" in text.get_text() and text.get_parse_math()]
    assert [text for text in figure.findobj(Text) if r"\Vert" in text.get_text() and text.get_parse_math()]


def test_what_is_unlike_the_training_clips_is_below_the_reliability(explained):
    warnings = ("the models were trained on pictures cropped to the face, and this input is whole pictures " * 2,)
    written = [text for text, *_ in texts(draw_explanation(replace(explained, reliability="UF1", warnings=warnings)))]
    place = written.index("UF1")
    assert written[place + 1].startswith("unlike the training clips: the models were trained on")
    assert "whole pictures" in written[place + 2]
