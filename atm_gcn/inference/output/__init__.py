"""Results of predictions as text, tables, figures and annotated videos."""

from typing import TYPE_CHECKING

from atm_gcn._lazy import lazy_names

if TYPE_CHECKING:
    from atm_gcn.inference.output.annotated_video import annotate
    from atm_gcn.inference.output.curve_figure import plot_spotting
    from atm_gcn.inference.output.tables import write_curve, write_rows
    from atm_gcn.inference.output.text import to_table, to_text

__all__ = ["annotate", "plot_spotting", "to_table", "to_text", "write_curve", "write_rows"]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "annotate": "annotated_video",
        "plot_spotting": "curve_figure",  # needs matplotlib
        "to_table": "text",
        "to_text": "text",
        "write_curve": "tables",
        "write_rows": "tables",
    },
)
