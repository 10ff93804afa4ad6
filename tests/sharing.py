"""What is made once for all workers of pytest-xdist."""

import os
from collections.abc import Callable
from pathlib import Path
from shutil import rmtree

from filelock import FileLock
from pytest import TempPathFactory


def made_once(factory: TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that the first worker to ask for it fills; tests only read it.

    Args:
        factory: Of temporary folders.
        name: Of the folder, the same in every worker.
        make: Writes what belongs into the folder, which does not exist yet.
    """
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / f"shared-{name}"
    done = folder.with_suffix(".done")
    with FileLock(folder.with_suffix(".lock")):
        if not done.exists():
            rmtree(folder, ignore_errors=True)  # of a worker that was ended while it wrote
            make(folder)
            done.touch()
    return folder
