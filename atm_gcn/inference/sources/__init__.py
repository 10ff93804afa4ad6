"""The sources of predictions, and the search of folders for them."""

from atm_gcn.inference.sources.source import Source, annotated_clip, expand, is_store

__all__ = ["Source", "annotated_clip", "expand", "is_store"]
