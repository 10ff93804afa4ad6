"""Batches of clips for training and for prediction."""

import copy
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise
from typing import Any, NamedTuple

import torch
from torch.utils.data import DataLoader, Sampler
from torch_geometric.data import Batch

from atm_gcn.config import TrainConfig
from atm_gcn.data import MERDataset, collate_clips
from atm_gcn.errors import ATMGCNError
from atm_gcn.training.devices.group import SINGLE_DEVICE, DeviceGroup
from atm_gcn.training.protocol.seeds import derive_seed

Passes = list[list[int]]
"""The clips of one step, divided into those that pass through the network together."""


class Share(NamedTuple):
    """The part of a step that one device has.

    Args:
        first: Number of clips of the step that the devices before it have.
        passes: Number of its passes that count; further ones only keep it in step with the other devices.
    """

    first: int
    passes: int


class StepBatches(list[Batch]):
    """The batches of one step on one device.

    Attributes:
        share: The part of the step that they are.
    """

    def __init__(self, batches: Iterable[Batch], share: Share) -> None:
        super().__init__(batches)
        self.share = share


class TrainingLoader:
    """The steps of an epoch, each a list of the batches whose gradients add up to it.

    Which clips make a step, and in which order, depends on the seed and the epoch alone, so that training can resume at
    any epoch. It does not depend on ``frames_per_pass``, which only divides the clips of a step into batches.

    If one step takes all clips, they are in the order of the dataset, and collated once if they are kept in memory.

    Args:
        dataset: The training clips.
        settings: ``optim.batch_size``, ``compute.frames_per_pass`` and ``compute.num_workers`` are read.
        seed: Seed of the fold.
        group: The devices that share every step; the loader of each reads its own part.
    """

    def __init__(
        self, dataset: MERDataset, settings: TrainConfig, seed: int, group: DeviceGroup = SINGLE_DEVICE
    ) -> None:
        self.dataset = dataset
        self.settings = settings
        self.seed = seed
        self.group = group
        self.epoch, self.done = 1, 0
        self._order: list[list[int]] = []
        self._whole: Batch | None = None
        self._whole_fits = True
        self._loader = _loader(dataset, _ListSampler(self._order), settings.compute.num_workers)

    def begin(self, epoch: int, done: int = 0) -> None:
        """Set the epoch, counted from 1, and the number of its steps to skip because they are done."""
        self.epoch, self.done = epoch, done

    def plan(self) -> list[Passes]:
        """The clips of every remaining step of this epoch, by position in the dataset."""
        return [passes for passes, _ in self.shares()]

    def shares(self) -> list[tuple[Passes, Share]]:
        """For every remaining step of this epoch, the passes of this device, and the part of the step that they are.

        Devices wait for each other in every pass, so that all need equally many: a device with fewer clips repeats its
        last pass, which does not count.
        """
        frames = encoded_frames(self.dataset)
        generator = torch.Generator().manual_seed(derive_seed(self.seed, "order", str(self.epoch)))
        size = self.settings.optim.batch_size
        order = list(range(len(frames)))
        if len(order) > size:
            order = torch.randperm(len(frames), generator=generator).tolist()
        steps = (order[first : first + size] for first in range(self.done * size, len(order), size))
        return [self._share(step, frames) for step in steps]

    def _share(self, step: list[int], frames: list[int]) -> tuple[Passes, Share]:
        rank, size = self.group.rank, self.group.size
        bounds = [len(step) * number // size for number in range(size + 1)]
        parts = [step[first:end] for first, end in pairwise(bounds)]
        cut = [split_by_frames(part or step[:1], frames, self.settings.compute.frames_per_pass) for part in parts]
        mine, most = cut[rank], max(map(len, cut))
        return mine + mine[-1:] * (most - len(mine)), Share(bounds[rank], len(mine) if parts[rank] else 0)

    def __iter__(self) -> "Iterator[StepBatches]":
        whole = self._whole_batch() if self._is_one_batch else None
        if whole is not None:
            return iter([StepBatches([whole], Share(first=0, passes=1))])
        shares = self.shares()
        self._order[:] = [clips for passes, _ in shares for clips in passes]
        batches = iter(self._loader)
        return (StepBatches(islice(batches, len(passes)), share) for passes, share in shares)

    @property
    def _is_one_batch(self) -> bool:
        fits = len(self.dataset) <= self.settings.optim.batch_size and self.settings.compute.frames_per_pass is None
        return fits and self.done == 0 and self.group.size == 1 and self.settings.compute.num_workers == 0

    def _whole_batch(self) -> Batch | None:
        """A batch of all clips, which may be changed; None if they are too many to be kept in memory."""
        if self._whole is None and self._whole_fits:
            batch = collate_clips(list(self.dataset))
            self._whole_fits = self.dataset.is_kept
            self._whole = batch if self._whole_fits else None
        return copy.copy(self._whole)

    def __len__(self) -> int:
        """Number of remaining steps of this epoch."""
        return -(-len(self.dataset) // self.settings.optim.batch_size) - self.done


def evaluation_loader(dataset: MERDataset, settings: TrainConfig) -> DataLoader:
    """Batches in the order of the dataset, of at most ``batch_size`` clips and ``frames_per_pass`` frames."""
    frames, size = encoded_frames(dataset), settings.optim.batch_size
    clips = range(len(frames))
    steps = (clips[first : first + size] for first in range(0, len(frames), size))
    order = [part for step in steps for part in split_by_frames(step, frames, settings.compute.frames_per_pass)]
    return _loader(dataset, _ListSampler(order), settings.compute.num_workers)


def split_by_frames(clips: Sequence[int], frames: Sequence[int], most: int | None) -> Passes:
    """Divide a sequence of clips into consecutive parts of at most so many frames.

    Args:
        clips: Numbers of clips.
        frames: Number of frames of each clip, by its number.
        most: Frames per part; None makes one part. A longer clip is a part of its own.
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
    """Number of frames of every clip that the encoder sees: all but the onset frame."""
    return [number - 1 for number in dataset.num_frames]


class _ListSampler(Sampler[list[int]]):
    """Yields the batches of a list, which may change between two epochs."""

    def __init__(self, batches: list[list[int]]) -> None:
        self.batches = batches

    def __iter__(self) -> Iterator[list[int]]:
        return iter(self.batches)

    def __len__(self) -> int:
        return len(self.batches)


class _Loader(DataLoader):
    """A loader that raises an ATMGCNError of a worker as that error, without the worker's traceback."""

    def __iter__(self) -> Any:
        try:
            yield from super().__iter__()
        except ATMGCNError as error:
            raise ATMGCNError(str(error).rpartition(f"{ATMGCNError.__name__}: ")[2].strip()) from error


def _loader(dataset: MERDataset, batches: _ListSampler, num_workers: int) -> DataLoader:
    return _Loader(
        dataset,
        batch_sampler=batches,
        collate_fn=collate_clips,
        num_workers=num_workers,
        persistent_workers=num_workers > 0,
    )
