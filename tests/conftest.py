"""What makes the suite independent of the machine, and of the order in which tests run."""

import gc
import os
import random
import sys

# Before torch is imported. The cores are shared by workers, and threads that wait for each other do not spin.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import pytest

from atm_gcn.machine import available_cores

MEMORY_OF_A_WORKER = 4 << 30  # bytes; freed memory is kept, see training.acceleration


def pytest_xdist_auto_num_workers() -> int:
    """``-n auto``: a worker per core that this process may use, as far as memory holds them."""
    import psutil

    return max(1, min(available_cores(), psutil.virtual_memory().available // MEMORY_OF_A_WORKER))


def pytest_collection_finish() -> None:
    """Spare the garbage collector the million objects of imported libraries: a sixth of the time of all tests."""
    gc.collect()
    gc.freeze()


def process_settings() -> dict[str, object]:
    """What every test of a process shares, of the libraries that are imported."""
    settings: dict[str, object] = {"folder": os.getcwd()}  # noqa: PTH109  Path.cwd() is the same
    if torch := sys.modules.get("torch"):
        settings["torch threads"] = torch.get_num_threads()
        settings["torch deterministic"] = torch.are_deterministic_algorithms_enabled()
        settings["torch dtype"] = torch.get_default_dtype()
        settings["torch gradients"] = torch.is_grad_enabled()
    if cv2 := sys.modules.get("cv2"):
        settings["OpenCV threads"] = cv2.getNumThreads()
    return settings


@pytest.fixture(autouse=True)
def leaves_the_process_as_it_was():
    """Every test begins with the same random numbers, and leaves the process as it was."""
    random.seed(0)
    np.random.seed(0)
    if torch := sys.modules.get("torch"):
        torch.manual_seed(0)
    if progress := sys.modules.get("atm_gcn.terminal.progress"):
        progress.show_progress(True)  # a command with --quiet turned it off
    before = process_settings()
    yield
    after = process_settings()
    assert {name: after[name] for name in before} == before


@pytest.fixture(scope="session")
def store(tmp_path_factory):
    """A frame store of three subjects, 16 pixels wide."""
    from atm_gcn.data import FrameStore
    from tests.runs import tiny_store
    from tests.sharing import made_once

    return FrameStore.open(made_once(tmp_path_factory, "tiny", tiny_store) / "store")
