"""Under torch.use_deterministic_algorithms(True) every way repeats bit for bit, or torch refuses to run it."""

import pytest
import torch

from atm_gcn import TMGCNConv
from atm_gcn.graph import AttentionReadout
from atm_gcn.graph.stack import TMGCNStack
from atm_gcn.graph.topology import CHUNK, slots_of_clips
from tests.clips import ragged_clips

SIZES = (2 * CHUNK + 3, 1, 2, CHUNK, 63)
DEVICES = ["cpu", pytest.param("cuda", marks=pytest.mark.cuda)]


@pytest.fixture(autouse=True)
def deterministic():
    torch.use_deterministic_algorithms(True)  # before a layer is built: PyG's aggregations read it then
    yield
    torch.use_deterministic_algorithms(False)


def drawn(device):
    clips = ragged_clips(16, 2, sizes=SIZES, dtype=torch.float32)
    clip = torch.repeat_interleave(clips.num_nodes)
    parts = (clip, clips.num_nodes, clips.num_nodes.cumsum(0) - clips.num_nodes, clips.global_index)
    slots = slots_of_clips(*(part.to(device) for part in parts), 2)
    given = {"pos": clips.pos.to(device), "global_index": clips.global_index.to(device)}
    return clips.x.to(device), clip.to(device), clips.topology.edge_index.to(device), slots, given


def repeats(run, module, x):
    """Output and all gradients, five times over."""
    results = []
    for _ in range(5):
        leaf = x.clone().requires_grad_()
        out = run(leaf)
        results.append([out, *torch.autograd.grad(out.square().sum(), [leaf, *module.parameters()])])
    return all(torch.equal(a, b) for other in results[1:] for a, b in zip(results[0], other, strict=True))


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("backend", ["auto", "banded", "edges"])
def test_every_way_repeats_or_refuses(backend, device):
    x, _, edge_index, slots, given = drawn(device)
    conv = TMGCNConv(16, 16, backend=backend).to(device)
    graph = edge_index if backend == "edges" else slots
    try:
        assert repeats(lambda leaf: conv(leaf, graph, **given), conv, x)
    except RuntimeError as refusal:
        assert device == "cuda" and "deterministic" in str(refusal)


@pytest.mark.parametrize("device", DEVICES)
def test_stack_and_readout_repeat(device):
    x, clip, _, slots, given = drawn(device)
    stack, readout = TMGCNStack(16, 16, num_layers=2, window=2), AttentionReadout(16, 3)
    both = torch.nn.ModuleList([stack, readout]).to(device)
    assert repeats(lambda leaf: readout(stack(leaf, slots, **given), clip, len(SIZES)), both, x)
