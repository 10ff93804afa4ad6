"""Under torch.use_deterministic_algorithms(True) every way repeats bit for bit, or torch refuses to run it."""

import pytest
import torch

from atm_gcn import TMGCNConv
from atm_gcn.graph import AttentionReadout
from atm_gcn.graph._slots.segments import CHUNK
from atm_gcn.graph.stack import TMGCNStack
from tests.clips import ragged_clips

SIZES = (2 * CHUNK + 3, 1, 2, CHUNK, 63)
DEVICES = ["cpu", pytest.param("cuda", marks=pytest.mark.cuda)]


@pytest.fixture(autouse=True)
def deterministic():
    torch.use_deterministic_algorithms(True)  # before a layer is built: PyG's aggregations read it then
    yield
    torch.use_deterministic_algorithms(False)


def drawn(device, backend="auto"):
    clips = ragged_clips(16, 2, sizes=SIZES, dtype=torch.float32)
    clip = torch.repeat_interleave(clips.num_nodes).to(device)
    given = {"pos": clips.pos.to(device), "global_index": clips.global_index.to(device)}
    edge_index = clips.topology.edge_index.to(device)
    return clips.x.to(device), clip, edge_index if backend == "edges" else clips.slot_graph(backend, device), given


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
    x, _, graph, given = drawn(device, backend)
    conv = TMGCNConv(16, 16, backend=backend).to(device)
    try:
        assert repeats(lambda leaf: conv(leaf, graph, **given), conv, x)
    except RuntimeError as refusal:
        assert device == "cuda" and "deterministic" in str(refusal)


@pytest.mark.parametrize("device", DEVICES)
def test_stack_and_readout_repeat(device):
    x, clip, graph, given = drawn(device)
    stack, readout = TMGCNStack(16, 16, num_layers=2, window=2), AttentionReadout(16, 3)
    both = torch.nn.ModuleList([stack, readout]).to(device)
    assert repeats(lambda leaf: readout(stack(leaf, graph, **given), clip, len(SIZES)), both, x)
