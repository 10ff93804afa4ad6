"""The device of a run, its CPU threads, and reproducible computation."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import torch

from atm_gcn.errors import ATMGCNError, did_you_mean, either
from atm_gcn.machine import available_cores
from atm_gcn.training.devices.threads import default_threads

log = logging.getLogger(__name__)


def choose_device(name: str, setting: str = "device") -> torch.device:
    """The device of that name; ``"auto"`` is a GPU if there is one, else the CPU.

    Args:
        name: ``"auto"``, or what :class:`torch.device` takes.
        setting: Setting or option that named it, for an error: ``"--device"``.

    Raises:
        ATMGCNError: If this machine has no such device.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        usable = device.type != "meta" and torch.zeros(1, device=device).item() == 0
    except (RuntimeError, AssertionError, ImportError, ValueError) as error:
        raise _unusable(name, setting) from error
    if not usable:
        raise _unusable(name, setting)
    return device


@lru_cache(maxsize=64)
def log_once(message: str, level: int = logging.INFO) -> None:
    """Log once per process: a run has many folds."""
    log.log(level, message)


def _unusable(name: str, setting: str) -> ATMGCNError:
    here = ["auto", "cpu"]
    if torch.cuda.is_available():
        here += ["cuda", *(f"cuda:{number}" for number in range(torch.cuda.device_count()))]
    return ATMGCNError(
        f"{setting} must be {either([*here, 'another device that PyTorch finds here'])}, not {name!r}"
        f"{did_you_mean(name, here)}"
    )


@contextmanager
def reproducible(seed: int, device: torch.device, threads: int | None, cores: int | None = None) -> Iterator[None]:
    """Seed torch and choose deterministic algorithms within the block; restore the previous state afterwards.

    Args:
        seed: Seed for all devices.
        device: Device that the block computes on.
        threads: CPU threads to compute with, whatever the number of cores: how a sum is divided depends on it. None
            takes :func:`default_threads`.
        cores: Number of cores; None takes those that this process may use.
    """
    cores = cores or available_cores()
    threads = threads or default_threads(cores)
    if threads > cores:
        log_once(
            f"train.compute.threads is {threads}, but only {cores} cores may be used: threads wait for each other",
            logging.WARNING,
        )
    threads_before = torch.get_num_threads()
    deterministic = torch.are_deterministic_algorithms_enabled()
    only_warns = torch.is_deterministic_algorithms_warn_only_enabled()
    memory: Any = torch.utils.deterministic  # whose attribute is defined at run time only
    fills = memory.fill_uninitialized_memory
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        torch.set_num_threads(threads)
        torch.use_deterministic_algorithms(True, warn_only=device.type != "cpu")
        memory.fill_uninitialized_memory = False  # finds bugs at the price of a quarter of the speed
        try:
            yield
        finally:
            torch.set_num_threads(threads_before)
            torch.use_deterministic_algorithms(deterministic, warn_only=only_warns)
            memory.fill_uninitialized_memory = fills
