"""Freed memory is kept while the machine has plenty, and returned when it runs short."""

import math
import resource
import sys
from pathlib import Path

import pytest
import torch

from atm_gcn.training.devices import freed_memory
from atm_gcn.training.devices.freed_memory import keep_freed_memory, return_if_scarce

CPU = torch.device("cpu")
BLOCK = 1 << 28  # bytes

pytestmark = pytest.mark.skipif(freed_memory._glibc() is None, reason="needs glibc")


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_is_returned_only_when_little_is_left(monkeypatch):
    keep_freed_memory()
    tensors = [torch.ones(BLOCK // 4 + 1000 * number) for number in range(2)]
    after = torch.ones(1000)  # so that the freed blocks are a gap, not the end of the heap
    del tensors
    before = resident()
    monkeypatch.setattr(freed_memory, "total_memory", lambda device: 8e9)
    for left in (math.inf, 4e9):
        monkeypatch.setattr(freed_memory, "available_memory", lambda left=left: left)
        assert not return_if_scarce(CPU)
    assert resident() > before - BLOCK / 4
    monkeypatch.setattr(freed_memory, "available_memory", lambda: 3.9e9)
    assert not return_if_scarce(torch.device("meta"))
    assert return_if_scarce(CPU)
    assert resident() < before - 1.5 * BLOCK
    assert after.sum() == 1000
