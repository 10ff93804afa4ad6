"""A figure whose parts are placed in inches."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

WIDTH = 7.16  # inches: the text of a two-column page


class Page:
    """A figure whose parts are placed in inches from its upper left corner."""

    def __init__(self, height: float) -> None:
        self.figure = Figure(figsize=(WIDTH, height))
        self.height = height

    def place(self, left: float, top: float, width: float, height: float) -> Axes:
        """Add axes with this box; their labels are outside of it."""
        box = (left / WIDTH, 1 - (top + height) / self.height, width / WIDTH, height / self.height)
        return self.figure.add_axes(box)

    def write(self, left: float, top: float, text: str, **style: Any) -> None:
        """Add a line of text with this upper left corner."""
        self.figure.text(left / WIDTH, 1 - top / self.height, text, va="top", **style)
