"""Motion of long videos in memory: bursts that come and go are micro-expressions, steps that stay are not."""

from dataclasses import replace

import numpy as np

from atm_gcn.metrics.spotting import Interval
from atm_gcn.spotting.motion import CHANNELS, VideoMotion

RATE = 30


def first_frames(motion, frames):
    """The first frames of a video; what was found in it stays."""
    per_frame = ("numbers", "seconds", "motion", "known", "curve", "threshold")
    return replace(motion, **{name: getattr(motion, name)[:frames] for name in per_frame})


def video_motion(seed, frames=900, count=8, noise=0.05):
    """A video with bursts in one part of the face and steps in another; the bursts' intervals and their apexes."""
    rng = np.random.default_rng(seed)
    position = np.zeros((frames, CHANNELS))
    starts = np.linspace(40, frames - 60, 2 * count).astype(int) + rng.integers(-8, 8, 2 * count)
    intervals, apexes = [], []
    for number, start in enumerate(starts.tolist()):
        length, channel = int(rng.integers(8, 15)), 20 if number % 2 else 70
        t = np.arange(frames) - start
        rise = np.clip(t / (length / 2), 0, 1)
        if number % 2:
            position[:, channel] += rise
            continue
        position[:, channel] += np.minimum(rise, np.clip((length - t) / (length / 2), 0, 1))
        intervals.append(Interval("v", start, start + length, "positive", subject=f"p{seed}"))
        apexes.append(start + length // 2)
    motion = position.copy()
    motion[6:] -= position[:-6]
    motion += rng.normal(0, noise, motion.shape)
    found = np.array([[one.onset, apex, one.offset] for one, apex in zip(intervals, apexes, strict=True)])
    return (
        VideoMotion(
            np.arange(frames),
            np.arange(frames) / RATE,
            motion.astype(np.float16),
            np.ones(frames, dtype=bool),
            np.abs(motion).sum(axis=1).astype(np.float32),
            np.ones(frames, dtype=np.float32),
            found.reshape(-1, 3).astype(np.int64),
            rng.uniform(1, 3, len(found)).astype(np.float32),
        ),
        intervals,
        apexes,
    )
