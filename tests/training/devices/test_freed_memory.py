"""Freed memory is kept while the machine has plenty, and returned when it runs short."""

import math
import multiprocessing
import resource
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
import torch

from atm_gcn.training.devices import freed_memory
from atm_gcn.training.devices.freed_memory import keep_freed_memory, return_if_scarce

CPU = torch.device("cpu")
BLOCK = 1 << 28  # bytes


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def free_and_return() -> None:
    keep_freed_memory()
    tensors = [torch.ones(BLOCK // 4 + 1000 * number) for number in range(2)]
    after = torch.ones(1000)  # so that the freed blocks are a gap, not the end of the heap
    del tensors
    before = resident()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(freed_memory, "total_memory", lambda device: 8e9)
        for left in (math.inf, 4e9):
            patch.setattr(freed_memory, "available_memory", lambda left=left: left)
            assert not return_if_scarce(CPU)
        assert resident() > before - BLOCK / 4
        patch.setattr(freed_memory, "available_memory", lambda: 3.9e9)
        assert not return_if_scarce(torch.device("meta"))
        assert return_if_scarce(CPU)
    assert resident() < before - 1.5 * BLOCK
    assert after.sum() == 1000


@pytest.mark.skipif(freed_memory._glibc() is None, reason="needs glibc, which is on Linux only")
def test_memory_is_returned_only_when_little_is_left():
    # In a new process: where memory once ran out, as in other tests, glibc takes large blocks from elsewhere.
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        pool.submit(free_and_return).result()
