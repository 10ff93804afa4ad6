"""Video files through PyAV: frames, time stamps, reading and writing."""

from atm_gcn.media.video.index import VideoIndex, index_video
from atm_gcn.media.video.reader import DamagedVideoError, read_video
from atm_gcn.media.video.writer import VideoWriter

__all__ = ["DamagedVideoError", "VideoIndex", "VideoWriter", "index_video", "read_video"]
