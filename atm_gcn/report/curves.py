"""Training curves of every fold as line charts: coordinates in an SVG of fixed size, which the page scales."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 420, 240  # of the view box, including the labels of ticks
LEFT, RIGHT, TOP, BOTTOM = 44, 8, 10, 34
CHARTS = (  # title, key in the log, top of the scale; the two losses are different functions
    ("Training loss", "loss", None),
    ("Training accuracy", "acc", 1.0),
    ("Cross-entropy of validation subjects", "val_loss", None),
    ("UF1 of validation subjects", "val_uf1", 1.0),
)


@dataclass(frozen=True)
class Line:
    """The curve of one fold; ``points`` is the attribute of an SVG polyline."""

    name: str
    points: str


@dataclass(frozen=True)
class Chart:
    """A chart; ticks are pairs of a coordinate and a text."""

    title: str
    lines: list[Line]
    x_ticks: list[tuple[float, str]]
    y_ticks: list[tuple[float, str]]


def charts_of(logs: dict[str, list[dict[str, Any]]]) -> list[Chart]:
    """One chart for each entry of :data:`CHARTS` that was logged."""
    charts = (_chart(title, key, top, logs) for title, key, top in CHARTS)
    return [chart for chart in charts if chart is not None]


def _chart(title: str, key: str, top: float | None, logs: dict[str, list[dict[str, Any]]]) -> Chart | None:
    curves = {
        name: [(record["epoch"], record[key]) for record in records if _is_number(record.get(key))]
        for name, records in logs.items()
    }
    curves = {name: curve for name, curve in curves.items() if curve}
    if not curves:
        return None
    last = max(epoch for curve in curves.values() for epoch, _ in curve)
    steps = steps_to(top or max(value for curve in curves.values() for _, value in curve) or 1.0)
    lines = [Line(name, _points(curve, last, steps[-1])) for name, curve in curves.items()]
    x_ticks = [(_x(epoch, last), str(epoch)) for epoch in _epochs(last)]
    return Chart(title, lines, x_ticks, [(_y(value, steps[-1]), f"{value:g}") for value in steps])


def _points(curve: Sequence[tuple[int, float]], last: int, high: float) -> str:
    return " ".join(f"{_x(epoch, last):.1f},{_y(value, high):.1f}" for epoch, value in curve)


def _x(epoch: float, last: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (epoch - 1) / max(last - 1, 1)


def _y(value: float, high: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / high


def steps_to(high: float) -> list[float]:
    """Three to six evenly spaced round values from 0 to ``high`` or a little more."""
    rough = high / 4
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * factor for factor in (1, 2, 2.5, 5, 10) if unit * factor >= rough * 0.999)
    return [round(step * i, 10) for i in range(math.ceil(round(high / step, 6)) + 1)]


def _epochs(last: int) -> list[int]:
    step = max(1, round(last / 4))
    return [1, *range(1 + step, last - step // 2, step), last] if last > 1 else [1]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)
