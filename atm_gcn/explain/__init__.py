"""Explanation of single clips: a clip together with a model's explanation, and a figure of both."""

from typing import TYPE_CHECKING

from atm_gcn._lazy import lazy_names

if TYPE_CHECKING:
    from atm_gcn.explain.edge_weights import edge_weight_summary
    from atm_gcn.explain.explained_clip import ExplainedClip
    from atm_gcn.explain.explaining import explain_recording, explain_stored_clip, run_edge_weights

__all__ = ["ExplainedClip", "edge_weight_summary", "explain_recording", "explain_stored_clip", "run_edge_weights"]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "ExplainedClip": "explained_clip",
        "edge_weight_summary": "edge_weights",
        "explain_recording": "explaining",
        "explain_stored_clip": "explaining",
        "run_edge_weights": "explaining",
    },
)
