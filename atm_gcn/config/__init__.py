"""Every setting of a run, validated: the model, the data and the training, to and from YAML."""

from atm_gcn.config.data import DECISIONS, NEEDS, DataConfig
from atm_gcn.config.model import ModelConfig
from atm_gcn.config.peers import MODELS, AnyModelConfig, PeerConfig, section_for
from atm_gcn.config.presets import PRESETS
from atm_gcn.config.run import RunConfig
from atm_gcn.config.train import AugmentConfig, ComputeConfig, OptimConfig, ProtocolConfig, TrainConfig

__all__ = [
    "DECISIONS",
    "MODELS",
    "NEEDS",
    "PRESETS",
    "AnyModelConfig",
    "AugmentConfig",
    "ComputeConfig",
    "DataConfig",
    "ModelConfig",
    "OptimConfig",
    "PeerConfig",
    "ProtocolConfig",
    "RunConfig",
    "TrainConfig",
    "section_for",
]
