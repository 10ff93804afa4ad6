"""Settings of the model."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from atm_gcn.config.fields import MOST_CLASSES, Builder, Channels, Fraction, Names, Number, PositiveFloat, Tau, Whole
from atm_gcn.config.section import Section
from atm_gcn.defaults import (
    ATTENTION_WINDOW,
    EXACT_NODES,
    FORGETTING_RATE,
    HEADS,
    LAMBDA_GLOBAL,
    LAMBDA_LOCAL,
    TAU,
    Backend,
    LayerForm,
    Normalization,
    Pooling,
    Start,
    Task,
)


class ModelSection(Section):
    """What the settings of every model hold; see :class:`ModelConfig` and :class:`~atm_gcn.config.PeerConfig`."""

    name: str
    task: Task = "emotion"
    input: Literal["frames", "features", "flow", "both"] = "frames"
    num_classes: Annotated[Whole, Field(ge=2, le=MOST_CLASSES)] | None = None
    class_names: Names | None = None

    @property
    def names(self) -> list[str]:
        """The name of each class, in the order of the logits; without ``class_names``, its number."""
        return self.class_names or [str(number) for number in range(self.num_classes or 0)]

    @property
    def in_channels(self) -> int:
        """Channels of the images that an encoder reads: 6 for ``input="both"``, else 3."""
        return 6 if self.input == "both" else 3

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        names = self.class_names
        if names is not None and self.num_classes not in (None, len(names)):
            raise ValueError(f"class_names must have num_classes, {self.num_classes}, names, not {len(names)}")
        return self


class EncoderSection(ModelSection):
    """Sizes of a :class:`~atm_gcn.MotionEncoder`."""

    motion_channels: Channels = 512
    hidden_channels: Channels = 512
    num_blocks: Annotated[Whole, Field(ge=1, le=4)] = 4
    stem_channels: tuple[Channels, Channels] = (180, 128)
    block_channels: tuple[Channels, Channels, Channels, Channels] = (128, 128, 256, 512)
    grid: Annotated[Whole, Field(ge=1, le=64)] = 7

    @model_validator(mode="after")
    def _check_blocks(self) -> Self:
        if self.block_channels[0] != self.stem_channels[1]:
            raise ValueError(
                f"block_channels must begin with the second of stem_channels, {self.stem_channels[1]}, "
                f"not {self.block_channels[0]}: the first block keeps its channels"
            )
        return self


class ModelConfig(EncoderSection):
    """Shape of an :class:`~atm_gcn.ATMGCN`.

    Args:
        name: ``"atm-gcn"``; :class:`~atm_gcn.config.PeerConfig` has the others.
        task: What the logits are: of ``"emotion"``, one per class, of which one is true; of ``"action-units"``, one per
            unit, any of which may be present.
        input: What the model reads: ``"frames"``, their optical ``"flow"`` and strain, ``"both"``, or ``"features"``
            that were computed beforehand. The data of a run determine it, by ``data.view``, and with features also
            ``motion_channels``; no encoder is built then.
        num_classes: Number of logits C; None until read from the frame store.
        class_names: One name per class or action unit, in the order of the logits.
        motion_channels: Size N_m of a motion feature (Eq. 2).
        hidden_channels: Width of the TM-GCN layers.
        num_blocks: CA blocks in the encoder, 1 to 4.
        stem_channels: Channels of the two stem convolutions.
        block_channels: Output channels of the CA blocks, in order.
        grid: The attended map is averaged to grid x grid cells before the last Linear.
        num_layers: TM-GCN layers N_G.
        window: w, neighbours on each side (Eq. 3).
        tau: Frames over which an edge weight falls by e (Eq. 7); ``.inf`` for weights that do not fall.
        lambda_local: Weight factor of edges out of local nodes (Eq. 8).
        lambda_global: Weight factor of edges out of the global node; larger than ``lambda_local``.
        normalize: Degree normalisation of the adjacency matrix.
        forgetting_rate: f_l of Eq. 10: one value, one per layer, or ``"learnable"``.
        layer: The form of the TM-GCN layers, see :class:`~atm_gcn.graph.stack.TMGCNStack`: ``"plain"`` (Eq. 9),
            ``"residual"`` or ``"gcnii"``.
        concatenate_input: Whether the readout reads the motion features beside the output of the graph.
        adaptive_heads: Heads of Adaptive-TM, each with its own FC and edge weights over its own group of channels, see
            :class:`~atm_gcn.graph.AdaptiveTM`.
        adaptive_start: Where the FC of the first Adaptive-TM layer starts, see :class:`~atm_gcn.graph.AdaptiveTM`.
        learnable_weighting: Whether tau, lambda_local and lambda_global are learnt, starting at the values above.
        heads: Attention heads of the readout.
        exact_nodes: Frames of a clip up to which the readout's attention is exact, see
            :class:`~atm_gcn.graph.AttentionReadout`.
        attention_window: Frames on each side to which it reaches in a longer clip.
        pooling: How the readout pools the nodes of a clip, see :class:`~atm_gcn.graph.AttentionReadout`.
        dropout: Probability of zeroing an element between layers while training.
        center_flow: Whether the median over each picture is subtracted from u and v of optical flow: what the whole
            face shares is movement of the head.
        average_mirrored: Whether probabilities, in evaluation, are the mean of those of a clip and of its mirror image,
            which takes twice the time and a copy of the clip. Features have no mirror image.
        use_motion: False feeds f_i instead of f_i - f_onset ("w/o motion" of Table IV).
        use_gcn: False skips the graph stack ("w/o GCN").
        adaptive: False lets A^(0) serve every layer ("w/o ATM").
        backend: Way to compute the weighted sum; see :class:`~atm_gcn.TMGCNConv`.
        build_model: What builds the model instead of :class:`~atm_gcn.ATMGCN`: ``"package.module:function"``, called
            with these settings; see :mod:`atm_gcn.building`.
    """

    name: Literal["atm-gcn"] = "atm-gcn"
    num_layers: Annotated[Whole, Field(ge=1, le=256)] = 4
    window: Annotated[Whole, Field(ge=1, le=1024)] = 2
    tau: Tau = TAU
    lambda_local: PositiveFloat = LAMBDA_LOCAL
    lambda_global: PositiveFloat = LAMBDA_GLOBAL
    normalize: Normalization | None = "sym"
    forgetting_rate: Fraction | list[Fraction] | Literal["learnable"] = FORGETTING_RATE
    layer: LayerForm = "plain"
    concatenate_input: bool = False
    adaptive_heads: Annotated[Whole, Field(ge=1, le=1024)] = 1
    adaptive_start: Start = "identity"
    learnable_weighting: bool = False
    heads: Annotated[Whole, Field(ge=1, le=1024)] = HEADS
    exact_nodes: Annotated[Whole, Field(ge=1, le=1_000_000_000)] = EXACT_NODES
    attention_window: Annotated[Whole, Field(ge=1, le=1_000_000)] = ATTENTION_WINDOW
    pooling: Pooling = "mean"
    dropout: Annotated[Number, Field(ge=0, lt=1)] = 0.0
    center_flow: bool = False
    average_mirrored: bool = False
    use_motion: bool = True
    use_gcn: bool = True
    adaptive: bool = True
    backend: Backend = "auto"
    build_model: Builder | None = None

    @property
    def readout_channels(self) -> int:
        """Size of the node features that the readout reads."""
        if not self.use_gcn:
            return self.motion_channels
        return self.hidden_channels + (self.motion_channels if self.concatenate_input else 0)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.lambda_local >= self.lambda_global:
            raise ValueError(
                f"lambda_local must be less than lambda_global, {self.lambda_global:g}, not {self.lambda_local:g}"
            )
        rates = self.forgetting_rate
        if isinstance(rates, list) and len(rates) != self.num_layers:
            raise ValueError(f"forgetting_rate must have {self.num_layers} values, one per layer, not {len(rates)}")
        if self.input in ("flow", "both") and not self.use_motion:
            raise ValueError(
                f"use_motion must be true if input is {self.input!r}: optical flow is motion since the onset; set "
                "input (data.view in a run) to 'frames' for a model without motion"
            )
        if self.learnable_weighting and self.tau == float("inf"):
            raise ValueError("tau must be finite if learnable_weighting is true, not .inf")
        if self.use_gcn and self.adaptive and self.hidden_channels % self.adaptive_heads:
            raise ValueError(
                f"adaptive_heads must divide hidden_channels, {self.hidden_channels}, "
                f"and {self.adaptive_heads} does not"
            )
        if self.readout_channels % self.heads:
            width = "hidden_channels" if self.use_gcn else "motion_channels"
            width += " + motion_channels" * (self.use_gcn and self.concatenate_input)
            raise ValueError(f"heads must divide {width}, {self.readout_channels}, and {self.heads} does not")
        return self
