"""Trains variants and baselines in worlds, row by row."""

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from typing import Any

import torch

from atm_gcn.metrics import scores
from atm_gcn.training.loop import train_fold
from atm_gcn.training.protocol.seeds import derive_seed
from atm_gcn.training.protocol.splits import Fold, clips_and_labels, k_folds
from atm_gcn.training.settings import resolve
from benchmarks.method.worlds import baselines
from benchmarks.method.worlds.rows import Row
from benchmarks.method.worlds.variants import BASE, config_of, variant_named
from benchmarks.method.worlds.world import CachedStore, World

FOLDS = 4


def schedule() -> str:
    """First characters of the checksum of the settings that all variants share."""
    return hashlib.sha256(json.dumps([BASE, FOLDS], sort_keys=True).encode()).hexdigest()[:8]


def settings_of(variant: str) -> dict[str, Any]:
    """In what a variant differs from the shared settings; nothing for a baseline."""
    if variant in baselines.NAMES:
        return {}
    return {name: values for name, values in variant_named(variant).settings.items() if values}


def measure(world: World, store: CachedStore, variant: str, seed: int) -> Row:
    """Hold every subject out once in four folds, and predict the clips."""
    clips, labels = clips_and_labels(store)
    started, predicted = time.process_time(), [-1] * len(clips)
    for fold in k_folds(clips, FOLDS, seed):
        for index, value in zip(fold.test, _predictions(store, fold, variant, seed), strict=True):
            predicted[index] = value
    score = scores(labels, predicted, len(store.classes))
    subjects = [clip.subject_key for clip in clips]
    return Row(
        world=world.name,
        variant=variant,
        seed=seed,
        settings=settings_of(variant),
        data=store.checksum[:8],
        schedule=schedule(),
        uf1=round(score.uf1, 4),
        uar=round(score.uar, 4),
        acc=round(score.acc, 4),
        seconds=round(time.process_time() - started, 2),
        num_classes=len(store.classes),
        clips=" ".join(str(subjects.count(subject)) for subject in store.subjects),
        labels="".join(map(str, labels)),
        predicted="".join(map(str, predicted)),
    )


def _predictions(store: CachedStore, fold: Fold, variant: str, seed: int) -> list[int]:
    if variant in baselines.NAMES:
        clips = [store.item(index, 1) for index in range(len(store))]
        chosen = derive_seed(seed, fold.name) % 2**32
        return baselines.predict_held_out(variant, clips, fold.train, fold.test, len(store.classes), chosen)
    asked = config_of(variant_named(variant)).merge({"train": {"protocol": {"seed": seed}}})
    config = resolve(asked, asked, store)
    return train_fold(config, store, fold, device=torch.device("cpu")).probabilities.argmax(dim=1).tolist()


def plan(
    worlds: Sequence[World], variants: Sequence[str], seeds: Sequence[int], shard: tuple[int, int] = (1, 1)
) -> Iterator[tuple[World, str, int]]:
    """What a run measures, in order: everything with a seed before the next, so that few rows show all variants.

    Args:
        worlds: The worlds.
        variants: Names.
        seeds: Of the trainings.
        shard: (i, n) takes every n-th of them, from the i-th, counted from 1.
    """
    todo = [(world, variant, seed) for seed in seeds for variant in variants for world in worlds]
    yield from todo[shard[0] - 1 :: shard[1]]
