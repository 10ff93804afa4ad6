"""Small videos for tests, encoded by PyAV: drawn frames in any format, at any times."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np


def moving_bar(number: float, height: int = 64, width: int = 96) -> np.ndarray:
    """A grey picture with texture and a bright bar that moves two pixels to the right per frame, uint8 RGB."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    ground = 90 + 20 * np.sin(x / 9) + 20 * np.cos(y / 7)
    bar = 100 / (1 + np.exp(-(6 - np.abs(x - 12 - 2 * number))))
    return np.repeat((ground + bar).round()[..., None], 3, axis=-1).astype(np.uint8)


def encode(
    path: Path,
    images: Sequence[np.ndarray],
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    rate: int = 25,
    times: Sequence[int] | None = None,
    time_base: Fraction | None = None,
    options: dict[str, str] | None = None,
    aspect: Fraction | None = None,
    turn: int = 0,
    colours: tuple[int, int] = (2, 0),
    muxer: dict[str, str] | None = None,
) -> Path:
    """Write a video.

    Args:
        path: The ending names the container.
        images: uint8 RGB ``[H, W, 3]`` each.
        codec: Of PyAV.
        pix_fmt: Of the stream.
        rate: Frames per second that the container claims.
        times: Presentation times in units of ``time_base``; by default one after another.
        time_base: By default one over ``rate``.
        options: Of the codec.
        aspect: Width of a pixel over its height.
        turn: Degrees of the display matrix.
        colours: Matrix and range that the stream is marked with, numbered as in FFmpeg; 2 and 0 are "not marked".
        muxer: Options of the container.
    """
    with av.open(str(path), "w", options=muxer or {}) as container:
        stream = container.add_stream(codec, rate=rate, options=options or {})
        stream.height, stream.width = images[0].shape[:2]
        stream.pix_fmt = pix_fmt
        stream.codec_context.time_base = stream.time_base = time_base or Fraction(1, rate)
        stream.codec_context.colorspace, stream.codec_context.color_range = colours
        if aspect:
            stream.codec_context.sample_aspect_ratio = aspect
        if turn:
            stream.set_display_rotation(turn)
        for place, image in enumerate(images):
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = (times or range(len(images)))[place], stream.codec_context.time_base
            matrix, levels = (1 if colours[0] == 1 else 5), colours[1] or 1
            frame = frame.reformat(format=pix_fmt, dst_colorspace=matrix, src_color_range=2, dst_color_range=levels)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def woven(count: int) -> list[np.ndarray]:
    """Interlaced frames of :func:`moving_bar`, the upper field half a frame later than the lower."""
    frames = []
    for number in range(count):
        frame = moving_bar(number)
        frame[::2] = moving_bar(number + 0.5)[::2]
        frames.append(frame)
    return frames
