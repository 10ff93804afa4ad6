"""The number of CPU threads of a fold. This does not import torch."""

from atm_gcn.machine import available_cores

MOST_THREADS = 4  # by default; a fold gains little from more


def default_threads(cores: int | None = None) -> int:
    """CPU threads of a fold if ``train.compute.threads`` is None: one per core that this process may use, at most 4.

    Args:
        cores: Number of cores; None takes those that this process may use.
    """
    return min(MOST_THREADS, cores or available_cores())
