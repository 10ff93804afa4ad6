"""The names of the peers, and facts about each: what it reads, where it was published, how its authors trained it.

This does not import torch.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from atm_gcn.errors import ATMGCNError, did_you_mean, either

if TYPE_CHECKING:
    from torch import nn

PeerName = Literal[
    "majority",
    "lbp-top",
    "ststnet",
    "off-apexnet",
    "mmnet",
    "htnet",
    "bdcnn",
    "nmer",
    "resnet-apex",
    "resnet-pair",
    "resnet-rgbd",
    "c3d",
    "lstm",
]
MOST_CLASSES = 100_000
_ADAM = {"weight_decay": 0.0, "lr_decay": 1.0, "focal_gamma": 0.0}
"""AdamW without weight decay is Adam; the focal loss with exponent 0 is cross-entropy."""


@dataclass(frozen=True)
class Peer:
    """Facts about a peer.

    Args:
        title: Its name in tables.
        network: Module below :mod:`atm_gcn.peers` and class.
        source: Where it was published.
        reads: ``"flow"`` or ``"frames"``; None for what the clips are prepared for.
        beside: Further attributes of a clip that it reads.
        nodes: Whether it reads all nodes of a clip, or only its apex and its onset frame.
        training: Settings of its authors' training in the sections ``optim`` and ``augment``, over the defaults; None
            if there is none, because this package defines the network or the network has nothing to choose.
        options: Arguments of its class beside the number of classes.
        needs: The extra that has to be installed; empty for none.
        is_fitted_once: Whether its ``fit`` is called with all training clips, instead of epochs of gradient steps.
    """

    title: str
    network: str
    source: str
    reads: Literal["flow", "frames"] | None
    beside: tuple[Literal["landmarks", "depth"], ...] = ()
    nodes: Literal["clip", "apex"] = "apex"
    training: Mapping[str, Mapping[str, Any]] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    needs: str = ""
    is_fitted_once: bool = False


PEERS: dict[PeerName, Peer] = {
    "majority": Peer(
        "largest class",
        "majority:Majority",
        "the class with most training clips",
        reads=None,
        is_fitted_once=True,
    ),
    "lbp-top": Peer(
        "LBP-TOP + SVM",
        "lbp_top:LBPTOP",
        "Zhao and Pietikäinen, TPAMI 2007",
        reads="frames",
        nodes="clip",
        needs="classics",
        is_fitted_once=True,
    ),
    "ststnet": Peer(
        "STSTNet",
        "ststnet:STSTNet",
        "Liong et al., FG 2019",
        reads="flow",
        training={"optim": {"epochs": 800, "batch_size": 256, "lr": 5e-5, **_ADAM}},
    ),
    "off-apexnet": Peer(
        "OFF-ApexNet",
        "off_apexnet:OFFApexNet",
        "Gan et al., Signal Processing: Image Communication 2019",
        reads="flow",
        training={"optim": {"epochs": 3000, "batch_size": 64, "lr": 1e-4, **_ADAM}},
    ),
    "mmnet": Peer(
        "MMNet",
        "mmnet:MMNet",
        "Li et al., IJCAI 2022",
        reads="frames",
        nodes="clip",
        training={
            "optim": {
                "epochs": 74,
                "batch_size": 32,
                "lr": 8e-4,
                "lr_decay": 0.987,
                "lr_decay_epochs": 50,
                "weight_decay": 0.6,
                "focal_gamma": 0.0,
            },
            "augment": {"flip": True, "rotate": 3.0, "crop": 15 / 224},
        },
    ),
    "htnet": Peer(
        "HTNet",
        "htnet:HTNet",
        "Wang et al., Neurocomputing 2024",
        reads="flow",
        beside=("landmarks",),
        training={"optim": {"epochs": 800, "batch_size": 256, "lr": 5e-5, **_ADAM}},
    ),
    "bdcnn": Peer(
        "BDCNN",
        "bdcnn:BDCNN",
        "Chen et al., IEEE Transactions on Multimedia 2022",
        reads="flow",
        training={  # their code weights 3 classes by .15, .425, .425, and chooses the epoch by 20 % of the clips
            "optim": {
                "optimizer": "sgd",
                "epochs": 100,
                "batch_size": 128,
                "lr": 0.01,
                "lr_decay": 1.0,
                "lr_drops": [80],
                "weight_decay": 1e-4,
                "focal_gamma": 0.0,
                "class_weights": "balanced",
            }
        },
    ),
    "nmer": Peer(
        "NMER",
        "nmer:NMER",
        "Liu et al., FG 2019",
        reads="flow",
        training={  # their code: 1e-5 in the ResNet and 1e-3, halved every 10 epochs, behind it; gradients clipped to 1
            "optim": {"epochs": 100, "batch_size": 32, "lr": 1e-4, **_ADAM, "weight_decay": 1e-6},
            "augment": {"rotate": 10.0, "crop": 16 / 256},
        },
    ),
    "resnet-apex": Peer(
        "ResNet-18, apex frame",
        "frame_resnet:FrameResNet",
        "He et al., CVPR 2016",
        reads="frames",
        options={"frames": "apex"},
    ),
    "resnet-pair": Peer(
        "ResNet-18, onset and apex",
        "frame_resnet:FrameResNet",
        "He et al., CVPR 2016",
        reads="frames",
        options={"frames": "pair"},
    ),
    "resnet-rgbd": Peer(
        "ResNet-18, apex with depth",
        "frame_resnet:FrameResNet",
        "He et al., CVPR 2016",
        reads="frames",
        beside=("depth",),
        options={"frames": "depth"},
    ),
    "c3d": Peer(
        "C3D-like",
        "c3d:C3D",
        "after Tran et al., ICCV 2015",
        reads="frames",
        nodes="clip",
    ),
    "lstm": Peer(
        "bidirectional LSTM",
        "motion_lstm:MotionLSTM",
        "over the motion features of ATM-GCN",
        reads=None,
        nodes="clip",
    ),
}
"""The peers by name, simple ones first."""


def find_peer(name: str) -> PeerName:
    """The key of a peer in :data:`PEERS`; case, hyphens and underscores do not count.

    Raises:
        ATMGCNError: If there is none of that name.
    """
    same = {_plain(key): key for key in PEERS}
    if _plain(name) not in same:
        raise ATMGCNError(f"a peer must be {either(PEERS)}, not {name!r}{did_you_mean(name, PEERS)}")
    return same[_plain(name)]


def build_peer(name: str, num_classes: int, **options: Any) -> "nn.Module":
    """Build one of :data:`PEERS` with random weights.

    Args:
        name: For instance ``"ststnet"``.
        num_classes: C, at least 1.
        **options: Further arguments of its class.

    Raises:
        ATMGCNError: If there is none of that name, C is no number of classes, or a package that it needs is not
            installed.

    Example:
        >>> network = build_peer("ststnet", num_classes=3)
        >>> network(batch).shape
        torch.Size([16, 3])
    """
    peer = PEERS[find_peer(name)]
    if isinstance(num_classes, bool) or not isinstance(num_classes, int) or not 1 <= num_classes <= MOST_CLASSES:
        raise ATMGCNError(f"num_classes must be a whole number from 1 to {MOST_CLASSES:,}, not {num_classes!r}")
    module, _, network = peer.network.partition(":")
    return getattr(import_module(f"atm_gcn.peers.{module}"), network)(num_classes, **{**peer.options, **options})


def _plain(name: str) -> str:
    return name.casefold().replace("-", "").replace("_", "")
