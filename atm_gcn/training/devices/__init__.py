"""Where a fold computes: its device or group of devices, precision and compilation."""

from atm_gcn.training.devices.acceleration import Acceleration, accelerate
from atm_gcn.training.devices.device import choose_device, reproducible
from atm_gcn.training.devices.group import SINGLE_DEVICE, DeviceGroup, SingleDevice

__all__ = [
    "SINGLE_DEVICE",
    "Acceleration",
    "DeviceGroup",
    "SingleDevice",
    "accelerate",
    "choose_device",
    "reproducible",
]
