r"""The learnt spotter: motion through the temporal graph gives every frame of a long video a score.

A window of some seconds is read as a clip is: its frames are the nodes of the graph of Eq. 3-5, and the frame with the
strongest motion is the global node. In slow motion, all spans are as many times as long. The feature of a node is the
motion at several moments around it, each through one shared linear map :math:`E`,

.. math::
    \mathbf{x}_i = \mathrm{ReLU}\bigl(E\,\phi(\mathbf{m}_{i + o_1}), \ldots, E\,\phi(\mathbf{m}_{i + o_k})\bigr), \qquad
    \phi(m) = \operatorname{arsinh}(m / s)

so that a movement and its return, which is the same with the opposite sign, can be told from one that stays. The
layers are those of :class:`~atm_gcn.graph.stack.TMGCNStack`.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from atm_gcn.graph.clip_graph import graph_of_clips
from atm_gcn.graph.stack import TMGCNStack

SCORES = ("apex", "onset", "offset")
"""What the three scores of a frame say: how near it is to an apex, an onset or an offset."""
OFFSETS = (-0.2, -0.1, 0.0, 0.1, 0.2, 0.3, 0.4)
"""Seconds from a frame to the moments whose motion is its feature; motion is since 0.2 s before."""
SMALL = 0.3  # pixels of a thumbnail up to which motion is taken as it is, and its logarithm above


@dataclass(frozen=True)
class SpotterSize:
    """Sizes of a :class:`GraphSpotter`.

    Args:
        embedding: Channels of the motion at one moment.
        hidden: Channels of a layer.
        layers: N_G.
        window: w of Eq. 3.
        heads: Heads of Adaptive-TM.
        dropout: Probability of zeroing an element.
    """

    embedding: int = 12
    hidden: int = 32
    layers: int = 3
    window: int = 2
    heads: int = 2
    dropout: float = 0.3


class GraphSpotter(nn.Module):
    """Scores every frame of windows of a long video.

    Args:
        channels (int): Channels of a frame's motion.
        size (SpotterSize, optional): Its sizes. (default: ``SpotterSize()``)

    Shapes:
        - **input:** motion :math:`(B, M, F)` of M consecutive frames for each of B windows; of each of the T frames of
          a window, which of the M are at the moments of :data:`OFFSETS` around it :math:`(B, T, |O|)`, and its time
          in units of 1/30 s :math:`(B, T)`; global nodes :math:`(B)` within their windows
        - **output:** logits of :data:`SCORES` :math:`(B, T, 3)`
    """

    def __init__(self, channels: int, size: SpotterSize | None = None) -> None:
        super().__init__()
        self.size = size = size or SpotterSize()
        self.embed = nn.Linear(channels, size.embedding)
        width = size.embedding * len(OFFSETS)
        self.dropout = nn.Dropout(size.dropout)
        self.stack = TMGCNStack(
            width,
            size.hidden,
            size.layers,
            size.window,
            dropout=size.dropout,
            start="mixed",
            heads=size.heads,
            layer="gcnii",
        )
        self.score = nn.Linear(size.hidden + width, len(SCORES))

    def forward(self, motion: Tensor, moments: Tensor, pos: Tensor, global_node: Tensor) -> Tensor:
        windows, frames = pos.shape
        embedded = F.relu(self.embed(torch.asinh(motion / SMALL)))  # [B, M, E]
        rows = moments + torch.arange(windows, device=moments.device)[:, None, None] * motion.size(1)
        x = embedded.flatten(0, 1)[rows].reshape(windows * frames, -1)  # [B * T, |O| * E]
        x = self.dropout(x)
        ptr = torch.arange(windows + 1, device=x.device) * frames
        clip = torch.arange(windows, device=x.device).repeat_interleave(frames)
        global_index = ptr[:-1] + global_node
        graph = graph_of_clips(clip, ptr, global_index, self.size.window, "auto")
        hidden = self.stack(x, graph, pos.reshape(-1), global_index)
        return self.score(torch.cat([hidden, x], dim=1)).reshape(windows, frames, -1)
