"""Where a run computes, and how it stays reproducible there."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from atm_gcn.errors import ATMGCNError, did_you_mean, either


def choose_device(name: str, setting: str = "device") -> torch.device:
    """The device of that name; ``"auto"`` is a GPU where there is one, else the CPU.

    Args:
        name: ``"auto"``, or what :class:`torch.device` takes.
        setting: Where the name comes from, for an error: ``"--device"``.

    Raises:
        ATMGCNError: If there is no such device here.
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


def _unusable(name: str, setting: str) -> ATMGCNError:
    here = ["auto", "cpu"]
    if torch.cuda.is_available():
        here += ["cuda", *(f"cuda:{number}" for number in range(torch.cuda.device_count()))]
    return ATMGCNError(
        f"{setting} must be {either([*here, 'another device that PyTorch finds here'])}, not {name!r}"
        f"{did_you_mean(name, here)}"
    )


@contextmanager
def reproducible(seed: int, device: torch.device, threads: int) -> Iterator[None]:
    """Seed everything that torch draws in the block, choose deterministic algorithms, and put all back afterwards.

    Args:
        seed: For all devices.
        device: Where the block computes.
        threads: CPU threads to compute with, whatever the cores: how a sum is cut up depends on their number.
    """
    threads_before = torch.get_num_threads()
    deterministic = torch.are_deterministic_algorithms_enabled()
    only_warns = torch.is_deterministic_algorithms_warn_only_enabled()
    fills = torch.utils.deterministic.fill_uninitialized_memory
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        torch.set_num_threads(threads)
        torch.use_deterministic_algorithms(True, warn_only=device.type != "cpu")
        torch.utils.deterministic.fill_uninitialized_memory = False  # finds bugs at the price of a quarter of the speed
        try:
            yield
        finally:
            torch.set_num_threads(threads_before)
            torch.use_deterministic_algorithms(deterministic, warn_only=only_warns)
            torch.utils.deterministic.fill_uninitialized_memory = fills
