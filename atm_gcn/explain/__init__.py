"""A clip beside what the model saw of it, and the figure that shows both."""

from atm_gcn.explain.seen_clip import SeenClip, see_recording, see_stored

__all__ = ["SeenClip", "see_recording", "see_stored"]
