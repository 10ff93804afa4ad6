"""Recordings of any kind: frames by number from a folder of pictures or a video, and streams that are read once."""

from atm_gcn.media.sources.depth_folder import DepthFolder
from atm_gcn.media.sources.frame_folder import FrameFolder
from atm_gcn.media.sources.frame_source import FrameSource
from atm_gcn.media.sources.opening import open_source
from atm_gcn.media.sources.stream import Frame, Stream, open_stream
from atm_gcn.media.sources.video_file import VideoFile

__all__ = ["DepthFolder", "Frame", "FrameFolder", "FrameSource", "Stream", "VideoFile", "open_source", "open_stream"]
