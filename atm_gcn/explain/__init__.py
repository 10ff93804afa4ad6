"""Explanation of single clips: a clip together with a model's explanation, and a figure of both."""

from typing import TYPE_CHECKING

from atm_gcn._lazy import lazy_names

if TYPE_CHECKING:
    from atm_gcn.explain.explained_clip import ExplainedClip
    from atm_gcn.explain.explaining import explain_recording, explain_stored_clip

__all__ = ["ExplainedClip", "explain_recording", "explain_stored_clip"]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "ExplainedClip": "explained_clip",
        "explain_recording": "explaining",
        "explain_stored_clip": "explaining",
    },
)
