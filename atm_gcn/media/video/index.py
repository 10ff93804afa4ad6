"""The frames of a video and their times, for most formats without decoding.

A frame's number is its position in the order of display, from 0. Its time is its presentation time stamp in seconds.
The frame rate that a container claims is used for neither.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

from atm_gcn.errors import ATMGCNError
from atm_gcn.media.video.container import FAILURES, DecodedFrames, OpenVideo, check_size, not_readable, open_video

PROBED_FRAMES = 4  # decoded to check that packets and frames agree
# Formats in which every packet is a frame with a time stamp; others have to be decoded.
TRUSTED_FORMATS = frozenset({"mov", "matroska", "gif", "apng", "ivf"})
INTRA_CODECS = frozenset({"dvvideo", "ffv1", "ffvhuff", "huffyuv", "magicyuv", "mjpeg", "png", "rawvideo", "utvideo"})
SEEKABLE_FORMATS = frozenset({"mov", "matroska"})
UNEVEN = 0.1  # share of the usual interval by which an uneven one differs
MAX_STRETCH = 4.0  # of a pixel; a pixel aspect ratio beyond it is a damaged header
VARIABLE = 0.02  # share of uneven intervals from which a frame rate counts as variable


@dataclass(frozen=True)
class VideoIndex:
    """The frames of one video.

    Args:
        seconds: Presentation time of every frame, ascending, float64 ``[n]``.
        pts: The same in the units of the file, int64 ``[n]``; None where frames can only be counted.
        entries: Numbers of the frames at which decoding may begin, ascending; the first is 0.
        rate: Frames per second by the time stamps; where it varies, that of the usual interval.
        is_variable: Whether the frame rate varies.
        is_interlaced: Whether one of the first frames is interlaced.
        pixel_aspect: Width of a pixel over its height.
        incomplete: How many of how many frames the file holds; empty if it does not seem cut off or damaged.
        has_stamps: Whether the file has time stamps; otherwise its claimed frame rate is used.
    """

    seconds: np.ndarray
    pts: np.ndarray | None
    entries: np.ndarray
    rate: float
    is_variable: bool
    is_interlaced: bool
    pixel_aspect: float
    incomplete: str
    has_stamps: bool = True

    def __len__(self) -> int:
        return len(self.seconds)

    def entry_before(self, number: int) -> int:
        """The last frame up to ``number`` at which decoding may begin."""
        return int(self.entries[max(0, int(np.searchsorted(self.entries, number, side="right")) - 1)])


def index_video(path: Path) -> VideoIndex:
    """Index a video. The last few indices are kept until their files change.

    Raises:
        ATMGCNError: If the file cannot be read, or not one frame of it can be decoded.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise ATMGCNError(f"{path}: cannot be read ({error.strerror})") from error
    return _index(path, status.st_size, status.st_mtime_ns)


def describe_index(index: VideoIndex) -> tuple[str, ...]:
    """What is unusual about a video, and how it is handled."""
    notes = []
    if index.is_interlaced:
        notes.append("is interlaced: deinterlaced with bwdif")
    if index.is_variable:
        mean = (len(index) - 1) / (index.seconds[-1] - index.seconds[0])
        notes.append(f"has a variable frame rate, on average {mean:.4g} per second: timed by its time stamps")
    if index.pixel_aspect != 1:
        notes.append(f"has pixels {index.pixel_aspect:.4g} times as wide as high: stretched in width")
    if not index.has_stamps:
        notes.append(f"has no time stamps: timed at {index.rate:.4g} frames per second")
    return tuple(notes)


@lru_cache(maxsize=16)
def _index(path: Path, size: int, modified: int) -> VideoIndex:
    try:
        with open_video(path) as video:
            if _is_trusted(video):
                packets = _demux(video)
                video.container.seek(0, stream=video.stream)
                first = list(islice(DecodedFrames(video), PROBED_FRAMES))
                if _are_frames(packets, [frame.pts for frame in first]):
                    return _from_packets(video, packets, any(frame.interlaced_frame for frame in first))
        with open_video(path) as video:
            return _by_decoding(video)
    except FAILURES as error:
        raise not_readable(path) from error


class _Packets(NamedTuple):
    pts: list[int]
    keys: list[int]
    all_stamped: bool
    last_dts: int | None
    is_cut: bool  # packets are missing at the end


def _demux(video: OpenVideo) -> _Packets:
    pts: list[int] = []
    keys: list[int] = []
    all_stamped, last_dts, count, is_cut = True, None, 0, False
    try:
        for packet in video.container.demux(video.stream):
            if packet.is_corrupt:
                is_cut = True
                break
            if not packet.size:  # PyAV's signal to flush the decoder
                continue
            count, last_dts = count + 1, packet.dts
            if packet.is_discard:
                continue
            if packet.pts is None:
                all_stamped = False
                continue
            pts.append(packet.pts)
            keys += [packet.pts] if packet.is_keyframe else []
    except FAILURES:
        is_cut = True
    return _Packets(pts, keys, all_stamped, last_dts, is_cut or video.stream.frames > count)


def _is_trusted(video: OpenVideo) -> bool:
    """Whether the format guarantees that every packet is one frame with its own time stamp."""
    return bool(_formats(video) & TRUSTED_FORMATS) or video.stream.codec_context.name in INTRA_CODECS


def _formats(video: OpenVideo) -> set[str]:
    return set(video.container.format.name.split(","))


