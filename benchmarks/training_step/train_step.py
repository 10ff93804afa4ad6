"""What does a training step cost, in time and memory, against the same network written plainly?

Every side is a process of its own with the same weights; they take turns. Features and gradients must agree with the
plain network's in float64 before anything is timed. See README.md beside this file.
"""

import random
import statistics
import sys
import time
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import click
import torch

from atm_gcn.machine import Machine as Limits
from atm_gcn.machine import available_cores
from atm_gcn.model import MotionEncoder
from benchmarks.common.limits import lines_of, too_long
from benchmarks.common.machine import describe
from benchmarks.common.results import LeftOut, ResultsFile, Spread, Strict, out_option
from benchmarks.common.timing import spread, synchronize
from benchmarks.training_step.step_sides import SIDES, Side, affordable, serve

TOLERANCE = {"float32": 1e-2, "bfloat16": 0.4}  # Euclidean norm of the error over that of the value in float64
CLIP = 6  # frames of a clip
PRODUCT = 3072  # rows and columns of the matrices whose product gives a device's peak
ENOUGH = 5.0  # seconds of such products


class SideResult(Strict):
    """One side: times of a step, and memory of one with almost twice as many frames.

    ``features`` and ``gradients``: the relative error against the plain network in float64, by Euclidean norms.
    """

    side: str
    features: float
    gradients: float
    first_step: float
    step: Spread
    milliseconds_per_frame: float
    frames_per_second: float
    of_peak: float
    peak_bytes_per_frame: float
    peak_bytes_per_added_frame: float
    time_of_plain: float
    memory_of_plain: float


class Results(ResultsFile):
    program = "train-step"
    device: str
    threads: int
    frames: int
    size: int
    num_blocks: int
    multiply_adds: int
    flops: dict[str, float]
    wrong: list[str]
    sides: list[SideResult]


def matrix_product_peak(dtype: torch.dtype, device: str) -> float:
    """Operations per second of the fastest matrix product. The device must have instructions for the type."""
    one, two = (torch.randn(PRODUCT, PRODUCT, device=device).to(dtype) for _ in range(2))
    seconds: list[float] = []
    while len(seconds) < 6 and sum(seconds) < ENOUGH:
        synchronize(device)
        begin = time.perf_counter()
        one @ two
        synchronize(device)
        seconds.append(time.perf_counter() - begin)
    return 2 * PRODUCT**3 / min(seconds)


class Workers:
    """One process per side; only the one that is asked works."""

    def __init__(self, sides: list[Side], *arguments: object) -> None:
        context = get_context("spawn")
        self.pipes: dict[str, Connection] = {}
        self.processes: dict[str, BaseProcess] = {}
        for side in sides:
            here, there = context.Pipe()
            self.pipes[side.name] = here
            self.processes[side.name] = context.Process(target=serve, args=(there, side, *arguments), daemon=True)
            self.processes[side.name].start()
            there.close()

    def ask(self, name: str, question: str) -> Any:
        self.pipes[name].send(question)
        try:
            return self.pipes[name].recv()
        except EOFError as error:
            raise click.ClickException(f"{name}: its process died, most likely because memory ran out") from error

    def last(self, name: str, question: str) -> Any:
        """Ask, then end the process to free its memory."""
        answer = self.ask(name, question)
        self.dismiss(name)
        return answer

    def dismiss(self, name: str) -> None:
        """End a process."""
        self.pipes[name].send(None)
        self.processes[name].join()


def errors(given: dict[str, torch.Tensor], exact: dict[str, torch.Tensor]) -> tuple[float, float]:
    """Relative errors of the features and of all gradients together, by Euclidean norms."""

    def error(names: list[str]) -> float:
        one, other = (torch.cat([values[name].flatten() for name in names]) for values in (given, exact))
        return float((one - other).norm() / other.norm())

    return error(["features"]), error([name for name in exact if name != "features"])


