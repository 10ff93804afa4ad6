"""Windows of long videos as the learnt spotter reads them, and their target scores."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from atm_gcn.media.block_motion import GRID
from atm_gcn.metrics.spotting import Interval
from atm_gcn.spotting.graph_spotter import OFFSETS, SCORES
from atm_gcn.spotting.motion import RATE, VideoMotion, nearest

FRAMES = 64  # of a window
END_SECONDS = 0.05  # around an onset or offset, over which its score falls from 1 to 0.6


class Cut(NamedTuple):
    """Windows as :class:`GraphSpotter` reads them, and their target scores.

    Args:
        motion: ``[B, M, F]``; ``moments`` ``[B, T, |O|]``; ``pos`` ``[B, T]``; ``global_node`` ``[B]``.
        target: ``[B, T, 3]``.
    """

    motion: Tensor
    moments: Tensor
    pos: Tensor
    global_node: Tensor
    target: Tensor


@dataclass(frozen=True)
class VideoWindows:
    """A long video from which windows are cut.

    Args:
        motion: float32 ``[n, F]`` motion of every frame.
        moments: int64 ``[n, |O|]`` frames at the moments around every frame.
        pos: float32 ``[n]`` times in units of ``slowdown`` / 30 s.
        curve: float32 ``[n]`` the video's ``curve``, 0 where it is unknown.
        target: float32 ``[n, 3]`` what the scores should be.
        centres: int64 ``[m]`` frames in the middle of the annotated intervals.
    """

    motion: Tensor
    moments: Tensor
    pos: Tensor
    curve: Tensor
    target: Tensor
    centres: Tensor

    def __len__(self) -> int:
        return len(self.pos)

    def cut(self, starts: Tensor) -> Cut:
        """Windows that begin at frames ``[B]``."""
        rows = starts[:, None] + torch.arange(min(FRAMES, len(self)))  # [B, T]
        moments = self.moments[rows]
        first = moments.amin(dim=(1, 2))
        around = first[:, None] + torch.arange(int((moments.amax(dim=(1, 2)) - first).max()) + 1)  # [B, M]
        return Cut(
            self.motion[around.clamp(max=len(self) - 1)],
            moments - first[:, None, None],
            self.pos[rows] - self.pos[rows[:, :1]] + 1,
            self.curve[rows].argmax(dim=1),
            self.target[rows],
        )


def windows_of(
    video: VideoMotion, intervals: Sequence[Interval] = (), apexes: Sequence[int | None] = ()
) -> VideoWindows:
    """The windows of a video.

    Args:
        video: Its motion.
        intervals: The annotated intervals, of which the scores are learnt.
        apexes: Frame number of the apex of each; None for the middle.
    """
    seconds = video.seconds
    wanted = seconds[:, None] + np.array(OFFSETS) * video.slowdown
    return VideoWindows(
        torch.from_numpy(video.motion.astype(np.float32)),
        torch.from_numpy(nearest(seconds, wanted)),
        torch.from_numpy((seconds * RATE / video.slowdown).astype(np.float32)),
        torch.from_numpy(np.nan_to_num(video.curve)),
        torch.from_numpy(_target(video, intervals, apexes)),
        torch.from_numpy(
            np.searchsorted(video.numbers, [(one.onset + one.offset) // 2 for one in intervals]).astype(np.int64)
        ),
    )


def _target(video: VideoMotion, intervals: Sequence[Interval], apexes: Sequence[int | None]) -> np.ndarray:
    target = np.zeros((len(video), len(SCORES)), dtype=np.float32)
    least, wide = video.slowdown / RATE, video.slowdown * END_SECONDS
    for one, apex in zip(intervals, apexes or [None] * len(intervals), strict=True):
        middle = (one.onset + one.offset) // 2 if apex is None else apex
        onset, peak, offset = (video.seconds[_row(video, number)] for number in (one.onset, middle, one.offset))
        rise, fall = max(peak - onset, least), max(offset - peak, least)
        gone = np.where(video.seconds < peak, (peak - video.seconds) / rise, (video.seconds - peak) / fall)
        scores = np.stack(
            [
                (1 - gone).clip(0),
                np.exp(-(((video.seconds - onset) / wide) ** 2) / 2),
                np.exp(-(((video.seconds - offset) / wide) ** 2) / 2),
            ]
        )
        target = np.maximum(target, scores.T.astype(np.float32))
    return target


def _row(video: VideoMotion, number: int) -> int:
    return int(np.searchsorted(video.numbers, number).clip(0, len(video) - 1))


def mirrored(motion: Tensor) -> Tensor:
    """Motion ``[..., F]`` of the mirror image."""
    blocks, head = motion[..., : 2 * GRID * GRID], motion[..., 2 * GRID * GRID :]
    flipped = blocks.reshape(*motion.shape[:-1], GRID, GRID, 2).flip(-2) * blocks.new_tensor([-1.0, 1.0])
    signs = head.new_tensor([-1.0, 1.0, 1.0, -1.0, -1.0, 1.0])  # u, v, du/dx, du/dy, dv/dx, dv/dy
    return torch.cat([flipped.reshape(blocks.shape), head * signs], dim=-1)
