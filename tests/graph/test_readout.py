import pytest
import torch

from atm_gcn.defaults import POOLINGS
from atm_gcn.errors import BatchError
from atm_gcn.graph import AttentionReadout
from benchmarks.common.memory import peak


def mean_of(part):
    return part.mean(0)


def largest_of(part):
    return part.max(0).values


def nodes(sizes, channels=8, seed=0):
    x = torch.randn(sum(sizes), channels, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return x, torch.repeat_interleave(torch.tensor(sizes))


@pytest.mark.parametrize("pooling", POOLINGS)
def test_a_clip_alone_equals_the_clip_in_a_batch(pooling):
    sizes, apexes = [1, 5, 2, 9], [0, 3, 1, 4]
    x, batch = nodes(sizes)
    readout = AttentionReadout(8, 3, heads=2, pooling=pooling).double()
    together = readout(x, batch, len(sizes), global_index=torch.tensor([0, 4, 7, 12]))
    for clip, (part, apex) in enumerate(zip(x.split(sizes), apexes, strict=True)):
        alone = readout(part, torch.zeros(len(part), dtype=torch.int64), 1, global_index=torch.tensor([apex]))
        assert torch.allclose(alone[0], together[clip], atol=1e-12)


def test_what_each_pooling_reads():
    x, batch = nodes([3, 5])
    apex = torch.tensor([2, 4])
    for pooling in POOLINGS:
        readout = AttentionReadout(8, 3, heads=2, pooling=pooling).double()
        hidden = x + readout.attend(x, batch, 2)
        mean, largest = (torch.stack([f(part) for part in hidden.split([3, 5])]) for f in (mean_of, largest_of))
        expected = {"mean": mean, "max": largest, "apex": hidden[apex], "mean-apex": torch.cat([mean, hidden[apex]], 1)}
        if pooling == "attention":
            scores = readout.pool.gate_nn(hidden).split([3, 5])
            parts = zip(scores, hidden.split([3, 5]), strict=True)
            expected[pooling] = torch.stack([(score.softmax(0) * part).sum(0) for score, part in parts])
        logits = readout(x, batch, 2, [3, 5], apex)
        assert torch.allclose(logits, readout.classifier(expected[pooling]), atol=1e-12), pooling


@pytest.mark.parametrize("pooling", ["apex", "mean-apex"])
@pytest.mark.parametrize("absent", [None, torch.empty(0, dtype=torch.int64)])
def test_the_mean_stands_for_an_absent_global_node(pooling, absent):
    x, batch = nodes([3, 5])
    readout = AttentionReadout(8, 3, heads=2, pooling=pooling).double()
    hidden = x + readout.attend(x, batch, 2)
    mean = torch.stack([part.mean(0) for part in hidden.split([3, 5])])
    times = 2 if pooling == "mean-apex" else 1
    assert torch.allclose(readout(x, batch, 2, [3, 5], absent), readout.classifier(mean.repeat(1, times)), atol=1e-12)


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


@pytest.mark.parametrize("pooling", ["apex", "mean-apex"])
def test_every_clip_needs_its_global_node(pooling):
    readout = AttentionReadout(8, 3, pooling=pooling)
    with pytest.raises(BatchError, match="global_index must hold one value for each of 2 clips, not 1"):
        readout(torch.rand(4, 8), torch.tensor([0, 0, 1, 1]), 2, global_index=torch.tensor([1]))


def test_heads_must_divide_channels():
    with pytest.raises(ValueError, match=r"heads \(3\) must divide channels \(8\)"):
        AttentionReadout(8, 3, heads=3)
    with pytest.raises(ValueError, match="heads must be positive, not 0"):
        AttentionReadout(8, 3, heads=0)
    with pytest.raises(ValueError, match="pooling must be one of"):
        AttentionReadout(8, 3, pooling="median")


@pytest.mark.parametrize("sizes", [[4000], [4000] + [2] * 63])
def test_memory_grows_with_the_nodes_not_with_their_squares(sizes):
    x, batch = nodes(sizes)
    x.requires_grad_()
    readout = AttentionReadout(8, 3, heads=2).double()
    held = peak(lambda: readout(x, batch, len(sizes)).sum().backward(), "cpu")
    assert held < 60 * x.numel() * x.element_size() < max(sizes) ** 2 * x.element_size()


@pytest.mark.parametrize("sizes", [[50], [50, 7, 3], [8, 9, 12, 12]])
@pytest.mark.parametrize("has_apex", [True, False])
def test_long_clips_attend_within_a_window_and_to_the_global_node(sizes, has_apex):
    x, batch = nodes(sizes)
    x.requires_grad_()
    readout = AttentionReadout(8, 3, heads=2, exact_nodes=8, attention_window=3).double()
    first = torch.tensor(sizes).cumsum(0) - torch.tensor(sizes)
    apex = first + torch.tensor(sizes) // 2 if has_apex else None
    with pytest.warns(UserWarning, match="more than 8 nodes"):
        ours = readout.attend(x, batch, len(sizes), None, apex)
    parts = []
    for clip, (part, size) in enumerate(zip(x.split(sizes), sizes, strict=True)):
        place = torch.arange(size)
        allowed = (place[:, None] - place).abs() <= 3
        if has_apex:
            allowed[:, apex[clip] - first[clip]] = allowed[apex[clip] - first[clip]] = True
        qkv = readout.qkv(readout.norm(part)).view(size, 3, 2, 4).permute(1, 2, 0, 3)
        scores = qkv[0] @ qkv[1].mT / 2
        if size > 8:
            scores = scores.masked_fill(~allowed, -torch.inf)
        parts.append(readout.out((scores.softmax(-1) @ qkv[2]).transpose(0, 1).flatten(1)))
    theirs = torch.cat(parts)
    assert torch.allclose(ours, theirs, atol=1e-12)
    assert torch.allclose(
        *(torch.autograd.grad(out.square().sum(), x, retain_graph=True)[0] for out in (ours, theirs)), atol=1e-10
    )
    for part, weight in zip(x.split(sizes), readout.attention_weights(x, sizes, apex), strict=True):
        value = readout.qkv(readout.norm(part)).view(len(part), 3, 2, 4)[:, 2].transpose(0, 1)
        assert weight.sum(-1).allclose(torch.ones(2, len(part), dtype=torch.float64))
        mixed = readout.out((weight @ value).transpose(0, 1).flatten(1))
        assert torch.allclose(mixed, ours[: len(part)], atol=1e-12)
        ours = ours[len(part) :]


@pytest.mark.filterwarnings("ignore:in clips of more than")
def test_compiled_code_reaches_as_far_as_eager_code():
    readout = AttentionReadout(8, 3, heads=2, exact_nodes=8, attention_window=3).double()

    def call(x, batch, apex):
        return readout(x, batch, len(apex), None, apex)

    compiled = torch.compile(call, backend="eager", fullgraph=True, dynamic=True)
    for sizes in ([5, 20], [9], [2, 8]):
        x, batch = nodes(sizes)
        apex = torch.tensor(sizes).cumsum(0) - 1
        assert torch.allclose(compiled(x, batch, apex), call(x, batch, apex), atol=1e-12)


@pytest.mark.filterwarnings("ignore:in clips of more than")
def test_memory_of_a_long_clip_is_linear_in_its_nodes():
    readout = AttentionReadout(16, 3, exact_nodes=100)
    held = [
        peak(lambda n=n: readout(torch.randn(n, 16), torch.zeros(n, dtype=torch.int64), 1), "cpu")
        for n in (8_000, 16_000)
    ]
    assert held[1] < 2.2 * held[0]


@pytest.mark.parametrize("wrong", [{"exact_nodes": 0}, {"attention_window": 0}])
def test_an_empty_reach_is_refused(wrong):
    with pytest.raises(ValueError, match="must be positive"):
        AttentionReadout(8, 3, **wrong)
