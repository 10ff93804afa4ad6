"""The cases that layers are timed on: batches of clips of given sizes, with given edge weights."""

import re
from dataclasses import dataclass

import torch
from torch import Tensor

from atm_gcn.graph import EdgeGraph, SlotGraph, Topology, build_topology
from atm_gcn.graph._backends.edges import normalize_edges

PAPER = ["16x15x1x512", "16x63x2x512", "16x255x2x512"]
SERIES = [f"16x{n}x2x128" for n in (8, 15, 63, 255, 1023, 4096)]
QUICK = ["16x15x1x512", "16x63x2x512", "16x1023x2x128"]
DEFAULT = [*PAPER, "16x63x2x512r", "64x63x2x512", "1x63x2x128", "1x4096x2x128", "16x63x8x128", *SERIES]
FULL = [
    f"{batch}x{nodes}x{window}x{channels}{shape}"
    for channels in (128, 512)
    for window in (1, 2, 8)
    for batch in (1, 16, 64)
    for nodes in (8, 15, 63, 255, 1023, 4096)
    for shape in ("", "r")
    if not (batch == 1 and shape)
]


@dataclass(frozen=True)
class Case:
    """A size, written ``BxNxWxF``, with ``r`` after it for ragged clips of 1 to n nodes.

    Args:
        batch: Clips B.
        nodes: Motion nodes n of the longest clip.
        window: w.
        channels: Size F of a feature, in and out.
        ragged: Whether clips differ in length.
    """

    batch: int
    nodes: int
    window: int
    channels: int
    ragged: bool = False

    @classmethod
    def parse(cls, text: str) -> "Case":
        """Read ``16x63x2x512`` or ``16x63x2x512r``.

        Raises:
            ValueError: If the text is no such size, or B, n or F is 0.
        """
        match = re.fullmatch(r"(\d+)x(\d+)x(\d+)x(\d+)(r?)", text.strip())
        sizes = [int(part) for part in match.groups()[:4]] if match else []
        if not match or 0 in (sizes[0], sizes[1], sizes[3]):
            raise ValueError(
                f"{text!r} is not a size: write BxNxWxF, such as 16x63x2x512, with r at the end for ragged"
            )
        return cls(*sizes, ragged=bool(match[5]))

    @property
    def bytes(self) -> int:
        """About how much the inputs and one pass of the layer hold: ten tensors of features."""
        return 10 * 4 * self.batch * self.nodes * self.channels

    def __str__(self) -> str:
        return f"{self.batch}x{self.nodes}x{self.window}x{self.channels}{'r' * self.ragged}"


@dataclass(frozen=True)
class Batch:
    """The inputs of a case. Weights are drawn; ``alpha`` is N(A), for rivals that do not normalise as Eq. 9 does.

    Args:
        x: ``[N, F]``.
        probe: ``[N, F]`` the gradient that arrives at the output.
        weight: ``[F, F]`` W, as a Linear holds it.
        bias: ``[F]`` b.
        edge_weight: ``[E]`` A.
        alpha: ``[E]`` N(A).
        pos: ``[N]`` frame indices.
        num_nodes: ``[B]``.
        global_index: ``[B]`` global nodes, counted over the batch.
        clip: ``[N]`` the clip of each node.
        place: ``[N]`` each node's place in its clip.
        topology: The graph as an edge list.
        graph: The graph as slots.
    """

    x: Tensor
    probe: Tensor
    weight: Tensor
    bias: Tensor
    edge_weight: Tensor
    alpha: Tensor
    pos: Tensor
    num_nodes: Tensor
    global_index: Tensor
    clip: Tensor
    place: Tensor
    topology: Topology
    graph: SlotGraph

    @property
    def edge_graph(self) -> EdgeGraph:
        """The graph as an edge list with slots."""
        edge_index, edge_slot, window = self.topology
        return EdgeGraph(edge_index, self.x.size(0), edge_slot, window)


def draw(case: Case, device: str = "cpu", seed: int = 0) -> Batch:
    """Inputs of a case, the same for a seed on every device."""
    rng = torch.Generator().manual_seed(seed)
    num_nodes = torch.full((case.batch,), case.nodes)
    if case.ragged:
        num_nodes = torch.randint(1, case.nodes + 1, (case.batch,), generator=rng)
        num_nodes[0] = case.nodes
    global_node = (torch.rand(case.batch, generator=rng) * num_nodes).long()
    topology = build_topology(num_nodes, global_node, case.window)
    total = int(num_nodes.sum())
    edge_weight = 0.1 + 0.9 * torch.rand(topology.edge_slot.numel(), generator=rng)
    alpha = normalize_edges(edge_weight.double(), topology.edge_index, total, "sym").float()
    bound = case.channels**-0.5
    x, probe, weight, bias = (
        torch.randn(size, generator=rng)
        for size in [(total, case.channels)] * 2 + [(case.channels, case.channels), (case.channels,)]
    )
    first_node = num_nodes.cumsum(0) - num_nodes
    clip = torch.repeat_interleave(num_nodes)
    place = torch.arange(total) - first_node[clip]
    tensors = [x, probe, weight * bound, bias, edge_weight, alpha, place, num_nodes, first_node + global_node]
    x, probe, weight, bias, edge_weight, alpha, place, num_nodes, global_index = (t.to(device) for t in tensors)
    clip, first_node = clip.to(device), first_node.to(device)
    topology = Topology(topology.edge_index.to(device), topology.edge_slot.to(device), case.window)
    graph = SlotGraph.of_clips(clip, num_nodes, first_node, global_index, case.window)
    return Batch(
        x, probe, weight, bias, edge_weight, alpha, place, num_nodes, global_index, clip, place, topology, graph
    )
