"""Which machine, and what is installed on it."""

import platform
import re
from importlib import metadata
from pathlib import Path

import torch

from atm_gcn.machine import available_cores
from benchmarks.layer.page.schema import Machine

PACKAGES = ("atm-gcn", "torch", "torch-geometric", "torch-scatter", "numpy", "opencv-python", "av")


def describe(device: str) -> Machine:
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
    system = f"{platform.system()} {platform.machine()}"
    return Machine(
        name=processor(),
        cores=available_cores(),
        gpu=gpu,
        system=system,
        python=platform.python_version(),
        versions=versions,
    )


def processor() -> str:
    """The processor's model, as Linux names it; elsewhere what Python knows."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        match = re.search(r"^model name\s*:\s*(.+)$", info.read_text(encoding="utf-8"), re.MULTILINE)
        if match:
            return match[1].strip()
    return platform.processor() or platform.machine()


def label(machine: Machine) -> str:
    """A name for people: the GPU if one was measured, else the processor and its cores."""
    return machine.gpu or f"{machine.name}, {machine.cores} cores"


def slug(machine: Machine) -> str:
    """A name for files."""
    return re.sub(r"[^a-z0-9]+", "-", label(machine).lower()).strip("-")
