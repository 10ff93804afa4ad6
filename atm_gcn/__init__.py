"""ATM-GCN: micro-expression recognition with an adaptive temporal motion guided graph convolution network.

Names are imported when they are first used, so that ``import atm_gcn`` itself is fast.
"""

from typing import TYPE_CHECKING

from atm_gcn import _moved  # noqa: F401  old names of modules
from atm_gcn._lazy import lazy_names
from atm_gcn.version import __version__

if TYPE_CHECKING:
    from atm_gcn.config import DataConfig, ModelConfig, RunConfig, TrainConfig
    from atm_gcn.encoders import MotionEncoder
    from atm_gcn.errors import ATMGCNError
    from atm_gcn.graph import AdaptiveTM, TMGCNConv
    from atm_gcn.inference.fold_ensemble import FoldEnsemble
    from atm_gcn.inference.video import predict_video
    from atm_gcn.model import ATMGCN

__all__ = [
    "ATMGCN",
    "ATMGCNError",
    "AdaptiveTM",
    "DataConfig",
    "FoldEnsemble",
    "ModelConfig",
    "MotionEncoder",
    "RunConfig",
    "TMGCNConv",
    "TrainConfig",
    "__version__",
    "predict_video",
]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "ATMGCN": "model",
        "ATMGCNError": "errors",
        "AdaptiveTM": "graph",
        "DataConfig": "config",
        "FoldEnsemble": "inference.fold_ensemble",
        "ModelConfig": "config",
        "MotionEncoder": "encoders",
        "RunConfig": "config",
        "TMGCNConv": "graph",
        "TrainConfig": "config",
        "predict_video": "inference.video",
    },
)
