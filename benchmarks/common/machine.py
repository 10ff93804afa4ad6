"""Which machine a program runs on, and what is installed there."""

import platform
import re
from importlib import metadata
from pathlib import Path

import torch

from atm_gcn.machine import available_cores
from benchmarks.common.results import MachineInfo

PACKAGES = ("atm-gcn", "torch", "torch-geometric", "torch-scatter", "numpy", "opencv-python", "av")


def describe(device: str = "cpu") -> MachineInfo:
    """The processor, its cores that this process may use, the GPU if one is measured, and versions."""
    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    gpu = None
    if device.startswith("cuda"):
        gpu = torch.cuda.get_device_name(device)
        versions["cuda"] = str(torch.version.cuda)
    return MachineInfo(
        name=processor(),
        cores=available_cores(),
        gpu=gpu,
        system=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
        versions=versions,
    )


def processor() -> str:
    """The processor's model as Linux names it; elsewhere what Python knows."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        match = re.search(r"^model name\s*:\s*(.+)$", info.read_text(encoding="utf-8"), re.MULTILINE)
        if match:
            return match[1].strip()
    return platform.processor() or platform.machine()
