"""Results of predictions as text, tables and annotated videos; as a figure in ``curve_figure``, with matplotlib."""

from atm_gcn.inference.output.annotated_video import annotate
from atm_gcn.inference.output.tables import write_curve, write_rows
from atm_gcn.inference.output.text import store_text, to_table, to_text

__all__ = ["annotate", "store_text", "to_table", "to_text", "write_curve", "write_rows"]
