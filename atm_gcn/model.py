"""The model of Figure 2: motion encoder, graph stack and readout, with the ablations of Table IV."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch_geometric.data import Data

from atm_gcn.batch_check import check_batch, check_edges, check_features, clips_of, images_of, view_of
from atm_gcn.checkpoint import check_fits, load_checkpoint, load_weights, save_checkpoint
from atm_gcn.config import ModelConfig, RunConfig
from atm_gcn.encoders import MotionEncoder, encode_clips, mean_logits, mirrored, watched_attention
from atm_gcn.errors import ATMGCNError, BatchError
from atm_gcn.explanation import Explanation, OnEdges, fields_on_edges, flow_magnitude, frame_difference
from atm_gcn.graph import AttentionReadout, EdgeGraph, Graph
from atm_gcn.graph.clip_graph import edge_graph_of_clips, graph_of_clips
from atm_gcn.graph.stack import TMGCNStack
from atm_gcn.inference.fold_ensemble import FoldEnsemble
from atm_gcn.losses import probabilities_of
from atm_gcn.training.results.layout import finished_folds


class ATMGCN(nn.Module):
    r"""The micro-expression classifier of `"Adaptive Temporal Motion Guided Graph Convolution Network for
    Micro-expression Recognition" <https://arxiv.org/abs/2406.08997>`_.

    .. math::
        m_i &= \mathcal{M}(f_i - f_{onset}, \mathcal{T}(i)) \\
        \hat{\mathbf{y}} &= FC(\mathrm{Pooling}(\mathrm{Attention}(G^{(N_G)}(\cdots G^{(1)}(\{m_i\})))))

    ``.half()``, ``.bfloat16()`` and ``.double()`` work on the whole model, whatever the type of the frames; the graph's
    weights are computed in float32 at least. ``torch.save(model, file)`` works too, but :meth:`save_pretrained` writes
    files that contain no code.

    Args:
        config (ModelConfig): Sizes and switches; ``config.num_classes`` must be set.
        encoder (torch.nn.Module, optional): Used instead of :class:`~atm_gcn.MotionEncoder`. It is called with
            ImageNet-normalised frames ``[F, 3, H, W]`` of all clips, in the type of its parameters, the onset frame
            beside each, of the same shape, and ``pos`` ``[F]``, and returns ``[F, config.motion_channels]``. With
            ``config.input`` "flow" it gets a fifth of the optical flow, and zeros; with "both" the channels of both.
            (default: :obj:`None`)
        graph (torch.nn.Module, optional): Used instead of the TM-GCN layers, unless ``config.use_gcn`` is False. It is
            called with motion features ``[num_nodes, motion_channels]``, a :class:`~atm_gcn.graph.Graph`, ``pos``
            ``[num_nodes]`` and ``global_index`` ``[B]``, and returns ``[num_nodes, config.hidden_channels]``. If it has
            ``layer_weights`` and ``initial_weights``, as :class:`~atm_gcn.graph.stack.TMGCNStack` has, explanations
            show them. (default: :obj:`None`)
        readout (torch.nn.Module, optional): Used instead of :class:`~atm_gcn.graph.AttentionReadout`. It is called with
            node features ``[num_nodes, config.readout_channels]``, the clip of each node ``[num_nodes]``, B and the
            nodes of each clip, and returns logits ``[B, num_classes]``. If its attribute ``needs_global_index`` or
            ``reads_global_index`` is true, it gets the global node of each clip, too, by keyword: ``global_index``
            ``[B]``, or ``[0]`` if no clip has one; if it needs them, batches without are refused. If it has
            ``attention_weights`` and ``pooling_weights``, explanations show them. (default: :obj:`None`)

    Example:
        >>> model = ATMGCN(ModelConfig(num_classes=3))
        >>> clip = Data(x=torch.randn(14, 512), pos=torch.arange(2, 16), global_index=torch.tensor([6]), num_nodes=14)
        >>> model(Batch.from_data_list([clip])).shape
        torch.Size([1, 3])
    """

    def __init__(
        self,
        config: ModelConfig,
        encoder: nn.Module | None = None,
        graph: nn.Module | None = None,
        readout: nn.Module | None = None,
    ) -> None:
        super().__init__()
        if config.num_classes is None:
            raise ValueError("ATMGCN needs the number of classes: ModelConfig(num_classes=3)")
        self.config = config
        self.metadata: dict[str, Any] = {}
        self.encoder = _encoder(config) if encoder is None else encoder
        self.graph: nn.Module | None = None
        if config.use_gcn:
            self.graph = _stack(config) if graph is None else graph
        if readout is None:
            sizes = config.readout_channels, config.num_classes, config.heads
            reach = config.exact_nodes, config.attention_window
            readout = AttentionReadout(*sizes, config.pooling, config.dropout, *reach)
        self.readout = readout

    def forward(self, batch: Data) -> Tensor:
        """Classify a batch of clips.

        Args:
            batch: A clip or PyG batch of clips with contiguous nodes in time order. By ``config.input``, ``frames``
                ``[num_nodes, 3, H, W]`` and ``onset_frame`` ``[B, 3, H, W]`` (RGB, uint8 or in 0..1), optical ``flow``
                ``[num_nodes, 3, h, w]`` (u, v, strain), or both; or else motion features ``x``
                ``[num_nodes, motion_channels]``. For the graph, ``pos`` ``[num_nodes]`` and ``global_index`` ``[B]``,
                or ``[0]`` if no clip has a global node; ``edge_index`` and ``edge_slot`` are built if absent, or if
                they are those of another window than the model's.

        Returns:
            ``[B, C]`` logits. In evaluation with ``config.average_mirrored``, their probabilities are the mean of
            those of each clip and of its mirror image.

        Raises:
            BatchError: If the batch is not as described; an :class:`~atm_gcn.ATMGCNError` and a :class:`ValueError`.
        """
        num_nodes = self._check(batch)
        with self._own_dtype():
            return self._average_mirrored(self._logits(batch, num_nodes), batch, num_nodes)

    def _logits(self, batch: Data, num_nodes: list[int] | None, mirrors: bool = False) -> Tensor:
        clip, _, num_clips = clips_of(batch)
        hidden = self.relate(self.motion_features(batch, mirrors), batch)
        return self.classify(hidden, clip, num_clips, num_nodes, global_index=batch.get("global_index"))

    def _average_mirrored(self, logits: Tensor, batch: Data, num_nodes: list[int] | None) -> Tensor:
        if self.training or not self.config.average_mirrored or self._reads_features(batch):
            return logits
        return mean_logits(logits, self._logits(batch, num_nodes, mirrors=True), task=self.config.task)

    def _check(self, batch: Data, explains: bool = False) -> list[int] | None:
        if batch.x is None and self.config.input == "features":
            raise BatchError("the batch has no x; the model reads features [num_nodes, C] instead of frames")
        needs_global = explains or self.graph is not None or getattr(self.readout, "needs_global_index", False)
        num_nodes = check_batch(batch, needs_global, self.config.input)
        if self._reads_features(batch):
            check_features("x", batch.x, "num_nodes", self.config.motion_channels)
        if num_nodes is not None and isinstance(self.graph, TMGCNStack) and self.config.adaptive:
            check_edges(batch)
        return num_nodes

    def _reads_features(self, batch: Data) -> bool:
        return batch.x is not None and not images_of(batch, self.config.input)

    def motion_features(self, batch: Data, mirrors: bool = False) -> Tensor:
        """``[num_nodes, motion_channels]`` m_i of Eq. 2, of mirror images if ``mirrors``; ``batch.x`` without any."""
        if self._reads_features(batch):
            return batch.x.to(self.dtype)
        images = view_of(batch, self.config.input)
        frames, onset_frame, flow = mirrored(*images) if mirrors else images
        clip = clips_of(batch)[0]
        features = encode_clips(self.encoder, frames, onset_frame, clip, batch.pos, flow, self.config.center_flow)
        check_features("what the encoder returns", features, "num_frames", self.config.motion_channels)
        return features.to(self.dtype)

    @property
    def dtype(self) -> torch.dtype:
        """Of the readout's weights and of the logits; ``.half()``, ``.double()`` and ``.to()`` change it."""
        return next(self.readout.parameters(), next(self.parameters())).dtype

    def _own_dtype(self) -> AbstractContextManager:
        """Disable autocast for weights that are not float32: it mixes types that batch and layer norm do not accept."""
        weight = next(self.readout.parameters(), next(self.parameters()))
        return nullcontext() if weight.dtype is torch.float32 else torch.autocast(weight.device.type, enabled=False)

    def relate(self, x: Tensor, batch: Data, graph: Graph | None = None) -> Tensor:
        """``[num_nodes, readout_channels]`` what the readout reads: the graph stack's output for motion features."""
        if self.graph is None:
            return x
        hidden = self.graph(x, self.graph_of(batch) if graph is None else graph, batch.pos, batch.global_index)
        return torch.cat([hidden, x], dim=1) if self.config.concatenate_input else hidden

    def classify(self, *nodes: Any, global_index: Tensor | None) -> Tensor:
        """``[B, C]`` logits: the readout of ``nodes``, its arguments, and of the global nodes if it reads them."""
        return self.readout(*nodes, **self._global_nodes(global_index))

    def _global_nodes(self, global_index: Tensor | None) -> dict[str, Tensor | None]:
        asks = any(getattr(self.readout, f"{word}_global_index", False) for word in ("reads", "needs"))
        return {"global_index": global_index} if asks else {}

    @torch.no_grad()
    def explain(self, batch: Data) -> Explanation:
        """Attention, edge weights and readout of every clip of a batch, in evaluation mode; see :class:`Explanation`.

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
        frames, _, flow = view_of(batch, self.config.input)
        nodes, given = (hidden, clip, num_clips, num_nodes), self._global_nodes(batch.global_index)
        logits = self.classify(*nodes, global_index=batch.global_index)
        return Explanation(
            attention_maps=[torch.cat(of_block).to(x.dtype) for of_block in maps if of_block],
            readout_weights=_offered(self.readout, "attention_weights", hidden, num_nodes, **given) or [],
            frame_difference=None if frames is None else frame_difference(frames, batch.onset_frame, clip),
            feature_norm=x.norm(dim=1),
            probabilities=probabilities_of(self._average_mirrored(logits, batch, num_nodes), self.config.task),
            pos=batch.pos,
            global_index=batch.global_index,
            ptr=ptr,
            flow_magnitude=None if flow is None else flow_magnitude(flow),
            pooling_weight=_offered(self.readout, "pooling_weights", *nodes, batch.global_index),
            **fields_on_edges(self.graph, x, self.edge_graph_of(batch), batch.pos, batch.global_index),
        )

    def on_edges(self) -> OnEdges:
        """The model over motion features and an edge list, in the form that PyG's ``Explainer`` calls."""
        return OnEdges(self)

    def graph_of(self, batch: Data) -> Graph:
        """The graph of a batch, in the form that the backend reads."""
        clip, ptr, _ = clips_of(batch)
        edges = batch.edge_index, batch.get("edge_slot")
        return graph_of_clips(clip, ptr, batch.global_index, self.config.window, self.config.backend, *edges)

    def edge_graph_of(self, batch: Data) -> EdgeGraph:
        """The graph of a batch as an edge list: the batch's own, or by Eq. 3-5 if it has none."""
        clip, ptr, _ = clips_of(batch)
        edges = batch.edge_index, batch.get("edge_slot")
        return edge_graph_of_clips(clip.numel(), ptr, batch.global_index, self.config.window, *edges)

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
    def from_pretrained(
        cls,
        path: str | Path,
        encoder: nn.Module | None = None,
        graph: nn.Module | None = None,
        readout: nn.Module | None = None,
        seeds: int | None = None,
    ) -> Self | FoldEnsemble:
        """Read a file of :meth:`save_pretrained`, or the folder that holds it. No code of the file is run.

        For the folder of a run with a model per fold, the result is a :class:`~atm_gcn.FoldEnsemble` of the models of
        its finished folds, which gives the mean of their probabilities.

        Args:
            path: The file or the folder, or the folder of a run.
            encoder: Of the class and sizes that the model was saved with, if it is no
                :class:`~atm_gcn.MotionEncoder`; it takes over the weights of the file.
            graph: Likewise, if it is no :class:`~atm_gcn.graph.stack.TMGCNStack`.
            readout: Likewise, if it is no :class:`~atm_gcn.graph.AttentionReadout`.
            seeds: Of a run with several seeds, the number whose models are used, from the first; None for all.

        Raises:
            ATMGCNError: If the file is absent, truncated or not one of ATM-GCN, a weight is no finite number, the sizes
                of its configuration are not those of its tensors, or the parts are others.
        """
        given = {"encoder": encoder, "graph": graph, "readout": readout}
        folds = finished_folds(path, seeds)
        if folds and any(part is not None for part in given.values()):
            raise ATMGCNError(f"{path}: is the folder of a run; custom parts need one of its folds, such as {folds[0]}")
        return FoldEnsemble.load(folds, cls._from_file) if folds else cls._from_file(path, **given)

    @classmethod
    def _from_file(cls, path: str | Path, **given: nn.Module | None) -> Self:
        state, config, metadata = load_checkpoint(path)
        if not isinstance(config, ModelConfig):
            raise ATMGCNError(f"{path}: holds {config.name}, not ATM-GCN; read it with load_model of atm_gcn.building")
        with torch.device("meta"):  # sizes follow from the file's tensors before memory is taken for them
            expected = cls(config, **given).state_dict()
        check_fits(path, state, expected, [name for name, part in given.items() if part is None])
        model = load_weights(cls(config, **given), path, state)
        model.metadata = metadata
        return model.eval()


def _encoder(config: ModelConfig) -> nn.Module:
    if config.input == "features":
        return nn.Identity()  # never called
    sizes = config.motion_channels, config.num_blocks, config.stem_channels, config.block_channels
    return MotionEncoder(*sizes, config.grid, config.use_motion, config.in_channels)


def _stack(config: ModelConfig) -> TMGCNStack:
    sizes = config.motion_channels, config.hidden_channels, config.num_layers, config.window
    names = ["adaptive", "forgetting_rate", "dropout", "layer", "learnable_weighting", "normalize"]
    names += ["tau", "lambda_local", "lambda_global"]
    settings = {name: getattr(config, name) for name in names}
    return TMGCNStack(*sizes, start=config.adaptive_start, heads=config.adaptive_heads, **settings)


def _offered(part: nn.Module, method: str, *args: Any, **named: Any) -> Any:
    """What a part offers for an explanation; custom parts need not have the method."""
    return getattr(part, method)(*args, **named) if hasattr(part, method) else None
