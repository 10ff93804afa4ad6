"""Explanation of single clips: a clip together with a model's explanation, and a figure of both."""

from atm_gcn.explain.explained_clip import ExplainedClip, explain_recording, explain_stored_clip

__all__ = ["ExplainedClip", "explain_recording", "explain_stored_clip"]
