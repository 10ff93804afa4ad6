"""A bidirectional LSTM over the motion features of the clips."""

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_sequence
from torch_geometric.data import Data

from atm_gcn.encoders import VIEWS, MotionEncoder, encode_clips
from atm_gcn.errors import BatchError
from atm_gcn.peers._parts.clip_reading import attribute, bounds


class MotionLSTM(nn.Module):
    r"""The motion encoder of ATM-GCN with the recurrent network of `"Bidirectional LSTM Networks for Improved Phoneme
    Classification and Recognition" <https://doi.org/10.1007/11550907_126>`_ by Graves et al. (ICANN 2005) instead of
    the graph.

    .. math::
        m_i &= \mathcal{M}(f_i - f_{onset}, \mathcal{T}(i)) \\
        \hat{\mathbf{y}} &= FC([\overrightarrow{\mathrm{LSTM}}(m_1, \ldots, m_n),
        \overleftarrow{\mathrm{LSTM}}(m_n, \ldots, m_1)])

    The last hidden states of both directions are classified. Clips of different lengths are packed, so that nothing
    depends on the others of their batch.

    **Facts and deviations.** Nobody published this network: it is a baseline that tells what the graph and the readout
    of ATM-GCN add over an established way to read a sequence. The encoder has the sizes of :class:`~atm_gcn.ATMGCN`,
    and each direction its hidden width. One layer and a dropout of 0.5 are assumed.

    Args:
        num_classes (int): C.
        motion_channels (int, optional): Size N_m of a motion feature. (default: :obj:`512`)
        hidden_channels (int, optional): Of each direction. (default: :obj:`512`)
        num_blocks (int, optional): See :class:`~atm_gcn.MotionEncoder`. (default: :obj:`4`)
        stem_channels (tuple[int, int], optional): Likewise. (default: :obj:`(180, 128)`)
        block_channels (tuple[int, ...], optional): Likewise. (default: :obj:`(128, 128, 256, 512)`)
        grid (int, optional): Likewise. (default: :obj:`7`)
        input (str, optional): ``"frames"``, ``"flow"``, ``"both"``, or ``"features"`` for motion features that were
            computed beforehand. (default: :obj:`"frames"`)
        dropout (float, optional): Before the Linear. (default: :obj:`0.5`)

    Shapes:
        - **input:** by ``input``, ``batch.frames`` :math:`(F, 3, H, W)` and ``batch.onset_frame``
          :math:`(B, 3, H, W)`, ``batch.flow`` :math:`(F, 3, h, w)`, or both; or else ``batch.x`` :math:`(F, N_m)`; and
          ``batch.pos`` :math:`(F)`
        - **output:** logits :math:`(B, C)`
    """

    def __init__(
        self,
        num_classes: int,
        motion_channels: int = 512,
        hidden_channels: int = 512,
        num_blocks: int = 4,
        stem_channels: tuple[int, int] = (180, 128),
        block_channels: tuple[int, ...] = (128, 128, 256, 512),
        grid: int = 7,
        input: Literal["frames", "features", "flow", "both"] = "frames",
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        self.input = input
        self.encoder: nn.Module = nn.Identity()  # never called for features
        if input != "features":
            sizes = motion_channels, num_blocks, stem_channels, block_channels, grid
            self.encoder = MotionEncoder(*sizes, in_channels=6 if input == "both" else 3)
        self.lstm = nn.LSTM(motion_channels, hidden_channels, bidirectional=True)
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(2 * hidden_channels, num_classes)

    def forward(self, batch: Data) -> Tensor:
        features = self.motion_features(batch).to(self.fc.weight.dtype)
        clips = features.split(bounds(batch).diff().tolist())
        _, (hidden, _) = self.lstm(pack_sequence(clips, enforce_sorted=False))  # [2, B, hidden_channels]
        return self.fc(self.dropout(hidden.transpose(0, 1).flatten(1)))

    def motion_features(self, batch: Data) -> Tensor:
        """``[F, motion_channels]`` m_i of Eq. 2; ``batch.x`` where the batch has no images.

        Raises:
            BatchError: If the batch has neither, or features of another width.
        """
        names = VIEWS.get(self.input, ())
        if not names or (batch.x is not None and any(name not in batch for name in names)):
            return self._checked(attribute(batch, "x"))
        images = {name: attribute(batch, name) for name in names}
        onset_frame = attribute(batch, "onset_frame") if "frames" in images else None
        pos, clip = attribute(batch, "pos"), batch.batch
        clip = torch.zeros_like(pos, dtype=torch.int64) if clip is None else clip
        frames, flow = images.get("frames"), images.get("flow")
        return self._checked(encode_clips(self.encoder, frames, onset_frame, clip, pos, flow))

    def _checked(self, features: Tensor) -> Tensor:
        if features.dim() != 2 or features.size(1) != self.lstm.input_size:
            raise BatchError(
                f"motion features must be [num_nodes, {self.lstm.input_size}], not {list(features.shape)}; "
                "motion_channels sets their width"
            )
        return features
