import multiprocessing

import pytest
import torch

from benchmarks.layer import sides, sums
from benchmarks.layer.compare import LAYERS
from benchmarks.method import long_video
from benchmarks.training_step import train_step


@pytest.fixture(autouse=True)
def number_of_threads():
    """Programs compute with a number of threads of their own."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def eager():
    """The benchmark without the sides that compile, which takes tens of seconds, and with a small copy."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sums, "COPIED", 1 << 16)
        for name in [name for name in LAYERS if "compiled" in name or name == "FlexAttention"]:
            patch.delitem(LAYERS, name)
        yield LAYERS


@pytest.fixture
def quick_processes(monkeypatch):
    """Start the processes of a benchmark from one that has imported torch."""

    def context(name):
        forking = multiprocessing.get_context("forkserver")
        forking.set_forkserver_preload(["benchmarks.training_step.step_sides"])
        return forking

    for program in (train_step, long_video):
        monkeypatch.setattr(program, "get_context", context)


@pytest.fixture
def wrong(monkeypatch, eager):
    """A way whose output is off by a thousandth."""

    def off(batch, limit):
        call = sides.edges(batch, limit)
        run = call.run
        call.run = lambda: run() * 1.001
        return call

    monkeypatch.setitem(eager, "TMGCNConv edges", off)
