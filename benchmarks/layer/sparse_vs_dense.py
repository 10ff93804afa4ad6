"""Do sparse temporal graphs beat dense adjacency matrices, where, and by how much?

Every side computes the same layer, passes the same gate, and is timed in turn with the others. See README.md beside
this file for the results and how to read them.
"""

import math
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import click
import torch

from atm_gcn.machine import Machine
from benchmarks.common.limits import lacks, lines_of, too_long
from benchmarks.common.machine import describe
from benchmarks.common.results import LeftOut, out_option
from benchmarks.layer.cases import DEFAULT, FULL, QUICK, Case
from benchmarks.layer.compare import Settings, compare_layers
from benchmarks.layer.gate import TOLERANCE
from benchmarks.layer.page.schema import Results
from benchmarks.layer.page.tables import case_table, scaling_table, sum_table
from benchmarks.layer.scaling import CHANNELS, LENGTHS, WINDOW, million, scale
from benchmarks.layer.stacks import compare_stacks
from benchmarks.layer.sums import copy_bandwidth, time_sums

STACK = "16x63x2x512"
QUICK_STACK = "4x15x2x128"
SUMS = ("16x1023x2x128", "64x1023x2x256")
MILLION = Case(1, 1_000_000, WINDOW, CHANNELS)
LIMIT = 2e9  # bytes, or a quarter of the memory
LONGEST = 3600.0  # seconds


def sizes_of(context: click.Context, option: click.Parameter, value: str | None) -> list[Case] | None:
    try:
        return None if value is None else [Case.parse(text) for text in value.split(",")]
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


@click.command(help=__doc__)
@click.option("--device", default="cpu", show_default=True, help="cpu or cuda.")
@click.option(
    "--sizes", callback=sizes_of, help="Comma-separated BxNxWxF (clips, nodes, window, channels); r at the end: ragged."
)
@click.option("--quick", is_flag=True, help="Three sizes, few rounds, short clips: half a minute, for a first look.")
@click.option("--full", is_flag=True, help="Every combination of sizes: hours.")
@click.option("--layers-only", is_flag=True, help="Neither the stack, nor the weighted sum alone, nor long clips.")
@click.option("--threads", type=click.IntRange(1), help="[default: the cores that this process may use]")
@click.option("--rounds", type=click.IntRange(2), default=15, show_default=True, help="Readings of every side.")
@click.option(
    "--budget", type=float, default=2.0, show_default=True, help="Seconds for the readings of one size and direction."
)
@click.option(
    "--memory-limit", type=float, help="GB above which a side is skipped. [default: 2, or a quarter of the memory]"
)
@click.option(
    "--longest", type=float, help="Seconds after which nothing more is begun. [default: 3600; with --full no limit]"
)
@click.option("--seed", type=int, default=0, show_default=True)
@out_option
def main(
    device: str,
    sizes: list[Case] | None,
    quick: bool,
    full: bool,
    layers_only: bool,
    threads: int | None,
    rounds: int,
    budget: float,
    memory_limit: float | None,
    longest: float | None,
    seed: int,
    out: Path | None,
) -> None:
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise click.UsageError(f"--device {device}: torch sees no CUDA device; leave out the option")
    warnings.filterwarnings("ignore", category=UserWarning)  # torch: sparse CSR is in beta
    torch._dynamo.config.recompile_limit = 64  # every window and width is a graph of its own
    begin = time.perf_counter()
    computer = describe(device)
    threads = threads or computer.cores
    torch.set_num_threads(threads)
    limits = Machine.of(torch.device(device))
    limit = memory_limit * 1e9 if memory_limit else min(LIMIT, limits.memory / 4)
    settings = Settings(device, min(rounds, 7) if quick else rounds, budget, seed, limit)
    last = longest or (math.inf if full else LONGEST)
    cases = sizes or [Case.parse(text) for text in (FULL if full else QUICK if quick else DEFAULT)]
    results = Results(
        machine=computer,
        device=device,
        threads=threads,
        seed=seed,
        tolerance=TOLERANCE,
        memory_limit=settings.limit,
        copy_bandwidth=copy_bandwidth(settings),
    )

    def keep(what: object) -> None:
        """Write the results so far: a run that is stopped leaves the sizes that it finished."""
        results.seconds = time.perf_counter() - begin
        click.echo(f"{results.write(out)}: {what} written after {results.seconds:.0f} s", err=True)

    def may(what: str, compile: bool = False, needs: float = 0.0) -> bool:
        """Whether to begin something; if not, the reason is added to the results."""
        why = lacks(limits, compile=compile, needs=needs) or too_long(time.perf_counter() - begin, last)
        if why:
            results.left_out.append(LeftOut(what=what, why=why))
        return not why

    for case in cases:
        if may(str(case), needs=case.bytes):
            results.layers.append(compare_layers(case, settings))
            click.echo(case_table(results.layers[-1]))
            keep(case)
    if not layers_only:
        beyond_layers(results, settings, quick, threads, keep, may)
    if results.left_out:
        keep("what was left out")
        click.echo(lines_of(results.left_out))
    if results.wrong:
        raise click.ClickException("these sides are wrong and were not timed: " + "; ".join(results.wrong))


def beyond_layers(
    results: Results,
    settings: Settings,
    quick: bool,
    threads: int,
    keep: Callable[[object], None],
    may: Callable[..., bool],
) -> None:
    """The whole stack, the weighted sum alone, and long clips."""
    stack = Case.parse(QUICK_STACK if quick else STACK)
    if may(f"the stack at {stack}", needs=stack.bytes):
        results.stacks.append(compare_stacks(stack, settings))
        click.echo(case_table(results.stacks[-1]))
        keep("the stack")
    lengths = LENGTHS[:3] if quick else LENGTHS
    needs = sum(Case(1, nodes, WINDOW, CHANNELS).bytes for nodes in lengths)
    for compile in (False, True):
        if may(f"long clips{', compiled' * compile}", compile, needs):
            results.scaling.append(scale(settings, compile, lengths))
            keep("long clips")
    if not quick and may("a million nodes", needs=MILLION.bytes):
        results.million.append(million(settings, False, threads))
        keep("a million nodes")
    if results.scaling:
        click.echo(scaling_table(results))
    compiler = may("the weighted sum, compiled", compile=True)
    for case in map(Case.parse, SUMS[: 1 if quick else None]):
        if may(f"the weighted sum at {case}", needs=case.bytes):
            results.sums += time_sums(case, settings, compiler)
    click.echo(sum_table(results))
    keep("everything")


if __name__ == "__main__":
    main()
