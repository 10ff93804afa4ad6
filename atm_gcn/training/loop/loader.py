"""In which batches the clips of a fold are read."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise
from typing import Any, NamedTuple

import torch
from torch.utils.data import DataLoader, Sampler
from torch_geometric.data import Batch

from atm_gcn.config import TrainConfig
from atm_gcn.data import MERDataset, collate_clips
from atm_gcn.errors import ATMGCNError
from atm_gcn.training.devices.group import ALONE, Alone
from atm_gcn.training.protocol.seeds import derive_seed

Passes = list[list[int]]
"""The clips of one step, cut into those that go through the network together."""


class Share(NamedTuple):
    """Which part of a step one device has.

    Args:
        first: Clips of the step that devices before it have.
        passes: Passes of its own; those after them count nothing.
    """

    first: int
    passes: int


class Step(list[Batch]):
    """The batches of one step on one device.

    Attributes:
        share: Which part of the step they are.
    """

    def __init__(self, batches: Iterable[Batch], share: Share) -> None:
        super().__init__(batches)
        self.share = share


class TrainingLoader:
    """The steps of an epoch, each a list of the batches whose gradients add up to it.

    Which clips make a step, and in which order, follows from the seed and the epoch alone, so that training can go on
    at any epoch. It does not depend on ``max_frames``, which only says how a step's clips are cut into batches.

    Args:
        dataset: The training clips.
        settings: ``batch_size``, ``max_frames`` and ``num_workers`` are read.
        seed: Of the fold.
        team: The devices that share every step, of which this one reads its part.
    """

    def __init__(self, dataset: MERDataset, settings: TrainConfig, seed: int, team: Alone = ALONE) -> None:
        self.dataset = dataset
        self.settings = settings
        self.seed = seed
        self.team = team
        self.epoch, self.done = 1, 0
        self._order: list[list[int]] = []
        self._loader = _loader(dataset, _Listed(self._order), settings)

    def begin(self, epoch: int, done: int = 0) -> None:
        """Choose the epoch, counted from 1, and how many of its steps to leave out because they are done."""
        self.epoch, self.done = epoch, done

    def plan(self) -> list[Passes]:
        """The clips of every step that is left of this epoch, by position in the dataset."""
        return [passes for passes, _ in self.shares()]

    def shares(self) -> list[tuple[Passes, Share]]:
        """For every step that is left of this epoch, the passes of this device, and which part of the step they are.

        Devices wait for each other in every pass, so that all have equally many: to one that has fewer clips, its last
        pass is given again, to count nothing.
        """
        frames = encoded_frames(self.dataset)
        generator = torch.Generator().manual_seed(derive_seed(self.seed, "order", str(self.epoch)))
        order = torch.randperm(len(frames), generator=generator).tolist()
        size = self.settings.batch_size
        steps = (order[first : first + size] for first in range(self.done * size, len(order), size))
        return [self._share(step, frames) for step in steps]

    def _share(self, step: list[int], frames: list[int]) -> tuple[Passes, Share]:
        rank, size = self.team.rank, self.team.size
        bounds = [len(step) * number // size for number in range(size + 1)]
        parts = [step[first:end] for first, end in pairwise(bounds)]
        cut = [cut_by_frames(part or step[:1], frames, self.settings.max_frames) for part in parts]
        mine, most = cut[rank], max(map(len, cut))
        return mine + mine[-1:] * (most - len(mine)), Share(bounds[rank], len(mine) if parts[rank] else 0)

    def __iter__(self) -> "Iterator[Step]":
        shares = self.shares()
        self._order[:] = [clips for passes, _ in shares for clips in passes]
        batches = iter(self._loader)
        return (Step(islice(batches, len(passes)), share) for passes, share in shares)

    def __len__(self) -> int:
        """Steps that are left of this epoch."""
        return -(-len(self.dataset) // self.settings.batch_size) - self.done


def training_loader(dataset: MERDataset, settings: TrainConfig, seed: int, team: Alone = ALONE) -> TrainingLoader:
    """Shuffled steps, in an order that only ``seed`` and the epoch decide."""
    return TrainingLoader(dataset, settings, seed, team)


def evaluation_loader(dataset: MERDataset, settings: TrainConfig) -> DataLoader:
    """Batches in the order of the dataset, of ``batch_size`` clips and ``max_frames`` frames at most."""
    frames, size = encoded_frames(dataset), settings.batch_size
    clips = range(len(frames))
    steps = (clips[first : first + size] for first in range(0, len(frames), size))
    order = [part for step in steps for part in cut_by_frames(step, frames, settings.max_frames)]
    return _loader(dataset, _Listed(order), settings)


def cut_by_frames(clips: Sequence[int], frames: Sequence[int], most: int | None) -> Passes:
    """Cut a sequence of clips into parts that follow each other and hold at most so many frames.

    Args:
        clips: Numbers of clips.
        frames: Frames of each clip, by its number.
        most: Frames of a part; None makes one part. A longer clip is a part of its own.
    """
    parts: Passes = []
    held = 0
    for clip in clips:
        if not parts or (most is not None and held + frames[clip] > most):
            parts.append([])
            held = 0
        parts[-1].append(clip)
        held += frames[clip]
    return parts


def encoded_frames(dataset: MERDataset) -> list[int]:
    """Frames of every clip that the encoder sees: all but the onset."""
    return [number - 1 for number in dataset.num_frames]


class _Listed(Sampler[list[int]]):
    """Batches read off a list, which may be written anew between two passes."""

    def __init__(self, batches: list[list[int]]) -> None:
        self.batches = batches

    def __iter__(self) -> Iterator[list[int]]:
        return iter(self.batches)

    def __len__(self) -> int:
        return len(self.batches)


class _Loader(DataLoader):
    """A loader that reports a stated error of a worker as that error, without the worker's traceback."""

    def __iter__(self) -> Iterator[Any]:
        try:
            yield from super().__iter__()
        except ATMGCNError as error:
            raise ATMGCNError(str(error).rpartition(f"{ATMGCNError.__name__}: ")[2].strip()) from error


def _loader(dataset: MERDataset, batches: _Listed, settings: TrainConfig) -> DataLoader:
    return _Loader(
        dataset,
        batch_sampler=batches,
        collate_fn=collate_clips,
        num_workers=settings.num_workers,
        persistent_workers=settings.num_workers > 0,
    )
