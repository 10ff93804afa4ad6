"""Threads that decode: OpenCV and FFmpeg leave Python's lock while they work, so that threads keep every core busy."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import cv2

from atm_gcn.media.container import use_decoding_threads


@contextmanager
def decoding_threads(jobs: int | None = None) -> Iterator[ThreadPoolExecutor]:
    """A pool for decoding; what waits in it is cancelled on the way out.

    Its threads share the cores: OpenCV starts none of its own in them, and a video decoder its even share.

    Args:
        jobs: Number of threads; by default one per core.
    """
    before, jobs = cv2.getNumThreads(), jobs or _cores()
    cv2.setNumThreads(1)
    share = max(1, _cores() // jobs)
    pool = ThreadPoolExecutor(jobs, initializer=use_decoding_threads, initargs=(share,))
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)
        cv2.setNumThreads(before)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
