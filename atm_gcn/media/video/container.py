"""Opening a video file with PyAV: local files and video formats only; anything else is refused in one sentence."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import av
from av.codec.context import ThreadType
from av.container import InputContainer
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from atm_gcn.errors import ATMGCNError
from atm_gcn.files.limits import PIXELS

# Formats that hold one video and nothing else: playlists name other files and addresses, and must open neither.
FORMATS = (
    "3gp,apng,asf,av1,avi,dv,flv,gif,h264,hevc,ivf,m4v,matroska,mjpeg,mov,mp4,mpeg,mpegts,mpegvideo,mxf,nut,obu,ogg,"
    "rm,vc1,webm,wtv,yuv4mpegpipe"
)

MICROSECONDS = 1_000_000  # per second: FFmpeg's unit of time where a stream names none

FAILURES = (av.error.FFmpegError, AssertionError, ArithmeticError, MemoryError, OSError, ValueError)
"""Errors that PyAV raises on damaged files."""


class OpenVideo(NamedTuple):
    """A container and the one stream of it that is read.

    Args:
        path: The file.
        container: The open file.
        stream: Its video.
        time_base: Seconds per unit of the stream's time stamps.
    """

    path: Path
    container: InputContainer
    stream: VideoStream
    time_base: Fraction


@contextmanager
def open_video(path: Path) -> Iterator[OpenVideo]:
    """Open a video file for one pass.

    Raises:
        ATMGCNError: If it cannot be opened, or holds no video that can be decoded.
    """
    container = _open(path)
    with closing(container):
        stream = container.streams.best("video")
        if not isinstance(stream, VideoStream) or stream.disposition & Disposition.attached_pic:
            raise ATMGCNError(f"{path}: holds no video; give a video or a folder of frames")
        if stream.codec_context is None:
            raise ATMGCNError(f"{path}: its codec is not known; convert it, for example to H.264 in MP4")
        check_size(path, stream.codec_context.width, stream.codec_context.height)
        # With "explode" a decoder reports damage; without it, it invents frames.
        stream.codec_context.options = {"err_detect": "explode", **_frame_limit()}
        # With more threads, decoders return uninitialised memory for damaged files.
        stream.thread_type, stream.codec_context.thread_count = ThreadType.NONE, 1
        yield OpenVideo(path, container, stream, stream.time_base or Fraction(1, MICROSECONDS))


def check_size(path: Path, width: int, height: int) -> None:
    """Refuse frames that are too large.

    Raises:
        ATMGCNError: Naming the file and the size that it claims.
    """
    if width * height > PIXELS.value:
        raise ATMGCNError(
            f"{path}: claims frames of {width}x{height}, more than {PIXELS.value:,} pixels each; {PIXELS.remedy}"
        )


class DecodedFrames:
    """Decoded frames in the order of display, up to the first that is damaged.

    Data before the first frame that can be decoded is skipped, as in a recording that begins in the middle.

    Args:
        video: A video that was just opened, or moved to one of its key frames.

    Attributes:
        is_damaged: Whether the frames ended at a damaged one rather than with the file.
    """

    def __init__(self, video: OpenVideo) -> None:
        self.video = video
        self.is_damaged = False

    def __iter__(self) -> Iterator[VideoFrame]:
        begun = False
        try:
            for packet in self.video.container.demux(self.video.stream):
                try:
                    frames = packet.decode()
                except FAILURES:
                    if begun:
                        raise
                    continue
                for frame in frames:
                    if frame.is_corrupt:
                        self.is_damaged = True
                        return
                    begun = True
                    yield frame
        except FAILURES:
            self.is_damaged = True


def not_readable(path: Path, has_size: bool = True) -> ATMGCNError:
    """The error for a file that is not a video, or has no frame that can be decoded.

    Args:
        path: The file.
        has_size: Whether it is known how large its frames are, and they are not too large.
    """
    if not has_size:
        return ATMGCNError(
            f"{path}: its frames have no size, or more than {PIXELS.value:,} pixels each; {PIXELS.remedy}"
        )
    try:
        with path.open("rb") as file:
            begins_as_mp4 = file.read(8)[4:] == b"ftyp"
    except OSError as error:
        return ATMGCNError(f"{path}: cannot be read ({error.strerror})")
    if begins_as_mp4:
        return ATMGCNError(f"{path}: is damaged, or was cut off before it was complete; copy it again from its source")
    return ATMGCNError(f"{path}: is not a video that can be read; give a video or a folder of frames")


def _frame_limit() -> dict[str, str]:
    """The option that keeps decoders from allocating larger frames, also while a file is opened."""
    return {"max_pixels": str(PIXELS.value)}


def _open(path: Path) -> InputContainer:
    options = {"format_whitelist": FORMATS, "protocol_whitelist": "file"}
    try:
        name = f"file:{path}"  # without the prefix, a colon in the name marks a protocol
        name.encode()
        return av.open(name, options=_frame_limit(), metadata_errors="replace", container_options=options)
    except UnicodeEncodeError as error:
        raise ATMGCNError(f"{os.fsencode(path)!r}: the file name is not valid UTF-8; rename the file") from error
    except PermissionError as error:
        raise ATMGCNError(f"{path}: cannot be read ({error.strerror})") from error
    except FAILURES as error:
        raise not_readable(path) from error
