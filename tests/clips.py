"""Ragged batches of clips that fit nothing, for the tests of the graph and of the model."""

from typing import NamedTuple

import torch
from torch import Tensor
from torch_geometric.data import Batch, Data

from atm_gcn.graph import EdgeGraph, SlotGraph, Topology, build_topology

SIZES = (1, 2, 7, 63, 3, 1)


class Clips(NamedTuple):
    x: Tensor
    pos: Tensor
    num_nodes: Tensor
    global_node: Tensor
    global_index: Tensor
    topology: Topology

    @property
    def edge_graph(self) -> EdgeGraph:
        edge_index, edge_slot, window = self.topology
        return EdgeGraph(edge_index, len(self.x), edge_slot, window)

    def slot_graph(self, backend="auto", device="cpu") -> SlotGraph:
        clip, first_node = torch.repeat_interleave(self.num_nodes), self.num_nodes.cumsum(0) - self.num_nodes
        parts = (part.to(device) for part in (clip, self.num_nodes, first_node, self.global_index))
        return SlotGraph.of_clips(*parts, self.topology.window, backend)


def ragged_clips(channels: int, window: int, sizes=SIZES, dtype=torch.float64, seed: int = 0) -> Clips:
    generator = torch.Generator().manual_seed(seed)
    num_nodes = torch.tensor(sizes)
    global_node = torch.tensor([int(torch.randint(n, (), generator=generator)) for n in sizes])
    x = torch.randn(int(num_nodes.sum()), channels, generator=generator, dtype=dtype)
    pos = torch.cat([torch.arange(2, n + 2) for n in sizes])
    global_index = num_nodes.cumsum(0) - num_nodes + global_node
    return Clips(x, pos, num_nodes, global_node, global_index, build_topology(num_nodes, global_node, window))


def frame_batch(size: int = 32, sizes=(3, 1, 6), seed: int = 0, dtype=torch.uint8) -> Batch:
    generator = torch.Generator().manual_seed(seed)

    def pictures(count: int) -> Tensor:
        frames = torch.randint(256, (count, 3, size, size), generator=generator, dtype=torch.uint8)
        return frames if dtype == torch.uint8 else frames.to(dtype) / 255

    clips = []
    for n in sizes:
        global_index = torch.randint(n, (1,), generator=generator)
        clips.append(
            Data(
                frames=pictures(n),
                onset_frame=pictures(1),
                pos=torch.arange(2, n + 2),
                global_index=global_index,
                num_nodes=n,
                y=torch.randint(3, (1,), generator=generator),
            )
        )
    return Batch.from_data_list(clips)


def flow_batch(size: int = 28, sizes=(3, 1, 6), seed: int = 0, frames: int | None = None, dtype=torch.float32) -> Batch:
    """Clips of optical flow, with frames of that size beside it unless ``frames`` is None."""
    generator = torch.Generator().manual_seed(seed)
    clips = []
    for clip in frame_batch(frames or 1, sizes, seed).to_data_list():
        clip.flow = torch.randn(clip.num_nodes, 3, size, size, generator=generator, dtype=dtype)
        if frames is None:
            del clip.frames, clip.onset_frame
        clips.append(clip)
    return Batch.from_data_list(clips)
