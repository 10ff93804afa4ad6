"""Peak memory of one call above what its inputs hold, and of a whole process."""

from collections.abc import Callable
from pathlib import Path

import torch
from torch.profiler import ProfilerActivity, profile


def peak(call: Callable[[], object], device: str) -> int:
    """Bytes that a call holds at its peak beyond what was held before it.

    On CUDA the allocator's own count; on a CPU the running sum of every allocation and release that the profiler sees,
    which repeats exactly, unlike the resident set.
    """
    if device.startswith("cuda"):
        torch.cuda.synchronize()
        before = torch.cuda.memory_allocated()
        torch.cuda.reset_peak_memory_stats()
        call()
        torch.cuda.synchronize()
        return torch.cuda.max_memory_allocated() - before
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as recorded:
        call()
    events = [event for event in recorded.profiler.kineto_results.events() if event.name() == "[memory]"]
    held = most = 0
    for event in sorted(events, key=lambda event: event.start_ns()):
        held += event.nbytes()
        most = max(most, held)
    return most


def resident_peak() -> int | None:
    """Bytes that this process held in memory at its peak; None where the system does not say (Linux does).

    Unlike ``getrusage`` it does not count what the parent process held when it started this one.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    for line in status.read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return None
