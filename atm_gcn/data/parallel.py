"""Threads that decode: OpenCV leaves Python's lock while it works, so that threads keep every core busy."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import cv2

from atm_gcn.machine import available_cores


@contextmanager
def decoding_threads(jobs: int | None = None) -> Iterator[ThreadPoolExecutor]:
    """A pool for decoding, in which OpenCV starts no threads of its own; what waits in it is cancelled on the way out.

    Args:
        jobs: Number of threads; by default one a core.
    """
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    pool = ThreadPoolExecutor(jobs or available_cores())
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)
        cv2.setNumThreads(before)
