"""The whole of Figure 2: motion encoder, graph stack and readout, with the switches of Table IV."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch_geometric.data import Data

from atm_gcn.batch_check import check_batch, clips_of
from atm_gcn.checkpoint import check_finite, check_fits, load_checkpoint, other_encoder, save_checkpoint
from atm_gcn.config import ModelConfig, RunConfig
from atm_gcn.encoders import (
    MotionEncoder,
    check_frames,
    encode_in_chunks,
    input_dtype,
    normalize_frames,
    pair_with_onset,
    watched_attention,
)
from atm_gcn.errors import BatchError
from atm_gcn.explanation import Explanation
from atm_gcn.graph.readout import AttentionReadout
from atm_gcn.graph.stack import TMGCNStack
from atm_gcn.graph.topology import Slots, Topology, build_topology, slots_of_clips


class ATMGCN(nn.Module):
    r"""The micro-expression classifier of `"Adaptive Temporal Motion Guided Graph Convolution Network for
    Micro-expression Recognition" <https://arxiv.org/abs/2406.08997>`_.

    .. math::
        m_i &= \mathcal{M}(f_i - f_{onset}, \mathcal{T}(i)) \\
        \hat{\mathbf{y}} &= FC(\mathrm{Pooling}(\mathrm{Attention}(G^{(N_G)}(\cdots G^{(1)}(\{m_i\})))))

    ``.half()``, ``.bfloat16()`` and ``.double()`` work on the whole model, whatever the type of the frames; the graph's
    weights are computed in float32 at least. ``torch.save(model, file)`` works too, but :meth:`save_pretrained` writes
    files without code.

    Args:
        config (ModelConfig): Sizes and switches; ``config.num_classes`` must be set.
        encoder (torch.nn.Module, optional): Used instead of :class:`~atm_gcn.MotionEncoder`. It is called with
            ImageNet-normalised frames ``[F, 3, H, W]`` of all clips, in the type of its parameters, the onset frame
            beside each, of the same shape, and ``pos`` ``[F]``, and returns ``[F, config.motion_channels]``.
            (default: :obj:`None`)

    Example:
        >>> model = ATMGCN(ModelConfig(num_classes=3))
        >>> clip = Data(x=torch.randn(14, 512), pos=torch.arange(2, 16), global_index=torch.tensor([6]), num_nodes=14)
        >>> model(Batch.from_data_list([clip])).shape
        torch.Size([1, 3])
    """

    def __init__(self, config: ModelConfig, encoder: nn.Module | None = None) -> None:
        super().__init__()
        if config.num_classes is None:
            raise ValueError("ATMGCN needs the number of classes: ModelConfig(num_classes=3)")
        self.config = config
        self.metadata: dict[str, Any] = {}
        self.encoder = _motion_encoder(config) if encoder is None else encoder
        width = config.motion_channels
        self.graph = None
        if config.use_gcn:
            self.graph = TMGCNStack(
                width,
                config.hidden_channels,
                config.num_layers,
                config.window,
                config.adaptive,
                config.forgetting_rate,
                config.dropout,
                config.adaptive_start,
                normalize=config.normalize,
                tau=config.tau,
                lambda_local=config.lambda_local,
                lambda_global=config.lambda_global,
                backend=config.backend,
            )
            width = config.hidden_channels
        self.readout = AttentionReadout(width, config.num_classes, config.heads, config.pooling, config.dropout)

    def forward(self, batch: Data) -> Tensor:
        """Classify a batch of clips.

        Args:
            batch: A clip or PyG batch of clips with contiguous nodes in time order. Either ``frames``
                ``[num_nodes, 3, H, W]`` and ``onset_frame`` ``[B, 3, H, W]`` (RGB, uint8 or in 0..1), or motion
                features ``x`` ``[num_nodes, motion_channels]``. For the graph, ``pos`` ``[num_nodes]`` and
                ``global_index`` ``[B]``; ``edge_index`` and ``edge_slot`` are built where they are absent.

        Returns:
            ``[B, C]`` logits.

        Raises:
            BatchError: If the batch is not so. It is an :class:`~atm_gcn.ATMGCNError` and a :class:`ValueError`.
        """
        num_nodes = self._check(batch)
        clip, _, num_clips = clips_of(batch)
        with self._own_dtype():
            return self.readout(self.relate(self.motion_features(batch), batch), clip, num_clips, num_nodes)

    def _check(self, batch: Data, explains: bool = False) -> list[int] | None:
        num_nodes, x = check_batch(batch, explains or self.graph is not None), batch.x
        channels = self.config.motion_channels
        if "frames" not in batch and x is not None and (x.dim() != 2 or x.size(1) != channels):
            raise BatchError(f"x must be [num_nodes, {channels}] motion features, not {list(x.shape)}")
        return num_nodes

    def motion_features(self, batch: Data) -> Tensor:
        """``[num_nodes, motion_channels]`` m_i of Eq. 2; ``batch.x`` where the batch has no frames."""
        if "frames" not in batch:
            if batch.x is None:
                raise BatchError("the batch has neither frames nor motion features x")
            return batch.x.to(self.dtype)
        if self.training or torch.is_grad_enabled():
            features = self.encoder(*frame_pairs(batch, input_dtype(self.encoder)))
        else:
            features = encode_in_chunks(self.encoder, batch.frames, batch.onset_frame, clips_of(batch)[0], batch.pos)
        return features.to(self.dtype)

    @property
    def dtype(self) -> torch.dtype:
        """Of the weights and of the logits; ``.half()``, ``.double()`` and ``.to()`` change it."""
        return self.readout.classifier.weight.dtype

    def _own_dtype(self) -> AbstractContextManager:
        """No autocast around weights that are not float32: it mixes types that batch and layer norm do not take."""
        weight = self.readout.classifier.weight
        return nullcontext() if weight.dtype is torch.float32 else torch.autocast(weight.device.type, enabled=False)

    def relate(self, x: Tensor, batch: Data) -> Tensor:
        """``[num_nodes, hidden_channels]`` what the graph stack makes of motion features."""
        return x if self.graph is None else self.graph(x, self.graph_of(batch), batch.pos, batch.global_index)

    @torch.no_grad()
    def explain(self, batch: Data) -> Explanation:
        """What the model, in evaluation mode, looks at in every clip of a batch; see :class:`Explanation`.

        Args:
            batch: As for :meth:`forward`.

        Example:
            >>> for clip in model.explain(batch).split():
            ...     figure_5, weights = clip.attention_maps[0], clip.adjacency(layer=1)
        """
        training = self.training
        try:
            with self._own_dtype():
                return self.eval()._explain(batch)
        finally:
            self.train(training)

    def _explain(self, batch: Data) -> Explanation:
        num_nodes = self._check(batch, explains=True)
        clip, ptr, num_clips = clips_of(batch)
        with watched_attention(self.encoder) as maps:
            x = self.motion_features(batch)
        hidden = self.relate(x, batch)
        edge_index, edge_weight = self._weighted_edges(x, batch)
        return Explanation(
            attention_maps=[torch.cat(of_block).to(x.dtype) for of_block in maps if of_block],
            edge_index=edge_index,
            edge_weight=edge_weight,
            readout_weights=self.readout.attention_weights(hidden, num_nodes),
            frame_difference=_frame_difference(batch, clip) if "frames" in batch else None,
            feature_norm=x.norm(dim=1),
            probabilities=self.readout(hidden, clip, num_clips, num_nodes).softmax(dim=1),
            pos=batch.pos,
            global_index=batch.global_index,
            ptr=ptr,
        )

    def _weighted_edges(self, x: Tensor, batch: Data) -> tuple[Tensor, list[Tensor]]:
        if self.graph is None:
            return batch.pos.new_empty(2, 0), []
        topology = self.topology_of(batch)
        return topology.edge_index, self.graph.layer_weights(x, topology, batch.pos, batch.global_index)

    def on_edges(self) -> "OnEdges":
        """The model over motion features and an edge list, in the form that PyG's ``Explainer`` calls."""
        return OnEdges(self)

    def graph_of(self, batch: Data) -> Slots | Topology:
        """The graph in the form that the backend reads."""
        if self.config.backend in ("auto", "banded", "csr") and (batch.edge_index is None or "edge_slot" in batch):
            clip, ptr, _ = clips_of(batch)
            return slots_of_clips(clip, ptr.diff(), ptr[:-1], batch.global_index, self.config.window)
        return self.topology_of(batch)

    def topology_of(self, batch: Data) -> Topology:
        """The graph as an edge list: the batch's own, or by Eq. 3-5 where it has none."""
        window = self.config.window
        if batch.edge_index is None:
            ptr = clips_of(batch)[1]
            return build_topology(ptr.diff(), batch.global_index - ptr[:-1], window)
        if "edge_slot" not in batch and self.config.adaptive:
            raise ValueError("Adaptive-TM needs edge_slot beside edge_index; build_topology returns both")
        return Topology(batch.edge_index, batch.edge_slot if "edge_slot" in batch else None, window)

    @classmethod
    def from_preset(cls, name: str, num_classes: int, **overrides: Any) -> Self:
        """A model with the sizes of a preset: ``ATMGCN.from_preset("small", num_classes=3, window=2)``."""
        preset = RunConfig.preset(name).model.model_dump()
        return cls(ModelConfig.model_validate(preset | {"num_classes": num_classes} | overrides))

    def save_pretrained(self, path: str | Path) -> None:
        """Write weights, configuration and ``metadata`` into one safetensors file, whole or not at all.

        Args:
            path: A file that ends in ``.safetensors``, or a folder for ``model.safetensors``.
        """
        save_checkpoint(path, self.state_dict(), self.config, self.metadata)

    @classmethod
    def from_pretrained(cls, path: str | Path, encoder: nn.Module | None = None) -> Self:
        """Read a file of :meth:`save_pretrained`, or the folder that holds it. No code of the file is run.

        Args:
            path: The file or the folder.
            encoder: Of the class and sizes that the model was saved with, where it is not a
                :class:`~atm_gcn.MotionEncoder`; it takes over the weights of the file.

        Raises:
            ATMGCNError: If the file is absent, truncated or not one of ATM-GCN, a weight is no finite number, the sizes
                of its configuration are not those of its tensors, or the encoder is another.
        """
        state, config, metadata = load_checkpoint(path)
        with torch.device("meta"):  # sizes follow from the file's tensors before memory is taken for them
            check_fits(path, state, cls(config, encoder).state_dict(), of_encoder=encoder is None)
        model = cls(config, encoder).to(state["readout.classifier.weight"].dtype)
        try:
            model.load_state_dict(state)
        except RuntimeError as error:
            raise other_encoder(path, type(model.encoder).__name__) from error
        check_finite(path, model.state_dict())  # a type of less range may have made infinity of a number
        model.metadata = metadata
        return model.eval()


