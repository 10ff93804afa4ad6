"""Results of predictions as text, tables and annotated videos; as a figure in ``curve_figure``, with matplotlib."""

from typing import TYPE_CHECKING

from atm_gcn._lazy import lazy_names

if TYPE_CHECKING:
    from atm_gcn.inference.output.annotated_video import annotate
    from atm_gcn.inference.output.tables import write_curve, write_rows
    from atm_gcn.inference.output.text import store_text, to_table, to_text

__all__ = ["annotate", "store_text", "to_table", "to_text", "write_curve", "write_rows"]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "annotate": "annotated_video",
        "store_text": "text",
        "to_table": "text",
        "to_text": "text",
        "write_curve": "tables",
        "write_rows": "tables",
    },
)
