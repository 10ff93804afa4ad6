"""Interleaved timing: in every round each side has its turn, in a random order."""

import random
import statistics
import time
from collections.abc import Callable

import torch

from benchmarks.common.results import Spread

SHORTEST = 2e-3  # seconds of one reading; faster calls are repeated within it
SLOW = 0.1  # seconds; a call that takes longer is warm after one
FEWEST = 3


def interleave(
    calls: dict[str, Callable[[], object]], device: str, rounds: int, budget: float, seed: int
) -> dict[str, Spread]:
    """Time several callables side by side.

    Args:
        calls: What to time, by name.
        device: ``"cpu"`` or ``"cuda"``; CUDA is synchronised before every look at the clock.
        rounds: Readings of each side; a side that has spent its share of the budget gets fewer, at least 3.
        budget: Seconds for all of them, shared equally.
        seed: Seed of the order within a round.
    """
    rng, order = random.Random(seed), list(calls)
    repeats = {name: warm_up(call, device) for name, call in calls.items()}
    readings: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        rng.shuffle(order)
        for name in order:
            spent = sum(readings[name]) * repeats[name]
            if len(readings[name]) < FEWEST or spent < budget / len(calls):
                readings[name].append(reading(calls[name], repeats[name], device))
    return {name: spread(values) for name, values in readings.items()}


def warm_up(call: Callable[[], object], device: str) -> int:
    """Run a call until it is warm; returns how many of it make up one reading."""
    seconds = reading(call, 1, device)
    if seconds < SLOW:
        seconds = min(seconds, reading(call, 1, device))
    return max(1, round(SHORTEST / seconds))


def reading(call: Callable[[], object], repeats: int, device: str) -> float:
    """Seconds of one call, averaged over ``repeats``."""
    synchronize(device)
    begin = time.perf_counter()
    for _ in range(repeats):
        call()
    synchronize(device)
    return (time.perf_counter() - begin) / repeats


def synchronize(device: str) -> None:
    if device.startswith("cuda"):
        torch.cuda.synchronize()


def spread(values: list[float]) -> Spread:
    """Median and quartiles."""
    low, median, high = statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else values * 3
    return Spread(median=median, low=low, high=high, rounds=len(values))
