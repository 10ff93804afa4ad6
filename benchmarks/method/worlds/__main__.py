"""Compares variants of the graph in a suite of worlds.

    python -m benchmarks.method.worlds run --out rows.jsonl
    python -m benchmarks.method.worlds analyse rows.jsonl

See worlds.md.
"""

from pathlib import Path

import click
import torch

from atm_gcn.errors import ATMGCNError
from benchmarks.method.worlds import baselines, one_movement, two_movements
from benchmarks.method.worlds.recorded import recorded_worlds
from benchmarks.method.worlds.rows import append, read_rows
from benchmarks.method.worlds.running import measure, plan, schedule, settings_of
from benchmarks.method.worlds.variants import VARIANTS, lacking, variant_named
from benchmarks.method.worlds.world import CachedStore

DRAWN = [*two_movements.WORLDS, *one_movement.WORLDS]


class Numbers(click.ParamType):
    """Whole numbers: ``0,1,2``."""

    name = "numbers"

    def convert(self, value, param, context):
        try:
            return value if isinstance(value, list) else [int(part) for part in value.split(",")]
        except ValueError:
            self.fail(f"{value!r} is no list of whole numbers, such as 0,1,2")


class Shard(click.ParamType):
    """``i/n``."""

    name = "i/n"

    def convert(self, value, param, context):
        if isinstance(value, tuple):
            return value
        first, _, count = value.partition("/")
        if not (first.isdigit() and count.isdigit() and 1 <= int(first) <= int(count)):
            self.fail(f"{value!r} is no part of a whole, such as 1/2")
        return int(first), int(count)


@click.group()
def main() -> None:
    """Compare variants of the graph in a suite of worlds."""


@main.command()
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="File of rows, .jsonl.")
@click.option("--variants", help="Names, separated by semicolons, or baselines. [default: all]")
@click.option("--worlds", help="Names, separated by semicolons. [default: all]")
@click.option("--seeds", type=Numbers(), default="0,1,2", show_default=True)
@click.option("--shard", type=Shard(), default="1/1", show_default=True, help="Measure every n-th, from the i-th.")
@click.option("--real-flow", type=click.Path(path_type=Path), help="Folder of manifest.csv and pictures of flow.")
@click.option("--aeon", type=click.Path(path_type=Path), help="Folder of the package aeon, or of its series.")
def run(
    out: Path,
    variants: str | None,
    worlds: str | None,
    seeds: list[int],
    shard: tuple[int, int],
    real_flow: Path | None,
    aeon: Path | None,
) -> None:
    """Measure what the file of rows lacks."""
    try:
        _run(out, variants, worlds, seeds, shard, real_flow, aeon)
    except ATMGCNError as error:
        raise click.ClickException(str(error)) from error


def _run(out, variants, worlds, seeds, shard, real_flow, aeon):
    torch.set_num_threads(1)
    recorded, left_out = recorded_worlds(real_flow, aeon)
    chosen = _chosen([*DRAWN, *recorded], worlds)
    names = _names(variants)
    for line in [*left_out, *(f"{name}: {why}" for name in names if (why := lacking_of(name)))]:
        click.echo(f"left out: {line}", err=True)
    names = [name for name in names if not lacking_of(name)]
    done = {row.key: row for row in (read_rows(out) if out.exists() else [])}
    stores: dict[tuple[str, int], CachedStore] = {}
    for world, name, seed in plan(chosen, names, seeds, shard):
        drawn = world.name, seed if world.redrawn else 0
        if drawn not in stores:
            stores[drawn] = world.store(drawn[1])
        row = done.get((world.name, name, seed))
        if row is None:
            row = measure(world, stores[drawn], name, seed)
            append(out, row)
            click.echo(f"{row.world} | {row.variant} | {row.seed} | UF1 {row.uf1:.3f} | {row.seconds:.1f} s", err=True)
        elif (row.settings, row.data, row.schedule) != (settings_of(name), stores[drawn].checksum[:8], schedule()):
            raise ATMGCNError(
                f"{out}: {name} in world {world.name}, seed {seed}, was measured with other settings or clips; write to "
                "another file"
            )


def lacking_of(name: str) -> str:
    return "" if name in baselines.NAMES else lacking(name)


def _names(text: str | None) -> list[str]:
    if text is None:
        return [*baselines.NAMES, *VARIANTS]
    names = []
    for name in (part.strip() for part in text.split(";")):
        names += baselines.NAMES if name == "baselines" else [name]
    for name in names:
        if name not in baselines.NAMES:
            variant_named(name)
    return names


def _chosen(worlds, text):
    if text is None:
        return worlds
    by_name = {world.name: world for world in worlds}
    names = [part.strip() for part in text.split(";")]
    for name in names:
        if name not in by_name:
            raise ATMGCNError(f"world must be one of {', '.join(by_name)}, not {name!r}")
    return [by_name[name] for name in names]


if __name__ == "__main__":
    main()
