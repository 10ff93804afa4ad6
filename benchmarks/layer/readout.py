"""The readout's attention among the nodes of each clip: padded with a mask, clip by clip, or as jagged tensors?"""

import time
import warnings
from collections.abc import Callable
from functools import partial

import click
import torch
import torch.nn.functional as F
from torch import Tensor
from torch_geometric.utils import to_dense_batch

from atm_gcn.graph import AttentionReadout
from benchmarks.common.machine import describe
from benchmarks.common.memory import peak
from benchmarks.common.timing import interleave
from benchmarks.layer.page.tables import markdown, megabytes, milliseconds

CHANNELS, HEADS, LIMIT = 512, 4, 2e9
RAGGED = [1 + (37 * clip) % 63 for clip in range(64)]
CASES = {
    "16 clips of 63": [63] * 16,
    "16 clips of 1 to 63": RAGGED[:16],
    "64 clips of 1 to 63": RAGGED,
    "16 clips of 255": [255] * 16,
    "63 clips of 1 to 63, one of 2,000": [*RAGGED[1:], 2000],
}


def padded(readout: AttentionReadout, x: Tensor, batch: Tensor, sizes: list[int]) -> Tensor:
    """Every clip padded to the longest, a mask over the keys."""
    qkv, mask = to_dense_batch(readout.qkv(readout.norm(x)), batch, batch_size=len(sizes))
    query, key, value = qkv.unflatten(-1, (3, HEADS, -1)).permute(2, 0, 3, 1, 4)
    mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=mask[:, None, None])
    return readout.out(mixed.transpose(1, 2).flatten(-2)[mask])


def jagged(readout: AttentionReadout, x: Tensor, batch: Tensor, sizes: list[int]) -> Tensor:
    """torch's nested tensors."""
    ends = torch.tensor([0, *sizes]).cumsum(0)
    parts = readout.qkv(readout.norm(x)).unflatten(-1, (3, HEADS, -1)).unbind(1)
    nested = [torch.nested.nested_tensor_from_jagged(part.contiguous(), ends).transpose(1, 2) for part in parts]
    return readout.out(F.scaled_dot_product_attention(*nested).transpose(1, 2).values().flatten(-2))


def clip_by_clip(readout: AttentionReadout, x: Tensor, batch: Tensor, sizes: list[int]) -> Tensor:
    """The library's way."""
    return readout.attend(x, batch, len(sizes))


WAYS = {"clip by clip": clip_by_clip, "padded, mask": padded, "jagged": jagged}


def measure(sizes: list[int]) -> dict[str, list[str]]:
    """Milliseconds forward, forward + backward, and megabytes of every way."""
    torch.manual_seed(0)
    readout = AttentionReadout(CHANNELS, 3, HEADS)
    x, batch = torch.randn(sum(sizes), CHANNELS, requires_grad=True), torch.repeat_interleave(torch.tensor(sizes))
    leaves, probe = [x, *readout.qkv.parameters(), *readout.out.parameters()], torch.randn(sum(sizes), CHANNELS)
    expected = clip_by_clip(readout, x, batch, sizes)
    forwards: dict[str, Callable] = {}
    trains: dict[str, Callable] = {}
    for name, way in WAYS.items():
        nodes = sum(sizes) if way is clip_by_clip else len(sizes) * max(sizes)  # torch pads jagged tensors on a CPU
        if 30 * 4 * CHANNELS * nodes > LIMIT:
            continue
        run = partial(way, readout, x, batch, sizes)
        if not torch.allclose(run(), expected, atol=1e-4):
            raise AssertionError(f"{name} computes another function")
        forwards[name] = torch.no_grad()(run)
        trains[name] = lambda run=run: torch.autograd.grad(run(), leaves, probe)
    forward, train = (interleave(calls, "cpu", 7, 1.0, 0) for calls in (forwards, trains))
    return {
        name: [milliseconds(forward[name].median), milliseconds(train[name].median), megabytes(peak(call, "cpu"))]
        for name, call in trains.items()
    }


@click.command(help=__doc__)
@click.option("--long", type=int, default=0, help="Also run the readout forward over one clip of this many nodes.")
def main(long: int) -> None:
    warnings.filterwarnings("ignore", category=UserWarning)  # torch: nested tensors are a prototype
    computer = describe()
    torch.set_num_threads(computer.cores)
    click.echo(f"{computer.label}; torch {computer.versions['torch']}; F {CHANNELS}, {HEADS} heads\n")
    rows = [[f"{case}, {name}", *values] for case, sizes in CASES.items() for name, values in measure(sizes).items()]
    click.echo(markdown(["", "forward, ms", "forward + backward, ms", "MB beyond the inputs"], rows))
    if long:
        readout, x, batch = AttentionReadout(64, 3, HEADS), torch.randn(long, 64), torch.zeros(long, dtype=torch.int64)
        begin = time.perf_counter()
        held = peak(torch.no_grad()(lambda: readout(x, batch, 1)), "cpu")
        seconds = time.perf_counter() - begin
        click.echo(f"\none clip of {long:,} nodes, F 64, forward: {seconds:.1f} s, {megabytes(held)} MB")


if __name__ == "__main__":
    main()
