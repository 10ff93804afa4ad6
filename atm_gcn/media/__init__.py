"""Pictures, video and cameras: decoding, time stamps, faces, motion, drawing, writing; no knowledge of datasets."""

from typing import TYPE_CHECKING

from atm_gcn._lazy import lazy_names

if TYPE_CHECKING:
    from atm_gcn.media.apex import choose_apex
    from atm_gcn.media.faces.detection import find_face
    from atm_gcn.media.faces.face import Box
    from atm_gcn.media.sources import FrameSource, Stream, open_source, open_stream
    from atm_gcn.media.timing import Timing
    from atm_gcn.media.video import VideoWriter

__all__ = [
    "Box",
    "FrameSource",
    "Stream",
    "Timing",
    "VideoWriter",
    "choose_apex",
    "find_face",
    "open_source",
    "open_stream",
]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Box": "faces.face",
        "FrameSource": "sources",
        "Stream": "sources",
        "Timing": "timing",
        "VideoWriter": "video",
        "choose_apex": "apex",
        "find_face": "faces.detection",
        "open_source": "sources",
        "open_stream": "sources",
    },
)
