"""Training of the learnt spotter, and its scores of a whole video."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from atm_gcn.errors import ATMGCNError
from atm_gcn.spotting.graph_spotter import GraphSpotter, SpotterSize
from atm_gcn.spotting.motion import CHANNELS
from atm_gcn.spotting.windows import FRAMES, VideoWindows, mirrored


@dataclass(frozen=True)
class SpotterTraining:
    """How the learnt spotter is trained.

    Args:
        steps: Steps of the optimiser, however many videos there are.
        lr: Learning rate of AdamW, which falls to 0 along a cosine.
        weight_decay: Of AdamW.
        batch: Windows per step.
        around: Windows around every annotated interval per pass, beside those that cover every video once.
        positive: Weight in the loss of a frame whose target is 1; a frame whose target is 0 has weight 1.
        amplitude: Least and largest factor on the motion of a window, so that movements of all strengths are seen.
    """

    steps: int = 500
    lr: float = 2e-3
    weight_decay: float = 0.05
    batch: int = 16
    around: int = 2
    positive: float = 6.0
    amplitude: tuple[float, float] = (0.5, 2.0)


def train_spotter(
    videos: Sequence[VideoWindows],
    seed: int,
    settings: SpotterTraining | None = None,
    size: SpotterSize | None = None,
    on_step: Callable[[int, float], None] = lambda step, loss: None,
) -> GraphSpotter:
    """Train a spotter on videos with annotated intervals; call it where torch is seeded and deterministic.

    Args:
        videos: Of the training people.
        seed: Of the choice of windows.
        settings: How to train.
        size: Sizes of the model.
        on_step: Called with the number of each step and its loss.

    Raises:
        ATMGCNError: If no video is as long as a window.
    """
    settings, rng = settings or SpotterTraining(), torch.Generator().manual_seed(seed)
    model = GraphSpotter(CHANNELS, size).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=settings.lr, weight_decay=settings.weight_decay)
    videos = [video for video in videos if len(video) >= FRAMES]
    if not videos:
        raise ATMGCNError(f"no training video has {FRAMES} frames, which a window of the learnt spotter needs")
    for step, batch in enumerate(islice(_batches(videos, settings, rng), settings.steps)):
        for group in optimizer.param_groups:
            group["lr"] = settings.lr * (1 + np.cos(np.pi * step / settings.steps)) / 2
        loss = _loss(model, videos, batch, settings, rng)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        on_step(step + 1, float(loss.detach()))
    return model.eval()


def _batches(videos: Sequence[VideoWindows], settings: SpotterTraining, rng: torch.Generator) -> Iterator[Tensor]:
    """Batches without end, pass after pass over the videos."""
    while True:
        yield from _places(videos, settings.around, rng).split(settings.batch)


def _places(videos: Sequence[VideoWindows], around: int, rng: torch.Generator) -> Tensor:
    """int64 ``[N, 2]`` video and first frame of the windows of a pass over the videos, in random order."""
    places = []
    for number, video in enumerate(videos):
        last = len(video) - FRAMES
        first = torch.randint(FRAMES, (1,), generator=rng)
        starts = torch.arange(int(first) - FRAMES, len(video), FRAMES)
        near = video.centres.repeat(around)
        near = near - torch.randint(8, FRAMES - 8, near.shape, generator=rng)
        starts = torch.cat([starts, near]).clamp(0, last)
        places.append(torch.stack([torch.full_like(starts, number), starts], dim=1))
    joined = torch.cat(places)
    return joined[torch.randperm(len(joined), generator=rng)]


def _loss(
    model: GraphSpotter, videos: Sequence[VideoWindows], batch: Tensor, settings: SpotterTraining, rng: torch.Generator
) -> Tensor:
    parts = [videos[number].cut(torch.tensor([start])) for number, start in batch.tolist()]
    longest = max(part.motion.size(1) for part in parts)
    motion = torch.cat([F.pad(part.motion, (0, 0, 0, longest - part.motion.size(1))) for part in parts])
    moments, pos, global_node, target = (torch.cat(one) for one in list(zip(*parts, strict=True))[1:])
    low, high = np.log(settings.amplitude)
    factor = torch.exp(low + (high - low) * torch.rand(len(motion), 1, 1, generator=rng))
    flips = torch.rand(len(motion), 1, 1, generator=rng) < 0.5
    motion = torch.where(flips, mirrored(motion), motion) * factor
    logits = model(motion, moments, pos, global_node)
    weight = 1 + (settings.positive - 1) * target
    return F.binary_cross_entropy_with_logits(logits, target, weight)


@torch.no_grad()
def frame_scores(model: GraphSpotter, video: VideoWindows) -> np.ndarray:
    """Scores of every frame, float32 ``[n, 3]`` from 0 to 1: means over the windows that hold it.

    Windows overlap by three quarters, and frames count more the nearer they are to the middle of a window.
    """
    count = min(FRAMES, len(video))
    starts = torch.arange(0, max(len(video) - count, 0) + 1, max(count // 4, 1))
    starts = torch.unique(torch.cat([starts, torch.tensor([len(video) - count])]))
    hill = 1.0 - (torch.arange(count) - (count - 1) / 2).abs() / (count / 2 + 1)
    total, weights = torch.zeros(len(video), 3), torch.zeros(len(video), 1)
    for batch in starts.split(64):
        scores = model(*video.cut(batch)[:4]).sigmoid()
        for start, one in zip(batch.tolist(), scores, strict=True):
            total[start : start + count] += hill[:, None] * one
            weights[start : start + count] += hill[:, None]
    return (total / weights).numpy()
