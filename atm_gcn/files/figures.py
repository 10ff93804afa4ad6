"""Figures that a run writes beside its results if matplotlib is installed."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from atm_gcn.errors import install_command
from atm_gcn.files.outputs import FIGURE_METADATA
from atm_gcn.files.writing import replacing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

log = logging.getLogger(__name__)


def write_figure(path: Path, draw: "Callable[[], Figure]", dpi: int) -> None:
    """Write a figure as PNG, whole or not at all; without matplotlib, log what to install.

    Args:
        path: File to write.
        draw: Draws the figure; it is called where matplotlib reads names as text, not as formulas.
        dpi: Dots per inch.
    """
    try:
        import matplotlib.figure
    except ImportError:
        log.warning("%s is not drawn, for matplotlib is not installed: %s", path.name, install_command("train"))
        return
    try:
        with matplotlib.rc_context({"text.parse_math": False}), replacing(path) as partial:  # names are not formulas
            draw().savefig(partial, format="png", dpi=dpi, metadata=FIGURE_METADATA["png"])
    except (ImportError, MemoryError) as error:  # a library that is loaded late, where memory is short
        log.warning("%s is not drawn (%s)", path.name, error)