class OnEdges(nn.Module):
    """An :class:`ATMGCN` that takes tensors in place of a batch, and sends messages along ``edge_index``.

    For :class:`torch_geometric.explain.Explainer`, which masks messages or reads their weights.
    """

    def __init__(self, model: ATMGCN) -> None:
        super().__init__()
        self.model = model

    def forward(
        self,
        x: Tensor,
        edge_index: Tensor,
        edge_slot: Tensor,
        pos: Tensor,
        global_index: Tensor,
        batch: Tensor | None = None,
    ) -> Tensor:
        """``[B, C]`` logits of motion features ``x`` ``[num_nodes, motion_channels]``; one clip without ``batch``."""
        model, clip = self.model, torch.zeros_like(pos, dtype=torch.int64) if batch is None else batch
        if model.graph is not None:
            topology = Topology(edge_index, edge_slot, model.config.window)
            x = model.graph(x, topology, pos, global_index)
        return model.readout(x, clip, global_index.numel())


def _motion_encoder(config: ModelConfig) -> MotionEncoder:
    return MotionEncoder(
        config.motion_channels,
        config.num_blocks,
        config.stem_channels,
        config.block_channels,
        config.grid,
        config.use_motion,
    )


def frame_pairs(batch: Data, dtype: torch.dtype | None = None) -> tuple[Tensor, Tensor, Tensor]:
    """What an encoder reads: normalised frames, the onset frame beside each, both ``[F, 3, H, W]``, and ``pos`` [F]."""
    check_frames(batch.onset_frame, "onset_frame")
    onset_frames = pair_with_onset(normalize_frames(batch.onset_frame, dtype), clips_of(batch)[0])
    return normalize_frames(batch.frames, dtype), onset_frames, batch.pos


def _frame_difference(batch: Data, clip: Tensor) -> Tensor:
    """``[num_nodes]`` mean of |f_i - f_onset| over pixels and channels, of frames in 0..1."""
    differences = []
    for some, owner in zip(batch.frames.split(64), clip.split(64), strict=True):  # a long clip never as a whole
        frames, onset_frames = (f if f.is_floating_point() else f / 255 for f in (some, batch.onset_frame))
        differences.append((frames - pair_with_onset(onset_frames, owner)).abs().mean(dim=(1, 2, 3)))
    return torch.cat(differences)
