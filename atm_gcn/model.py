"""The whole of Figure 2: motion encoder, graph stack and readout, with the switches of Table IV."""

from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch_geometric.data import Data

from atm_gcn.checkpoint import load_checkpoint, save_checkpoint
from atm_gcn.config import ModelConfig, RunConfig
from atm_gcn.encoders import MotionEncoder, normalize_frames, pair_with_onset
from atm_gcn.errors import ATMGCNError
from atm_gcn.graph.readout import AttentionReadout
from atm_gcn.graph.stack import TMGCNStack
from atm_gcn.graph.topology import Slots, Topology, build_topology, slots_of_clips


class ATMGCN(nn.Module):
    r"""The micro-expression classifier of `"Adaptive Temporal Motion Guided Graph Convolution Network for
    Micro-expression Recognition" <https://arxiv.org/abs/2406.08997>`_.

    .. math::
        m_i &= \mathcal{M}(f_i - f_{onset}, \mathcal{T}(i)) \\
        \hat{\mathbf{y}} &= FC(\mathrm{Pooling}(\mathrm{Attention}(G^{(N_G)}(\dots G^{(1)}(\{m_i\})))))

    Args:
        config (ModelConfig): Sizes and switches; ``config.num_classes`` must be set.

    Example:
        >>> model = ATMGCN(ModelConfig(num_classes=3))
        >>> clip = Data(x=torch.randn(14, 512), pos=torch.arange(2, 16), global_index=torch.tensor([6]), num_nodes=14)
        >>> model(Batch.from_data_list([clip])).shape
        torch.Size([1, 3])
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        if config.num_classes is None:
            raise ValueError("ATMGCN needs the number of classes: ModelConfig(num_classes=3)")
        self.config = config
        self.metadata: dict[str, Any] = {}
        self.encoder = MotionEncoder(
            config.motion_channels,
            config.num_blocks,
            config.stem_channels,
            config.block_channels,
            config.grid,
            config.use_motion,
        )
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
        """
        x = self.motion_features(batch)
        clip, _, num_clips = clips_of(batch)
        if self.graph is not None:
            x = self.graph(x, self.graph_of(batch), batch.pos, batch.global_index)
        return self.readout(x, clip, num_clips)

    def motion_features(self, batch: Data) -> Tensor:
        """``[num_nodes, motion_channels]`` m_i of Eq. 2; ``batch.x`` where the batch has no frames."""
        if "frames" not in batch:
            if batch.x is None:
                raise ValueError("the batch has neither frames nor motion features x")
            return batch.x
        clip, _, _ = clips_of(batch)
        frames = normalize_frames(batch.frames)
        onset_frames = pair_with_onset(normalize_frames(batch.onset_frame), clip)
        return self.encoder(frames, onset_frames, batch.pos)

    def graph_of(self, batch: Data) -> Slots | Topology:
        """The graph in the form that the backend reads."""
        clip, ptr, _ = clips_of(batch)
        num_nodes, window = ptr.diff(), self.config.window
        own_edges = batch.edge_index is not None
        if self.config.backend in ("auto", "banded") and (not own_edges or "edge_slot" in batch):
            return slots_of_clips(clip, num_nodes, ptr[:-1], batch.global_index, window)
        if not own_edges:
            return build_topology(num_nodes, batch.global_index - ptr[:-1], window)
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
    def from_pretrained(cls, path: str | Path) -> Self:
        """Read a file of :meth:`save_pretrained`, or the folder that holds it. No code of the file is run.

        Raises:
            ATMGCNError: If the file is absent, truncated or not one of ATM-GCN.
        """
        state, config, metadata = load_checkpoint(path)
        model = cls(config)
        try:
            model.load_state_dict(state)
        except RuntimeError as error:
            raise ATMGCNError(f"{path}: its weights do not fit its own configuration; the file was altered") from error
        model.metadata = metadata
        return model.eval()


def clips_of(batch: Data) -> tuple[Tensor, Tensor, int]:
    """``batch`` [num_nodes], ``ptr`` [B + 1] and B; a single clip is a batch of one."""
    if batch.batch is not None:
        return batch.batch, batch.ptr, batch.ptr.numel() - 1
    device = batch.pos.device
    clip = torch.zeros(batch.num_nodes, dtype=torch.int64, device=device)
    return clip, torch.tensor([0, batch.num_nodes], device=device), 1
