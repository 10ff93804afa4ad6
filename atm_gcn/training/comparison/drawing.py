"""Colours and text sizes of the figures of a comparison."""

from typing import Any

from atm_gcn.files.escaping import escape_to

INK, GREY, PALE = "#222222", "#6E6E6E", "#C8C8C8"
BLUE, ORANGE, GREEN, PURPLE, SKY, RED = "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00"
"""Colours of Okabe and Ito, which are told apart with any kind of colour vision."""
DPI = 200
SMALL, NORMAL = 7.0, 8.5  # points
POINT = 1 / 72  # inches
LONGEST = 44  # characters of a model's name


def text_width(text: str, size: float) -> float:
    """Width of a line of text in inches."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    width, _, _ = text_to_path.get_text_width_height_descent(text, FontProperties(size=size), ismath=False)
    return width * POINT


def wrap(text: str, width: float, size: float) -> list[str]:
    """Lines of text that are at most ``width`` inches wide."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if text_width(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return [line for line in lines if line]


def short(title: str) -> str:
    """The name of a model for a figure."""
    return escape_to(LONGEST, title)


def write_lines(figure: Any, lines: list[str], left: float, bottom: float) -> None:
    """Write small grey lines whose lowest one stands at ``left`` and ``bottom``, in inches."""
    width, height = figure.get_size_inches()
    text = "\n".join(lines)
    style = {"fontsize": SMALL, "color": GREY, "linespacing": 1.3}
    figure.text(left / width, bottom / height, text, ha="left", va="bottom", **style)
