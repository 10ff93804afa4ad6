"""What the machine offers: cores, memory, instructions, a compiler.

Only this module asks the system. Functions that depend on the machine take a :class:`Machine` or a number, so that they
can be tested for any machine.
"""

import math
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import torch

CONTROL_GROUPS = Path("/sys/fs/cgroup")
MEMORY_REPORT = Path("/proc/meminfo")
WITHOUT_BFLOAT16 = {  # what ATEN_CPU_CAPABILITY and ONEDNN_MAX_CPU_ISA may name
    "DEFAULT",
    "NO AVX",
    "SSE41",
    "AVX",
    "AVX2",
    "AVX2_VNNI",
    "AVX2_VNNI_2",
    "AVX512_CORE",
    "AVX512_CORE_VNNI",
}


@dataclass(frozen=True)
class Machine:
    """Abilities of a machine, for one of its devices.

    Args:
        memory: Bytes of memory of the device; infinity where the system does not report it.
        bfloat16: Whether the device has instructions for bfloat16 products.
        compiler: Whether torch.compile finds its compiler.
    """

    memory: float
    bfloat16: bool
    compiler: bool

    @classmethod
    def of(cls, device: "torch.device") -> Self:
        """This machine."""
        return cls(total_memory(device), has_bfloat16(device), has_compiler(device))


def available_cores(control_groups: Path = CONTROL_GROUPS) -> int:
    """CPU cores that this process may use: by its affinity, and by the quota of its container."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota, _, period = _content(control_groups / "cpu.max").partition(" ")
    return min(cores, math.ceil(int(quota) / int(period))) if quota.isdigit() and period.isdigit() else cores


def total_memory(device: "torch.device", control_groups: Path = CONTROL_GROUPS) -> float:
    """Bytes of memory of the device, for a CPU at most those of its container; infinity if unknown."""
    if device.type == "cuda":
        import torch

        return float(torch.cuda.get_device_properties(device).total_memory)
    try:
        memory = float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, OSError, ValueError):
        memory = math.inf
    limit = _content(control_groups / "memory.max")
    return min(memory, float(limit)) if limit.isdigit() else memory


def available_memory(control_groups: Path = CONTROL_GROUPS, report: Path = MEMORY_REPORT) -> float:
    """Bytes of main memory that processes may still take, at most what the container has left; infinity if unknown.

    The memory in which files are cached counts as available, since the system gives it up where it is short.
    """
    available = _numbers(_content(report)).get("MemAvailable:", math.inf) * 1024
    limit, used = (_content(control_groups / name) for name in ("memory.max", "memory.current"))
    if not (limit.isdigit() and used.isdigit()):
        return available
    kinds = _numbers(_content(control_groups / "memory.stat"))
    cached = kinds.get("active_file", 0.0) + kinds.get("inactive_file", 0.0)
    return min(available, float(limit) - float(used) + cached)


def address_space_left() -> float:
    """Bytes that this process may still allocate (``ulimit -v``); infinity without a limit."""
    try:
        import resource

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
        taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    except (ImportError, OSError):  # Windows, macOS
        return math.inf
    return math.inf if limit == resource.RLIM_INFINITY else float(limit - taken)


def has_bfloat16(device: "torch.device") -> bool:
    """Whether the device has instructions for bfloat16 products, and torch is allowed to use them."""
    import torch

    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    tests = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    supported = device.type == "cpu" and any(getattr(torch.cpu, test, bool)() for test in tests)
    return supported and allows_bfloat16(torch.backends.cpu.get_cpu_capability(), os.environ)


def allows_bfloat16(capability: str, environment: Mapping[str, str]) -> bool:
    """Whether torch may use a CPU's bfloat16 instructions.

    Args:
        capability: Of ``torch.backends.cpu.get_cpu_capability()``, which follows ``ATEN_CPU_CAPABILITY``.
        environment: Variables, of which ``ONEDNN_MAX_CPU_ISA`` or its older name may limit oneDNN.
    """
    names = ("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA")
    limits = [environment[name].upper() for name in names if environment.get(name)]
    return not WITHOUT_BFLOAT16 & ({capability.upper()} | {limit for limit in limits[:1] if limit != "DEFAULT"})


def has_compiler(device: "torch.device") -> bool:
    """Whether torch.compile finds its compiler: C++ for a CPU, Triton for a GPU."""
    if device.type == "cuda":
        from torch.utils._triton import has_triton

        return has_triton()
    return device.type == "cpu" and any(map(shutil.which, ("g++", "clang++", "c++")))


def _numbers(text: str) -> dict[str, float]:
    """The number in each line, by the word before it."""
    rows = (line.split() for line in text.splitlines())
    return {row[0]: float(row[1]) for row in rows if len(row) > 1 and row[1].isdigit()}


def _content(file: Path) -> str:
    """The content of a file that Linux offers, such as a control group's; empty if there is none."""
    try:
        return file.read_text(encoding="ascii").strip()
    except OSError:
        return ""
