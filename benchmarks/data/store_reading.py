"""Frames per second from the frame store against decoding the JPEGs in every epoch, and whether training waits.

The usual code opens every JPEG of a clip, scales it, and turns it into a normalised float tensor; the store hands out
the same frames as bytes. See README.md beside this file.
"""

import gc
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import click
import cv2
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset
from torch_geometric.loader import DataLoader as PyGLoader

from atm_gcn.config import ComputeConfig, RunConfig, TrainConfig
from atm_gcn.data import FrameStore, MERDataset, load_manifest
from atm_gcn.data import prepare as prepare_store
from atm_gcn.machine import Machine as Limits
from atm_gcn.machine import available_cores
from atm_gcn.model import ATMGCN
from atm_gcn.training.devices.acceleration import accelerate
from atm_gcn.training.loop.augment import Augment
from atm_gcn.training.loop.loader import TrainingLoader
from atm_gcn.training.loop.step import train_step
from atm_gcn.training.loop.trainer import loss_function
from benchmarks.common.limits import lacks, lines_of
from benchmarks.common.machine import describe
from benchmarks.common.results import LeftOut, ResultsFile, Strict, out_option
from benchmarks.data.prepare import draw
from benchmarks.training_step.step_sides import SIDES, memory_of

MEAN, STD = np.float32((0.485, 0.456, 0.406)), np.float32((0.229, 0.224, 0.225))


class Rate(Strict):
    """Frames per second over whole epochs: the median, the slowest and the fastest."""

    way: str
    cold: bool
    frames_per_second: float
    slowest: float
    fastest: float


class Waiting(Strict):
    """Seconds of some steps of the ``small`` preset, and those spent on reading and augmenting clips."""

    steps: int
    frames: int
    seconds: float
    reading: float
    augmenting: float


class Results(ResultsFile):
    program = "data"
    clips: int
    frames_per_clip: int
    bytes_per_jpeg: int
    same_frames: bool
    rates: list[Rate]
    waiting: Waiting | None


class JpegClips(Dataset):
    """What the usual code does for a clip: decode, scale, to float, normalise."""

    def __init__(self, folders: list[Path], frames: int, size: int) -> None:
        self.folders, self.frames, self.size = folders, frames, size

    def __len__(self) -> int:
        return len(self.folders)

    def __getitem__(self, index: int) -> torch.Tensor:
        images = []
        for frame in range(self.frames):
            image = cv2.imread(str(self.folders[index] / f"img{frame}.jpg"))
            image = cv2.resize(image, (self.size, self.size), interpolation=cv2.INTER_AREA)
            image = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
            images.append(((image.astype(np.float32) / 255 - MEAN) / STD).transpose(2, 0, 1))
        return torch.from_numpy(np.stack(images))


def drop_from_page_cache(files: Iterable[Path]) -> None:
    """Ask the operating system to drop its copies of files in memory."""
    for file in files:
        descriptor = os.open(file, os.O_RDONLY)
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)


def measure_rate(
    way: str, epoch: Callable[[], int], store: FrameStore, files: list[Path], cold: bool, rounds: int
) -> Rate:
    """Time epochs; ``epoch`` returns how many frames it read."""
    rates = []
    for _ in range(rounds + (not cold)):
        if cold:
            store.__dict__.pop("frames", None)  # pages that are mapped cannot be dropped
            gc.collect()
            drop_from_page_cache(files)
        begin = time.perf_counter()
        count = epoch()
        rates.append(count / (time.perf_counter() - begin))
    rates = rates[not cold :]  # the first epoch warms up
    return Rate(way=way, cold=cold, frames_per_second=statistics.median(rates), slowest=min(rates), fastest=max(rates))


def epochs(store: FrameStore, folders: list[Path], frames: int, jobs: int) -> dict[str, Callable[[], int]]:
    """One epoch of every way, 16 clips per batch."""
    dataset, size = MERDataset(store), store.meta["size"]

    def ours(workers: int) -> Callable[[], int]:
        loader = TrainingLoader(dataset, TrainConfig(compute=ComputeConfig(num_workers=workers)), seed=0)
        return lambda: sum(len(b.frames) + len(b.onset_frame) for step in loader for b in step)

    def through_pyg() -> int:
        return sum(len(b.frames) + len(b.onset_frame) for b in PyGLoader(dataset, batch_size=16, shuffle=True))

    def jpegs(workers: int) -> Callable[[], int]:
        loader = DataLoader(
            JpegClips(folders, frames, size), 16, True, num_workers=workers, persistent_workers=workers > 0
        )
        return lambda: sum(len(batch) * frames for batch in loader)

    return {
        "JPEG": jpegs(0),
        f"JPEG, {jobs} workers": jpegs(jobs),
        "store, PyG's loader": through_pyg,
        "store": ours(0),
        "store, 1 worker": ours(1),
    }


