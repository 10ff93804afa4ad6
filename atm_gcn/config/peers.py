"""Settings of the models beside ATM-GCN, and the choice among all of them by name."""

from typing import Annotated, Any, Literal, Self, get_args

from pydantic import Discriminator, Tag, model_validator

from atm_gcn.config.model import EncoderSection, ModelConfig, ModelSection
from atm_gcn.peers.registry import PEERS, Peer, PeerName

ATM_GCN: str = get_args(ModelConfig.model_fields["name"].annotation)[0]
MODELS: tuple[str, ...] = (ATM_GCN, *PEERS)
"""The names of all models."""


class PeerConfig(ModelSection):
    """One of :data:`~atm_gcn.peers.registry.PEERS`, whose sizes are those that its authors published.

    Args:
        name: Which one.
        task: What the logits are, see :class:`ModelConfig`.
        input: What it reads, see :class:`ModelConfig`; most peers can read one thing only.
        num_classes: Number of logits C; None until read from the frame store.
        class_names: One name per class or action unit, in the order of the logits.
    """

    name: PeerName

    @property
    def peer(self) -> Peer:
        """Facts about it."""
        return PEERS[self.name]

    @property
    def options(self) -> dict[str, Any]:
        """Arguments of :func:`~atm_gcn.peers.build_peer` beside the number of classes."""
        return {}

    @model_validator(mode="before")
    @classmethod
    def _fill_input(cls, settings: Any) -> Any:
        name = settings.get("name") if isinstance(settings, dict) else None
        peer = PEERS.get(name) if isinstance(name, str) else None  # type: ignore[call-overload]
        return {"input": peer.reads, **settings} if peer is not None and peer.reads else settings

    @model_validator(mode="after")
    def _check_input(self) -> Self:
        if self.peer.reads not in (None, self.input):
            raise ValueError(f"input must be {self.peer.reads} for {self.name}, not {self.input}")
        return self


class MotionLSTMConfig(PeerConfig, EncoderSection):
    """A bidirectional LSTM over motion features, with the sizes of :class:`ModelConfig` that concern it."""

    name: Literal["lstm"] = "lstm"

    @property
    def options(self) -> dict[str, Any]:
        sizes = EncoderSection.model_fields.keys() - ModelSection.model_fields.keys()
        return {"input": self.input} | {key: getattr(self, key) for key in sizes}


def _tag(settings: Any) -> str:
    """The name of :data:`AnyModelConfig`'s member that takes these settings; an unknown name for none."""
    name = settings.get("name", ATM_GCN) if isinstance(settings, dict) else getattr(settings, "name", ATM_GCN)
    return "peer" if isinstance(name, str) and name in PEERS and name != "lstm" else str(name)


AnyModelConfig = Annotated[
    Annotated[ModelConfig, Tag("atm-gcn")]
    | Annotated[PeerConfig, Tag("peer")]
    | Annotated[MotionLSTMConfig, Tag("lstm")],
    Discriminator(_tag),
]
"""The settings of a model, whose ``name`` says of which. Without one, that is ATM-GCN."""


def section_for(settings: Any) -> type[ModelConfig] | type[PeerConfig]:
    """The class of settings such as a file holds; :class:`ModelConfig`, if they name no model or an unknown one."""
    sections = {"peer": PeerConfig, "lstm": MotionLSTMConfig}
    return sections.get(_tag(settings), ModelConfig)
