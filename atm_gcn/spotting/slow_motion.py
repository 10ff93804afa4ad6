"""Motion resampled so that slower movements can be found: fewer frames, each with the motion since longer before.

A macro-expression is the same movement as a micro-expression, but larger and slower. With every k-th frame, and motion
over k times the span, the learnt spotter reads it as it reads a micro-expression, with all its spans k times as long.
"""

from dataclasses import replace

import numpy as np

from atm_gcn.defaults import Kind
from atm_gcn.inference.spotting.spotter import HALF_SECONDS
from atm_gcn.media.block_motion import GRID
from atm_gcn.spotting.motion import VideoMotion, nearest

SLOWDOWN: dict[Kind, int] = {"micro": 1, "macro": 3}
"""How many times slower the movements of each kind are looked for."""


def slow_motion(video: VideoMotion, slowdown: int) -> VideoMotion:
    """The motion of every ``slowdown``-th frame, since 0.2 s times ``slowdown`` before.

    It is the sum of as many motions over 0.2 s, one after another, and unknown where one of them is. Nothing is
    ``found`` in it; its ``curve`` is the size of the motion of all blocks in pixels, and has no ``threshold``.
    """
    if slowdown == 1:
        return video
    rows = np.arange(0, len(video), slowdown)
    parts = [rows]  # each ends where the one before it begins
    while len(parts) < slowdown:
        parts.append(nearest(video.seconds, video.seconds[parts[-1]] - HALF_SECONDS))
    known = np.logical_and.reduce([video.known[part] for part in parts])
    motion = np.where(known[:, None], sum(video.motion[part].astype(np.float32) for part in parts), 0)
    size = np.linalg.norm(motion[:, : 2 * GRID * GRID], axis=1)
    curve = np.where(known, size, np.nan).astype(np.float32)
    return replace(
        video,
        numbers=video.numbers[rows],
        seconds=video.seconds[rows],
        motion=motion.astype(np.float16),
        known=known,
        curve=curve,
        threshold=np.full(len(rows), np.nan, dtype=np.float32),
        found=video.found[:0],
        ratio=video.ratio[:0],
        slowdown=slowdown,
    )