def _are_frames(packets: _Packets, first_pts: Sequence[int | None]) -> bool:
    """Whether every packet has a time stamp of its own, and the first frames have those of the first packets."""
    if not first_pts or not packets.all_stamped or len(set(packets.pts)) < len(packets.pts):
        return False
    return sorted(packets.pts)[: len(first_pts)] == list(first_pts)


def _from_packets(video: OpenVideo, packets: _Packets, is_interlaced: bool) -> VideoIndex:
    pts = np.array(sorted(packets.pts), dtype=np.int64)
    if packets.is_cut and packets.last_dts is not None:
        pts = pts[: max(1, np.searchsorted(pts, packets.last_dts, side="right"))]  # the cut may leave gaps after it
    entries = np.zeros(1, dtype=np.int64)
    if _formats(video) & SEEKABLE_FORMATS:
        keys = np.searchsorted(pts, packets.keys)
        entries = np.union1d(entries, keys[keys < len(pts)])
    seconds = pts * float(video.time_base)
    return _described(video, seconds, pts, entries, is_interlaced, packets.is_cut)


def _by_decoding(video: OpenVideo) -> VideoIndex:
    frames, pts, is_interlaced = DecodedFrames(video), [], False
    for frame in frames:
        pts.append(frame.pts)
        is_interlaced |= frame.interlaced_frame
    if not pts:
        raise not_readable(video.path, has_size=bool(video.stream.codec_context.width))
    has_stamps = None not in pts and len(set(pts)) > len(pts) // 2
    if has_stamps:
        seconds = _ascending(np.array(pts, dtype=np.int64) * float(video.time_base))
    else:
        seconds = np.arange(len(pts)) / (_claimed_rates(video) or [25.0])[0]
    return _described(video, seconds, None, np.zeros(1, dtype=np.int64), is_interlaced, frames.is_damaged, has_stamps)


def _described(
    video: OpenVideo,
    seconds: np.ndarray,
    pts: np.ndarray | None,
    entries: np.ndarray,
    is_interlaced: bool,
    is_cut: bool,
    has_stamps: bool = True,
) -> VideoIndex:
    rate, is_variable = _rate(seconds, video)
    aspect = float(video.stream.sample_aspect_ratio or 1)
    if not 1 / MAX_STRETCH <= aspect <= MAX_STRETCH:
        aspect = 1.0
    context = video.stream.codec_context
    check_size(video.path, round(context.width * max(aspect, 1)), context.height)
    incomplete = _incomplete(seconds, rate, is_cut, video)
    return VideoIndex(seconds, pts, entries, rate, is_variable, is_interlaced, aspect, incomplete, has_stamps)


def _ascending(seconds: np.ndarray) -> np.ndarray:
    """Times in which steps back, as in joined recordings, are replaced by usual steps."""
    steps = np.diff(seconds)
    usual = np.median(steps[steps > 0]) if (steps > 0).any() else 0.04
    return seconds[0] + np.concatenate([[0], np.cumsum(np.where(steps > 0, steps, usual))])


def _rate(seconds: np.ndarray, video: OpenVideo) -> tuple[float, bool]:
    """Frames per second, and whether they vary; a claimed rate that fits is preferred to rounded time stamps."""
    claimed = _claimed_rates(video)
    if len(seconds) < 2:
        return (claimed or [25.0])[0], False
    steps = np.diff(seconds)
    usual = float(np.median(steps))
    uneven = np.abs(steps - usual) > max(UNEVEN * usual, 1.1 * float(video.time_base))
    is_variable = bool(uneven.mean() > VARIABLE)
    measured = 1 / usual if uneven.any() else (len(seconds) - 1) / (seconds[-1] - seconds[0])
    rounding = 1.1 * float(video.time_base) / usual
    fitting = [rate for rate in claimed if abs(rate / measured - 1) < (max(0.002, rounding) if uneven.any() else 0.002)]
    return (fitting or [float(measured)])[0], is_variable


def _claimed_rates(video: OpenVideo) -> list[float]:
    stream = video.stream
    rates = (stream.average_rate, stream.guessed_rate, stream.base_rate)
    return [float(rate) for rate in rates if rate and 0 < rate < 100_000]


def _incomplete(seconds: np.ndarray, rate: float, is_cut: bool, video: OpenVideo) -> str:
    """``"16 of 42 frames (0.53 of 1.40 s)"``, as far as the file states it; empty if nothing is missing."""
    count, claimed, length = len(seconds), video.stream.frames, _claimed_seconds(video)
    held = float(seconds[-1] - seconds[0]) + 1 / rate
    is_short = length is not None and length - held > max(2 / rate, 0.1)
    if not (is_cut or is_short):
        return ""
    frames = f"{count} of {claimed} frames" if claimed > count else f"{count} frames"
    return f"{frames} ({held:.2f} of {length:.2f} s)" if is_short else frames


def _claimed_seconds(video: OpenVideo) -> float | None:
    """The length of the video that the file claims; None if unknown, or known with its sound only."""
    stream, container = video.stream, video.container
    if stream.duration is not None:
        return float(stream.duration * video.time_base)
    hours, _, rest = stream.metadata.get("DURATION", "").partition(":")  # of Matroska, 00:00:02.000000000
    minutes, _, seconds = rest.partition(":")
    try:
        return 3600 * int(hours) + 60 * int(minutes) + float(seconds)
    except ValueError:
        return container.duration / 1e6 if container.duration and len(container.streams) == 1 else None
