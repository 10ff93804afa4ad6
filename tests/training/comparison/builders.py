"""Predictions of several models over the same clips, and what the figures are checked for."""

from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from PIL import Image

from atm_gcn.training.comparison.tables import ComparedModel
from atm_gcn.training.results.predictions import Prediction
from atm_gcn.training.results.summary import summarize, summarize_seeds
from tests.training.comparison.test_difference import NAMES, rows

LONG = r"ResNet-18 with $\bad{ markup & a long name that does not end soon"


def sure(predictions: list[Prediction]) -> list[Prediction]:
    """The same with a probability of 1 for the predicted class."""
    return [replace(row, probabilities=tuple(float(name == row.predicted) for name in NAMES)) for row in predictions]


def model(title: str, accuracy: float, draw: int, subjects: int = 6, seeds: int = 1, **costs) -> ComparedModel:
    """A model that predicts about so many clips correctly."""
    predictions = sure(rows(accuracy, subjects, seeds=seeds, draw=draw))
    metrics = (summarize if seeds == 1 else summarize_seeds)(predictions, NAMES, 0, "one subject out, last epoch; note")
    return ComparedModel(title.lower(), title, metrics, predictions, **costs)


def models(count: int, **options) -> list[ComparedModel]:
    """Models from good to bad."""
    return [model(f"Model-{number}", 0.9 - 0.04 * number, number, **options) for number in range(count)]


def texts_that_collide(figure) -> list[tuple[str, str]]:
    """Pairs of texts that overlap, and texts that leave the figure, with an empty partner."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    boxes = [
        (text.get_text(), text.get_window_extent(renderer).padded(-1))
        for text in figure.findobj(Text)
        if text.get_text().strip() and text.get_visible() and not _beyond_axis(text)
    ]
    assert len(boxes) > 5
    page = figure.bbox.padded(1)
    outside = [(text, "") for text, box in boxes if not _contains(page, box)]
    return outside + [(a, b) for (a, one), (b, other) in combinations(boxes, 2) if one.overlaps(other)]


def _contains(page, box) -> bool:
    return bool(page.x0 <= box.x0 and box.x1 <= page.x1 and page.y0 <= box.y0 and box.y1 <= page.y1)


def _beyond_axis(text: Text) -> bool:
    """matplotlib keeps labels of ticks beyond the ends of an axis, and does not draw them."""
    if text.axes is None:
        return False
    ticks = {
        id(label): tick
        for axis in (text.axes.xaxis, text.axes.yaxis)
        for tick in axis.get_major_ticks()
        for label in (tick.label1, tick.label2)
    }
    tick = ticks.get(id(text))
    if tick is None:
        return False
    low, high = sorted(tick.axes.get_xlim() if tick in text.axes.xaxis.get_major_ticks() else tick.axes.get_ylim())
    return not low - 1e-9 <= tick.get_loc() <= high + 1e-9


def picture(path: Path) -> np.ndarray:
    """The pixels of a PNG, which must be neither empty nor damaged."""
    with Image.open(path) as image:
        assert image.format == "PNG"
        pixels = np.asarray(image.convert("L"))
    assert pixels.std() > 5
    return pixels
