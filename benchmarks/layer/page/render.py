"""Write the results section of layer/README.md and its two plots from a results file."""

from pathlib import Path

import click

from atm_gcn.files import write_text
from benchmarks.layer.compare import COMPILED, EAGER
from benchmarks.layer.page.plots import plot
from benchmarks.layer.page.schema import Results
from benchmarks.layer.page.tables import case_table, losses, memory_table, notes, ratio_table, scaling_table, sum_table

HERE = Path(__file__).parents[1]
LOST = (
    "Faster implementations; in brackets, the time of {} divided by theirs. For implementations that are given N(A), "
    "the number after the semicolon is for the layer given N(A) too:\n"
)
BEGIN, END = "<!-- results: written by render.py -->", "<!-- end of results -->"


def section(results: Results) -> str:
    """Everything between the two marks of the README."""
    machine = results.machine
    versions = ", ".join(f"{name} {version}" for name, version in machine.versions.items())
    parts = [
        f"Measured on {machine.label} with {results.threads} threads ({machine.system}; Python {machine.python}; "
        f"{versions}), {results.date}, seed {results.seed}.",
        "### One layer, forward + backward\n\n" + ratio_table(results.layers, "train"),
        "![Time against n](time.png)",
        "### One layer, forward\n\n" + ratio_table(results.layers, "forward"),
        "### Where the layer loses\n\n"
        + lost(results, "the faster of the layer and the layer compiled", EAGER, COMPILED),
        "### Where the compiled layer loses\n\n" + lost(results, "the compiled layer", COMPILED),
        "### Peak memory, forward + backward, MB beyond the inputs\n\n" + memory_table(results.layers),
        "![Memory against n](memory.png)",
    ]
    skipped = notes(results.layers)
    if skipped:
        parts.append("### Not timed\n\n" + "\n".join(f"- {line}" for line in skipped))
    if results.left_out:
        parts.append("### Left out\n\n" + "\n".join(f"- {one.what}: {one.why}" for one in results.left_out))
    parts += ["### The whole graph stack\n" + case_table(case) for case in results.stacks]
    if results.sums:
        parts.append("### The weighted sum alone\n" + sum_table(results))
    if results.scaling:
        parts.append("### Long clips\n" + scaling_table(results))
    return "\n\n".join(parts)


def lost(results: Results, what: str, *ways: str) -> str:
    """The sizes at which a rival is faster than some ways."""
    lines = losses(results.layers, ways)
    return "\n".join([LOST.format(what), *(f"- {line}" for line in lines)]) if lines else "Nowhere in this run."


def insert(readme: str, text: str) -> str:
    """Put the section between the marks.

    Raises:
        ValueError: If a mark is missing.
    """
    if BEGIN not in readme or END not in readme:
        raise ValueError(f"README.md needs the lines {BEGIN!r} and {END!r}: the results go between them")
    return f"{readme.partition(BEGIN)[0]}{BEGIN}\n\n{text}\n\n{END}{readme.partition(END)[2]}"


@click.command(help=__doc__)
@click.argument("source", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=HERE,
    help="Folder of the page.",
)
def main(source: Path, folder: Path) -> None:
    results, readme = Results.read(source), folder / "README.md"
    write_text(readme, insert(readme.read_text(encoding="utf-8"), section(results)))
    plot(results, "time", folder / "time.png")
    plot(results, "memory", folder / "memory.png")


if __name__ == "__main__":
    main()
