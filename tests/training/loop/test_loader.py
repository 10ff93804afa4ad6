"""Which clips make a step follows from seed and epoch; a frame budget only cuts steps into batches."""

import os
import re
import shutil

import pytest
import torch

from atm_gcn.data import FrameStore, MERDataset, collate_clips
from atm_gcn.errors import ATMGCNError
from atm_gcn.training.loop import fold, loader
from atm_gcn.training.loop.augment import Augment
from atm_gcn.training.loop.loader import TrainingLoader, encoded_frames, evaluation_loader, split_by_frames
from atm_gcn.training.preflight import resolve
from tests.runs import tiny_config


def settings(**train):
    return tiny_config(**train).train


def clips_of(loader) -> list[list[str]]:
    return [[name for batch in step for name in batch.clip] for step in loader]


@pytest.mark.parametrize("most", [1, 5, 7, 12, 1000, None])
def test_a_cut_keeps_order_and_budget(most):
    frames = [5, 1, 9, 2, 2, 2, 7, 3]
    clips = [7, 0, 2, 3, 4, 5, 6, 1]
    parts = split_by_frames(clips, frames, most)
    assert [clip for part in parts for clip in part] == clips
    for part in parts:
        assert most is None or len(part) == 1 or sum(frames[clip] for clip in part) <= most
    if most is None:
        assert len(parts) == 1
    if most == 12:  # as few parts as their order allows
        assert parts == [[7, 0], [2, 3], [4, 5, 6, 1]]


def test_no_clips_make_no_part():
    assert split_by_frames([], [], 4) == []


def test_the_order_follows_from_seed_and_epoch(store):
    dataset = MERDataset(store)

    def order(seed, epoch):
        loader = TrainingLoader(dataset, settings(), seed)
        loader.begin(epoch)
        return clips_of(loader)

    assert order(1, 1) == order(1, 1) != order(1, 2)
    assert order(1, 2) != order(2, 2)
    loader = TrainingLoader(dataset, settings(), 1)
    for epoch in (1, 2):
        loader.begin(epoch)
        assert clips_of(loader) == order(1, epoch)
    loader.begin(2, 1)
    assert clips_of(loader) == order(1, 2)[1:]
    assert len(loader) == 2


@pytest.mark.parametrize("frames_per_pass", [1, 4, 8])
def test_the_budget_leaves_the_steps_as_they_are(store, frames_per_pass):
    dataset = MERDataset(store)
    whole = list(TrainingLoader(dataset, settings(), 0))
    cut = list(TrainingLoader(dataset, settings(frames_per_pass=frames_per_pass), 0))
    assert clips_of(cut) == clips_of(whole)
    assert [len(step) for step in whole] == [1, 1, 1]
    for step in cut:
        for batch in step:
            assert batch.num_graphs == 1 or batch.num_nodes <= frames_per_pass
    assert sum(map(len, cut)) > len(whole)


@pytest.mark.parametrize(("keep", "expected"), [(True, 1), (False, 1 + 3)])
def test_a_step_of_all_clips_is_collated_once_if_they_are_kept(store, monkeypatch, keep, expected):
    collated = []
    monkeypatch.setattr(loader, "collate_clips", lambda clips: collated.append(len(clips)) or collate_clips(clips))
    steps, orders = TrainingLoader(MERDataset(store, keep=keep), settings(batch_size=9), 0), []
    augment, frames = Augment(crop=0.2, flip=True), collate_clips(list(MERDataset(store))).frames
    for epoch in (1, 2, 3):
        steps.begin(epoch)
        ((batch,),) = steps
        orders.append(batch.clip)
        assert batch.frames.equal(frames)
        assert not augment(batch, torch.Generator()).frames.equal(frames)  # reaches no other epoch
    assert collated == [9] * expected
    assert orders == [[stored.clip.key for stored in store.clips]] * 3


def test_clips_that_do_not_fit_into_memory_are_read_in_every_epoch(store, monkeypatch):
    monkeypatch.setattr("atm_gcn.data.dataset.KEPT_BYTES", 30_000)
    steps = TrainingLoader(MERDataset(store, keep=True), settings(batch_size=4), 0)
    orders = []
    for epoch in (1, 2):
        steps.begin(epoch)
        orders.append([name for step in clips_of(steps) for name in step])
    assert orders[0] != orders[1] and sorted(orders[0]) == sorted(orders[1])


@pytest.mark.parametrize("batch_size", [2, 6])
def test_kept_clips_train_as_clips_that_are_read_in_every_epoch(store, monkeypatch, batch_size):
    config = tiny_config(batch_size=batch_size, epochs=3, crop=0, flip=False)
    config = resolve(config, config, store)
    kept = fold.train_fold(config, store, "tiny/s1")
    monkeypatch.setattr(fold, "dataset_of", lambda config, store: MERDataset(store, config.model.window))
    read, other = (fold.train_fold(config, store, "tiny/s1", seed) for seed in (None, 5))
    assert [epoch["loss"] for epoch in kept.log] == pytest.approx([epoch["loss"] for epoch in read.log], abs=1e-4)
    rounding, seed = ((one.probabilities - kept.probabilities).abs().max() for one in (read, other))
    assert rounding <= (0 if batch_size == 2 else 0.02 * seed)  # another order within the batch rounds otherwise


def test_evaluation_keeps_the_order_within_the_budget(store):
    dataset = MERDataset(store)
    batches = list(evaluation_loader(dataset, settings(frames_per_pass=7)))
    assert [name for batch in batches for name in batch.clip] == [stored.clip.key for stored in store.clips]
    assert max(batch.num_nodes for batch in batches) <= 7
    assert encoded_frames(dataset) == [3, 3, 3, 4, 4, 4, 5, 5, 5]


def test_workers_read_the_same(store):
    dataset = MERDataset(store)
    here, there = (list(TrainingLoader(dataset, settings(num_workers=n, frames_per_pass=8), 0)) for n in (0, 1))
    assert clips_of(here) == clips_of(there)
    for one, other in zip(here[0], there[0], strict=True):
        assert one.frames.equal(other.frames)
        assert one.frames.stride() == other.frames.stride()
        assert other.frames.is_shared() and not one.frames.is_shared()


@pytest.mark.parametrize("num_workers", [0, 1])
def test_a_store_that_is_cut_while_it_is_read_is_one_sentence(store, tmp_path, num_workers):
    copy = FrameStore.open(shutil.copytree(store.path, tmp_path / "store"))
    loader = TrainingLoader(MERDataset(copy), tiny_config(num_workers=num_workers, batch_size=1).train, seed=0)
    steps = iter(loader)
    next(steps)
    os.truncate(copy.path / "frames.npy", 200)
    with pytest.raises(ATMGCNError) as error:
        list(steps)
    assert re.fullmatch(
        r"\S+frames\.npy: (was (changed|cut)|is truncated).*; prepare the store again", str(error.value)
    )
