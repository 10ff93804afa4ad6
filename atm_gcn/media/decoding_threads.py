"""Threads that decode: OpenCV and FFmpeg release Python's lock, so that threads use every core."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import cv2

from atm_gcn.machine import available_cores


@contextmanager
def decoding_threads(jobs: int | None = None) -> Iterator[ThreadPoolExecutor]:
    """A pool for decoding, without OpenCV's own threads; pending work is cancelled at the end of the block.

    Args:
        jobs: Number of threads; by default one per core.
    """
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    pool = ThreadPoolExecutor(jobs or available_cores())
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)
        cv2.setNumThreads(before)
