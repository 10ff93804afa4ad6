"""How hard are the clips of a store without a graph? A small CNN on single frames, and one on the whole sequence.

    python -m benchmarks.method.difficulty STORE

Every baseline sees differences from the onset frame, grey, 32 x 32. Subjects are held out in six groups.
"""

from collections.abc import Callable
from pathlib import Path

import click
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from atm_gcn.data import FrameStore
from atm_gcn.machine import available_cores

SIDE, GROUPS, BATCH = 32, 6, 16
View = Callable[[Tensor, int], Tensor]  # differences [n, 32, 32] and the apex's position -> [channels, 32, 32]


def at(share: float) -> View:
    """The frame at a fraction of the clip."""
    return lambda clip, apex: clip[round(share * (len(clip) - 1))][None]


def before_apex(frames: int) -> View:
    """The frame ``frames`` before the annotated apex."""
    return lambda clip, apex: clip[max(apex - frames, 0)][None]


VIEWS: dict[str, View] = {
    "apex frame": before_apex(0),
    "2 frames before the apex": before_apex(2),
    "4 frames before the apex": before_apex(4),
    "frame at 15 % of the clip": at(0.15),
    "frame at 25 %": at(0.25),
    "frame at 35 %": at(0.35),
    "frame at 50 %": at(0.5),
    "frame at 75 %": at(0.75),
    "mean of all frames": lambda clip, apex: clip.mean(dim=0)[None],
}


def differences(store: FrameStore, index: int) -> Tensor:
    """``[n, 32, 32]`` of one clip, in tenths of the grey range."""
    frames = torch.from_numpy(np.array(store.read(index))).float().mean(dim=-1) / 255
    frames = F.adaptive_avg_pool2d(frames, SIDE)
    return (frames[1:] - frames[:1]) * 10


def small_cnn(out: int) -> nn.Sequential:
    layers = [nn.Conv2d(1, 16, 5, 2, 2), nn.BatchNorm2d(16), nn.ReLU()]
    layers += [nn.Conv2d(16, 32, 3, 2, 1), nn.BatchNorm2d(32), nn.ReLU()]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Dropout(0.3), nn.Linear(512, out))


class SequenceCNN(nn.Module):
    """The same CNN on every frame, two convolutions over time, the maximum over time."""

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.frame = small_cnn(48)
        self.time = nn.ModuleList(nn.Conv1d(48, 48, 5, padding=2) for _ in range(2))
        self.out = nn.Linear(48, num_classes)

    def forward(self, clips: Tensor) -> Tensor:
        there = clips.abs().amax(dim=(2, 3))[:, None] > 0  # [B, 1, L]: padding is all zero
        x = self.frame(clips.flatten(0, 1)[:, None]).unflatten(0, clips.shape[:2]).transpose(1, 2) * there
        for conv in self.time:
            x = conv(x).relu() * there
        return self.out(x.amax(dim=2))


def accuracy(model: Callable[[], nn.Module], x: Tensor, y: Tensor, subjects: np.ndarray, epochs: int) -> float:
    """Share of held-out clips that are predicted right."""
    names, right = sorted(set(subjects)), 0
    for group in range(min(GROUPS, len(names))):
        held_out = torch.from_numpy(np.isin(subjects, names[group::GROUPS]))
        torch.manual_seed(group)
        net = model()
        fit(net, x[~held_out], y[~held_out], epochs)
        with torch.no_grad():
            right += int((net.eval()(x[held_out]).argmax(dim=1) == y[held_out]).sum())
    return right / len(y)


def fit(net: nn.Module, x: Tensor, y: Tensor, epochs: int) -> None:
    """Train with AdamW and a cosine, mirroring every second epoch."""
    optimizer = torch.optim.AdamW(net.parameters(), 2e-3, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    for epoch in range(epochs):
        net.train()
        for batch in torch.randperm(len(x)).split(BATCH):
            clips = x[batch].flip(-1) if epoch % 2 else x[batch]
            optimizer.zero_grad()
            F.cross_entropy(net(clips), y[batch]).backward()
            optimizer.step()
        schedule.step()


@click.command()
@click.argument("path", metavar="STORE", type=click.Path(path_type=Path))
@click.option("--epochs", default=25, show_default=True)
@click.option("--threads", default=min(2, available_cores()), show_default=True)
def main(path: Path, epochs: int, threads: int) -> None:
    """Print the accuracy of every baseline on a frame store."""
    torch.set_num_threads(threads)
    store = FrameStore.open(path)
    classes, clips = store.classes, [differences(store, index) for index in range(len(store))]
    y = torch.tensor([classes.index(stored.clip.label) for stored in store.clips])
    subjects = np.array([stored.clip.subject_key for stored in store.clips])
    x = nn.utils.rnn.pad_sequence(clips, batch_first=True)  # [num_clips, L, 32, 32]
    click.echo(f"{'sequence':26s} {accuracy(lambda: SequenceCNN(len(classes)), x, y, subjects, epochs):.3f}")
    for name, view in VIEWS.items():
        x = torch.stack([view(clip, s.apex_position - 1) for clip, s in zip(clips, store.clips, strict=True)])
        click.echo(f"{name:26s} {accuracy(lambda: small_cnn(len(classes)), x, y, subjects, epochs):.3f}")


if __name__ == "__main__":
    main()
