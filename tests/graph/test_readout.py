import pytest
import torch

from atm_gcn.graph import AttentionReadout
from benchmarks.common.memory import peak


def nodes(sizes, channels=8, seed=0):
    x = torch.randn(sum(sizes), channels, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return x, torch.repeat_interleave(torch.tensor(sizes))


@pytest.mark.parametrize("pooling", ["mean", "max"])
def test_a_clip_alone_equals_the_clip_in_a_batch(pooling):
    sizes = [1, 5, 2, 9]
    x, batch = nodes(sizes)
    readout = AttentionReadout(8, 3, heads=2, pooling=pooling).double()
    together = readout(x, batch, len(sizes))
    for clip, part in enumerate(x.split(sizes)):
        alone = readout(part, torch.zeros(len(part), dtype=torch.int64), 1)
        assert torch.allclose(alone[0], together[clip], atol=1e-12)


def test_nothing_crosses_from_clip_to_clip():
    x, batch = nodes([3, 4])
    x.requires_grad_()
    AttentionReadout(8, 3, heads=2).double()(x, batch, 2)[0].sum().backward()
    assert (x.grad[:3] != 0).any() and (x.grad[3:] == 0).all()


def test_attention_is_that_of_torch():
    x, batch = nodes([6])
    readout = AttentionReadout(8, 3, heads=2).double()
    attention = torch.nn.MultiheadAttention(8, 2, batch_first=True).double()
    attention.in_proj_weight.data, attention.in_proj_bias.data = readout.qkv.weight.data, readout.qkv.bias.data
    attention.out_proj.load_state_dict(readout.out.state_dict())
    normed = readout.norm(x)[None]
    assert torch.allclose(readout.attend(x, batch, 1), attention(normed, normed, normed)[0][0], atol=1e-12)


def test_heads_must_divide_channels():
    with pytest.raises(ValueError, match=r"heads \(3\) must divide channels \(8\)"):
        AttentionReadout(8, 3, heads=3)


@pytest.mark.parametrize("sizes", [[4000], [4000] + [2] * 63])
def test_memory_grows_with_the_nodes_not_with_their_squares(sizes):
    x, batch = nodes(sizes)
    x.requires_grad_()
    readout = AttentionReadout(8, 3, heads=2).double()
    held = peak(lambda: readout(x, batch, len(sizes)).sum().backward(), "cpu")
    assert held < 60 * x.numel() * x.element_size() < max(sizes) ** 2 * x.element_size()