def measure_waiting(store: FrameStore, steps: int, frames_per_pass: int) -> Waiting:
    """Train with the ``small`` preset for ``steps`` steps, and time reading and augmenting."""
    config = RunConfig.preset("small").merge({"model": {"num_classes": len(store.classes)}})
    settings = config.merge({"train": {"compute": {"frames_per_pass": frames_per_pass}}}).train
    dataset = MERDataset(store, window=config.model.window)
    model = accelerate(ATMGCN(config.model), settings)
    optimizer = torch.optim.AdamW(model.parameters(), lr=settings.optim.lr)
    loss = loss_function(settings.optim, [0, 1], len(store.classes), torch.device("cpu"))
    augment, generator = Augment.from_config(settings.augment), torch.Generator().manual_seed(0)
    augmenting = reading = 0.0
    frames = 0

    def timed(batch):
        nonlocal augmenting
        begin = time.perf_counter()
        batch = augment(batch, generator=generator)
        augmenting += time.perf_counter() - begin
        return batch

    batches = iter(TrainingLoader(dataset, settings, seed=0))
    start = time.perf_counter()
    for _ in range(steps):
        begin = time.perf_counter()
        some = next(batches)
        reading += time.perf_counter() - begin
        frames += sum(batch.num_nodes for batch in some)
        train_step(model, some, loss, optimizer, timed)
    seconds = time.perf_counter() - start
    return Waiting(steps=steps, frames=frames, seconds=seconds, reading=reading, augmenting=augmenting)


def same_frames(store: FrameStore, folders: list[Path], frames: int) -> bool:
    """Whether the store's first clip, normalised, equals the decoded JPEGs."""
    pictures = JpegClips(folders, frames, store.meta["size"])[0].permute(0, 2, 3, 1).numpy()
    return bool(np.allclose(pictures, (store.read(0).astype(np.float32) / 255 - MEAN) / STD, atol=1e-6))


@click.command(help=__doc__)
@click.option("--clips", default=96, show_default=True, help="Clips.")
@click.option("--frames", default=30, show_default=True, help="Frames of a clip, 640 x 480.")
@click.option("--size", default=224, show_default=True, help="Height and width of a stored frame.")
@click.option("--rounds", default=3, show_default=True, help="Epochs of each way.")
@click.option("--jobs", default=available_cores(), show_default=True, help="Worker processes that decode JPEGs.")
@click.option("--steps", default=1, show_default=True, help="Steps of the small preset; 0 leaves them out.")
@click.option("--frames-per-pass", default=40, show_default=True, help="train.compute.frames_per_pass of these steps.")
@out_option
def main(
    clips: int, frames: int, size: int, rounds: int, jobs: int, steps: int, frames_per_pass: int, out: Path | None
) -> None:
    """Time epochs over the same clips, and how long training waits for them."""
    about = describe()
    about.versions["opencv"] = cv2.__version__
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:  # /tmp may lie in memory, which is never cold
        tree, folder = Path(name) / "tree", Path(name) / "store"
        jpeg = draw(tree, clips, frames)
        config = RunConfig().merge({"data": {"size": size}}).data
        store = prepare_store(load_manifest(tree / "manifest.csv"), folder, config)
        folders = [tree / f"c{number}" for number in range(clips)]
        same = same_frames(store, folders, frames)
        jpegs, kept = sorted(tree.rglob("*.jpg")), [folder / "frames.npy"]
        rates = []
        ways = epochs(store, folders, frames, jobs)
        while ways:
            way, epoch = next(iter(ways.items()))
            files = jpegs if way.startswith("JPEG") else kept
            rates += [measure_rate(way, epoch, store, files, cold, rounds) for cold in (True, False)]
            del ways[way], epoch
            gc.collect()  # ends the processes of its loader
        why = lacks(Limits.of(torch.device("cpu")), needs=memory_of(SIDES[0], max(frames_per_pass, frames), size))
        waiting = measure_waiting(store, steps, frames_per_pass) if steps and not why else None
    results = Results(
        machine=about,
        clips=clips,
        frames_per_clip=frames,
        bytes_per_jpeg=jpeg,
        same_frames=same,
        rates=rates,
        waiting=waiting,
        left_out=[LeftOut(what="the steps of the small preset", why=why)] if steps and why else [],
    )
    click.echo(f"{results.write(out)}\n{table(results)}")
    sys.exit(0 if same else 1)


def table(results: Results) -> str:
    """The results as a table of Markdown."""
    base = {rate.cold: rate.frames_per_second for rate in results.rates if rate.way == "JPEG"}
    lines = ["| way | cold | warm | times JPEG, cold | times JPEG, warm |", "| :-- | --: | --: | --: | --: |"]
    for cold, warm in zip(results.rates[::2], results.rates[1::2], strict=True):
        cells = [f"{r.frames_per_second:,.0f} ({r.slowest:,.0f} to {r.fastest:,.0f})" for r in (cold, warm)]
        cells += [f"{r.frames_per_second / base[r.cold]:.1f}" for r in (cold, warm)]
        lines.append(f"| {cold.way} | {' | '.join(cells)} |")
    if results.waiting:
        w = results.waiting
        lines.append(
            f"\n{w.steps} steps of `small`, {w.frames} frames, {w.seconds:.1f} s: {w.reading / w.seconds:.2%} of it "
            f"waiting for clips, {w.augmenting / w.seconds:.2%} augmenting them"
        )
    return "\n".join(lines) + lines_of(results.left_out)


if __name__ == "__main__":
    main()
