"""Where a fold computes: its device or group of devices, precision and compilation."""

from typing import TYPE_CHECKING

from atm_gcn._lazy import lazy_names

if TYPE_CHECKING:
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
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Acceleration": "acceleration",
        "DeviceGroup": "group",
        "SINGLE_DEVICE": "group",
        "SingleDevice": "group",
        "accelerate": "acceleration",
        "choose_device": "device",
        "reproducible": "device",
    },
)
