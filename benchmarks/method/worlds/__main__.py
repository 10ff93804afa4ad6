"""Compares variants of the graph in a suite of worlds.

    python -m benchmarks.method.worlds run --out rows.jsonl
    python -m benchmarks.method.worlds analyse rows.jsonl

See worlds.md.
"""

from pathlib import Path

import click
import torch

from atm_gcn.errors import ATMGCNError
from benchmarks.common.machine import describe
from benchmarks.common.results import out_option
from benchmarks.method.worlds import analysis, baselines, one_movement, two_movements
from benchmarks.method.worlds.recorded import all_recorded, recorded_worlds
from benchmarks.method.worlds.rows import Results, append, merged, read_rows
from benchmarks.method.worlds.running import measure, plan, schedule, settings_of
from benchmarks.method.worlds.variants import VARIANTS, by_nearness, lacking, variant_named
from benchmarks.method.worlds.world import CachedStore, World

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
                f"{out}: {name} in world {world.name}, seed {seed}, was measured with other settings or clips; name "
                "another file in --out"
            )


@main.command()
@click.argument("files", type=click.Path(path_type=Path, exists=True, dir_okay=False), nargs=-1, required=True)
@click.option("--chosen", help="Show the parts of this variant. [default: the one that the rule chooses]")
@click.option("--seeds", type=Numbers(), default="0,1,2", show_default=True)
def analyse(files: tuple[Path, ...], chosen: str | None, seeds: list[int]) -> None:
    """Print the scores, the choice by the rule of the page, and what the parts of a variant contribute.

    Variants that lack one of the seeds in a world are left out there.
    """
    try:
        rows = analysis.with_all_seeds(merged(files), seeds)
        measured = {row.world for row in rows}
        worlds = [world for world in known_worlds() if world.name in measured]
        names, choosing = [world.name for world in worlds], [world.name for world in worlds if world.chooses]
        variants = list(dict.fromkeys([*baselines.NAMES, *VARIANTS, *sorted(row.variant for row in rows)]))
        click.echo(analysis.score_table(rows, variants, names, choosing) + "\n")
        ranked = analysis.standings(rows, list(VARIANTS), choosing)
        if ranked:
            click.echo(analysis.standing_table(ranked) + "\n")
            choice = analysis.choose(rows, ranked, choosing, by_nearness())
            click.echo(f"Smallest worst loss: {ranked[0].variant}. Chosen: {choice}.\n")
            chosen = chosen or choice
        if chosen:
            click.echo(f"{chosen}:\n{analysis.contributions(rows, chosen, names)}")
    except ATMGCNError as error:
        raise click.ClickException(str(error)) from error


@main.command()
@click.argument("files", type=click.Path(path_type=Path, exists=True, dir_okay=False), nargs=-1, required=True)
@out_option
def keep(files: tuple[Path, ...], out: Path | None) -> None:
    """Join files of rows into one results file."""
    try:
        click.echo(Results(machine=describe(), rows=merged(files)).write(out))
    except ATMGCNError as error:
        raise click.ClickException(str(error)) from error


def known_worlds() -> list[World]:
    """All worlds, those too whose folder is not given."""
    return [*DRAWN, *(world for world, _, _ in all_recorded(None, None))]


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
