"""ATM-GCN: micro-expression recognition with an adaptive temporal motion guided graph convolution network.

Names are loaded when they are first used, so that ``import atm_gcn`` itself costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from atm_gcn.version import __version__

if TYPE_CHECKING:
    from atm_gcn.config import DataConfig, ModelConfig, RunConfig, TrainConfig
    from atm_gcn.encoders import MotionEncoder
    from atm_gcn.errors import ATMGCNError
    from atm_gcn.graph import AdaptiveTM, TMGCNConv
    from atm_gcn.model import ATMGCN

_HOMES = {
    "ATMGCN": "atm_gcn.model",
    "ATMGCNError": "atm_gcn.errors",
    "AdaptiveTM": "atm_gcn.graph",
    "DataConfig": "atm_gcn.config",
    "ModelConfig": "atm_gcn.config",
    "MotionEncoder": "atm_gcn.encoders",
    "RunConfig": "atm_gcn.config",
    "TMGCNConv": "atm_gcn.graph",
    "TrainConfig": "atm_gcn.config",
}

__all__ = [
    "ATMGCN",
    "ATMGCNError",
    "AdaptiveTM",
    "DataConfig",
    "ModelConfig",
    "MotionEncoder",
    "RunConfig",
    "TMGCNConv",
    "TrainConfig",
    "__version__",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'atm_gcn' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
