"""What the rows say: scores, losses against the best, the chosen variant, and what its parts contribute."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from atm_gcn.errors import ATMGCNError
from atm_gcn.files.text_table import aligned
from atm_gcn.metrics.permutation_test import Difference, paired_permutation_test
from benchmarks.method.worlds.rows import Row

PARTS = ("w/o GCN", "w/o ATM")
CONFIRMS = 0.0
"""Lower end of an interval above which a part counts as helpful."""


class Standing(NamedTuple):
    """How a variant stands in the worlds that choose.

    Args:
        variant: Its name.
        worst_loss: Largest difference to the best variant of a world, over the worlds.
        mean_rank: Mean over the worlds of its rank among the variants, 1 for the best.
        where: The world of the largest difference.
    """

    variant: str
    worst_loss: float
    mean_rank: float
    where: str


def with_all_seeds(rows: Sequence[Row], seeds: Sequence[int]) -> list[Row]:
    """The rows of these seeds, without the variants of a world that lack one: seeds differ in difficulty."""
    measured = {row.key for row in rows}
    return [
        row for row in rows if row.seed in seeds and all((row.world, row.variant, seed) in measured for seed in seeds)
    ]


def mean_scores(rows: Sequence[Row]) -> dict[tuple[str, str], float]:
    """(world, variant) -> UF1, mean of the seeds."""
    seeds: dict[tuple[str, str], dict[int, float]] = {}
    for row in rows:
        seeds.setdefault((row.world, row.variant), {})[row.seed] = row.uf1
    return {key: float(np.mean(list(values.values()))) for key, values in seeds.items()}


def standings(rows: Sequence[Row], variants: Sequence[str], worlds: Sequence[str]) -> list[Standing]:
    """The variants that were measured in all the worlds, the smallest worst loss first.

    Args:
        rows: Of the measurement.
        variants: Candidates.
        worlds: The worlds that choose.
    """
    scores = mean_scores(rows)
    complete = [variant for variant in variants if all((world, variant) in scores for world in worlds)]
    if not complete or not worlds:
        return []
    table = np.array([[scores[world, variant] for world in worlds] for variant in complete])  # [V, W]
    losses = table.max(axis=0) - table
    ranks = 1 + (table[None] > table[:, None] + 1e-12).sum(axis=1)
    found = [
        Standing(variant, float(loss.max()), float(rank.mean()), worlds[int(loss.argmax())])
        for variant, loss, rank in zip(complete, losses, ranks, strict=True)
    ]
    return sorted(found, key=lambda one: (one.worst_loss, one.mean_rank))


def choose(rows: Sequence[Row], ranked: Sequence[Standing], worlds: Sequence[str], nearness: Sequence[str]) -> str:
    """The chosen variant by the rule of the page.

    The one with the smallest worst loss leads. A variant ties with it if in no world that chooses the interval of their
    difference lies wholly on the leader's side. Of those that tie, the one nearest to the text of the paper is chosen.

    Args:
        rows: Of the measurement.
        ranked: Of :func:`standings`.
        worlds: The worlds that choose.
        nearness: All variants, the one nearest to the text of the paper first.
    """
    leader = ranked[0].variant
    ties = [
        one.variant
        for one in ranked
        if one.variant == leader or all(difference(rows, world, leader, one.variant).low <= 0 for world in worlds)
    ]
    return min(ties, key=list(nearness).index)


def difference(rows: Sequence[Row], world: str, first: str, second: str) -> Difference:
    """UF1 of the first variant minus that of the second, pooled over the seeds that both have.

    Raises:
        ATMGCNError: If they have no seed in common, or were measured on other clips.
    """
    found = {(row.variant, row.seed): row for row in rows if row.world == world and row.variant in (first, second)}
    seeds = sorted(seed for name, seed in found if name == first and (second, seed) in found)
    pairs = [(found[first, seed], found[second, seed]) for seed in seeds]
    if not pairs or any((one.data, one.schedule) != (other.data, other.schedule) for one, other in pairs):
        raise ATMGCNError(f"world {world}: {first} and {second} were not measured on the same clips; run both again")
    same_people = len({one.data for one, _ in pairs}) == 1
    sides = []
    for side in zip(*pairs, strict=True):
        counts = [row.confusions for row in side]
        sides.append(np.stack(counts, axis=1) if same_people else np.concatenate(counts)[:, None])
    return paired_permutation_test(*sides)["uf1"]


def contributions(rows: Sequence[Row], variant: str, worlds: Sequence[str]) -> str:
    """A table of what a variant loses in every world without its parts."""
    measured = {(row.world, row.variant) for row in rows}
    table = [["world", *(f"full minus {part}" for part in PARTS)]]
    ahead = dict.fromkeys(PARTS, 0)
    for world in worlds:
        line = [world]
        for part in PARTS:
            other = f"{variant} {part}"
            if not {(world, variant), (world, other)} <= measured:
                line.append("")
                continue
            found = difference(rows, world, variant, other)
            ahead[part] += found.low > CONFIRMS
            line.append(str(found))
        table.append(line)
    counts = "; ".join(f"{part} in {count} of {len(worlds)} worlds" for part, count in ahead.items())
    return f"{_text(table)}\nIntervals above 0: {counts}."


def score_table(rows: Sequence[Row], variants: Sequence[str], worlds: Sequence[str], choosing: Sequence[str]) -> str:
    """UF1 of every variant and world, means of the seeds; a star marks the worlds that choose."""
    scores = mean_scores(rows)
    table = [["variant", *(f"{world}*" if world in choosing else world for world in worlds)]]
    for variant in variants:
        cells = [f"{scores[world, variant]:.3f}" if (world, variant) in scores else "" for world in worlds]
        if any(cells):
            table.append([variant, *cells])
    return _text(table)


def standing_table(ranked: Sequence[Standing]) -> str:
    table = [["variant", "worst loss", "in", "mean rank"]]
    table += [[one.variant, f"{one.worst_loss:.3f}", one.where, f"{one.mean_rank:.2f}"] for one in ranked]
    return _text(table)


def _text(table: list[list[str]]) -> str:
    return "\n".join(line.rstrip() for line in aligned(table))
