"""Where a run computes, and how it stays reproducible there."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from atm_gcn.errors import ATMGCNError


def choose_device(name: str) -> torch.device:
    """The device of that name; ``"auto"`` is a GPU where there is one, else the CPU.

    Raises:
        ATMGCNError: If there is no such device here.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        raise ATMGCNError(
            f"device {name!r} cannot be used here; choose auto, cpu, or a device PyTorch finds"
        ) from error
    return device


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
