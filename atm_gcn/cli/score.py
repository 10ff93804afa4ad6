"""``atm-gcn score``: scores of files that any method wrote."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from atm_gcn.cli._shared.printing import echo, echo_json
from atm_gcn.cli._shared.types import PATH, Number, OneOf
from atm_gcn.defaults import KINDS

if TYPE_CHECKING:
    from atm_gcn.metrics.spotting import Analysis, SpottingScores

EXAMPLES = """\b
Examples:
  atm-gcn score spotting truth.csv found.csv
  atm-gcn score spotting run/truth.csv run/learnt.csv --kind micro
  atm-gcn score spotting truth.csv found.csv --classes negative,positive,surprise --json
  atm-gcn score spotting log.csv log.csv --as-published
"""


@click.group(short_help="Score the results of any method.", epilog=EXAMPLES)
def score() -> None:
    """Score files of results, of this or any other program."""


@score.command(epilog=EXAMPLES)
@click.argument("truth", type=PATH)
@click.argument("predictions", type=PATH)
@click.option(
    "--iou",
    type=Number(0, 1, min_open=True),
    default=0.5,
    show_default=True,
    help="Least intersection over union of a match.",
)
@click.option("--kind", type=OneOf(KINDS), help="Leave out intervals of the other kind. [default: score both]")
@click.option("--classes", metavar="A,B,...", help="Classes of the analysis. [default: those of TRUTH]")
@click.option(
    "--as-published", is_flag=True, help="Compute the scores as the challenge's script does; see docs/spotting.md."
)
@click.option("--log", "log_file", type=PATH, help="Also write the challenge's log, as CSV.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def spotting(
    truth: Path,
    predictions: Path,
    iou: float,
    kind: str | None,
    classes: str | None,
    as_published: bool,
    log_file: Path | None,
    as_json: bool,
) -> None:
    """F1 of spotting, and the spot-then-recognise score (STRS), of intervals in long videos.

    TRUTH and PREDICTIONS are CSV files with the columns video, onset and offset, frames counted inclusively, and
    perhaps subject, emotion and type (micro or macro); or logs of the challenge. The table of atm-gcn predict --csv is
    such a file.
    """
    from atm_gcn.metrics.spotting import read_intervals, record_of, spotting_scores, write_log

    sides = read_intervals(truth, "truth"), read_intervals(predictions, "predicted")
    annotated, spotted = ([one for one in side.intervals if kind in (None, one.kind)] for side in sides)
    found = spotting_scores(
        annotated,
        spotted,
        iou,
        None if classes is None else [name.strip() for name in classes.split(",")],
        as_published,
        [*sides[0].videos, *sides[1].videos],
    )
    if log_file is not None:
        write_log(log_file, found)
    echo_json(record_of(found)) if as_json else echo("\n".join(_lines(found)))


def _lines(scores: "SpottingScores") -> Iterator[str]:
    how = ", as published" if scores.as_published else ""
    yield f"{scores.num_videos} videos{how}"
    yield ""
    yield f"{'spotting':<12}{'TP':>7}{'FP':>7}{'FN':>7}{'precision':>11}{'recall':>9}{'F1':>9}"
    for name, one in {**scores.kinds, "overall": scores.overall}.items():
        if name == "overall" or len(scores.kinds) > 1:
            yield (f"{name:<12}{one.tp:>7}{one.fp:>7}{one.fn:>7}{one.precision:>11.4f}{one.recall:>9.4f}{one.f1:>9.4f}")
    intervals = {} if scores.as_published or scores.num_videos < 2 else scores.intervals()
    if scores.analysis is not None:
        yield ""
        yield from _analysis(scores.analysis)
        yield ""
        yield f"STRS {scores.strs:.4f}: F1 of spotting {scores.f1:.4f} times F1 of analysis {scores.analysis.f1:.4f}"
    if intervals:
        yield "95 % over videos: " + ", ".join(
            f"{name} {low:.2f}-{high:.2f}"
            for name, (low, high) in zip(("F1", "STRS"), intervals.values(), strict=False)
        )


def _analysis(analysis: "Analysis") -> Iterator[str]:
    yield f"analysis of what was spotted: {', '.join(analysis.classes)}"
    values = {"precision": analysis.precision, "recall": analysis.recall, "F1": analysis.f1, "UF1": analysis.uf1}
    values["UAR"] = analysis.uar
    yield "".join(f"{name:>11}" for name in values)
    yield "".join(f"{value:>11.4f}" for value in values.values())