@click.command(help=__doc__)
@click.option("--device", default="cpu", show_default=True, help="cpu or cuda.")
@click.option("--clips", default=3, show_default=True, help=f"Clips per step, of {CLIP} frames each.")
@click.option("--size", default=224, show_default=True, help="Height and width of a frame.")
@click.option("--blocks", default=4, show_default=True, help="Continuous attention blocks.")
@click.option("--rounds", default=5, show_default=True, help="Readings of each side.")
@click.option("--threads", default=available_cores(), show_default=True, help="CPU threads.")
@click.option("--sides", "wanted", help="Names of sides, separated by semicolons; all by default.")
@click.option("--longest", default=600.0, show_default=True, help="Seconds that the readings of a side may take.")
@out_option
def main(
    device: str,
    clips: int,
    size: int,
    blocks: int,
    rounds: int,
    threads: int,
    wanted: str | None,
    longest: float,
    out: Path | None,
) -> None:
    """Compare sides, print a table, write the results file; exit with 1 if a side was wrong."""
    torch.set_num_threads(threads)
    names, limits = wanted.split(";") if wanted else [side.name for side in SIDES], Limits.of(torch.device(device))
    sides = [side for side in SIDES if side.name in names or side.name == "plain"]
    sides, left_out = affordable(sides, clips * CLIP, size, limits)
    if sides[:1] != [SIDES[0]]:
        raise click.ClickException(f"{left_out[0].what}: {left_out[0].why}; lower --clips or --size")
    precisions = ["float32", "bfloat16"] if limits.bfloat16 else ["float32"]
    flops = {name: matrix_product_peak(getattr(torch, name), device) for name in precisions}
    alone = Workers(sides[:1], blocks, [CLIP] * clips, size, device, threads)
    exact = alone.last("plain", "exact")
    workers = Workers(sides, blocks, [CLIP] * clips, size, device, threads)
    error, first, seconds = {}, {}, {side.name: [] for side in sides}
    for side in sides:
        begin = time.perf_counter()
        given = workers.ask(side.name, "gradients")
        first[side.name] = time.perf_counter() - begin
        error[side.name] = errors(given, exact)
        why = too_long(rounds * workers.ask(side.name, "time"), longest)
        if why:
            left_out.append(LeftOut(what=side.name, why=why))
            workers.dismiss(side.name)
    sides = [side for side in sides if all(side.name != one.what for one in left_out)]
    if sides[:1] != [SIDES[0]]:
        raise click.ClickException(f"{lines_of(left_out).strip()} Lower --clips, --size or --rounds")
    order = [side.name for side in sides]
    for _ in range(rounds):
        random.Random(len(seconds["plain"])).shuffle(order)
        for name in order:
            seconds[name].append(workers.ask(name, "time"))
    peaks = {side.name: workers.last(side.name, "peaks") for side in sides}

    frames, work = clips * CLIP, MotionEncoder(512, blocks).cost(size).multiply_adds
    base, base_peaks = statistics.median(seconds["plain"]), peaks["plain"]
    rows, wrong = [], []
    for side in sides:
        precision = "bfloat16" if side.bfloat16 else "float32"
        if not all(value <= TOLERANCE[precision] for value in error[side.name]):
            wrong.append(f"{side.name}: features {error[side.name][0]:.1e}, gradients {error[side.name][1]:.1e}")
        took, (less, more) = spread(seconds[side.name]), peaks[side.name]
        rows.append(
            SideResult(
                side=side.name,
                features=error[side.name][0],
                gradients=error[side.name][1],
                first_step=first[side.name],
                step=took,
                milliseconds_per_frame=1e3 * took.median / frames,
                frames_per_second=frames / took.median,
                of_peak=6 * work * frames / took.median / flops[precision],
                peak_bytes_per_frame=more / (2 * frames - CLIP),
                peak_bytes_per_added_frame=(more - less) / (frames - CLIP),
                time_of_plain=took.median / base,
                memory_of_plain=more / base_peaks[1],
            )
        )
    results = Results(
        machine=describe(device),
        device=device,
        threads=threads,
        frames=frames,
        size=size,
        num_blocks=blocks,
        multiply_adds=work,
        flops=flops,
        wrong=wrong,
        sides=[row for row in rows if all(row.side != text.split(":")[0] for text in wrong)],
        left_out=left_out,
    )
    click.echo(f"{results.write(out)}\n{table(results)}")
    sys.exit(1 if wrong else 0)


def table(results: Results) -> str:
    """The results as a table of Markdown."""
    lines = [
        "| side | ms per frame (quartiles) | of plain | frames/s | of the peak | MB per frame | of plain "
        "| MB per further frame | error of features, gradients | first step |",
        "| :-- | --: | --: | --: | --: | --: | --: | --: | --: | --: |",
    ]
    for row in results.sides:
        low, high = (1e3 * value / results.frames for value in (row.step.low, row.step.high))
        lines.append(
            f"| {row.side} | {row.milliseconds_per_frame:.1f} ({low:.1f} to {high:.1f}) | {row.time_of_plain:.2f} | "
            f"{row.frames_per_second:.1f} | {row.of_peak:.0%} | {row.peak_bytes_per_frame / 1e6:.1f} | "
            f"{row.memory_of_plain:.2f} | {row.peak_bytes_per_added_frame / 1e6:.1f} | "
            f"{row.features:.1e}, {row.gradients:.1e} | {row.first_step:.1f} s |"
        )
    return "\n".join(lines + [f"\nWrong: {name}" for name in results.wrong]) + lines_of(results.left_out)


if __name__ == "__main__":
    main()
