"""What is measured: scores of a spotter on one set of videos."""

from pydantic import Field

from atm_gcn.spotting import SpottingResults
from benchmarks.common.results import ResultsFile, Strict


class Row(Strict):
    """Scores of one spotter on one set of videos, pooled over the people who were held out.

    Args:
        people: ``"quiet"`` or ``"lively"``.
        spotter: ``"threshold"`` or ``"learnt"``.
        kind: Of the expressions: ``"micro"`` or ``"macro"``.
        tp: Expressions that were found; ``fn`` those that were not.
        fp: False alarms, of which ``in_macro`` overlap a macro-expression.
        f1: Of spotting, with ``f1_interval``, its 95 % interval over videos.
        per_minute: False alarms per minute of video.
        f1_of_classes: F1 of the analysis; ``strs`` is the product of the two; None for macro-expressions.
    """

    people: str
    spotter: str
    kind: str
    tp: int
    fp: int
    fn: int
    in_macro: int | None
    precision: float
    recall: float
    f1: float
    f1_interval: tuple[float, float]
    per_minute: float
    f1_of_classes: float | None
    strs: float | None


class Results(ResultsFile):
    program = "spot-and-recognise"
    num_people: int
    minutes_each: float
    size: int
    seed: int
    folds: int
    epochs: int
    steps: int
    rows: list[Row] = Field(default_factory=list)


def rows_of(people: str, results: SpottingResults) -> list[Row]:
    """A row for everything that was looked for."""
    rows = []
    for sought in results.sought:
        own = results.of(sought)
        row = Row(
            people=people,
            spotter=sought.spotter,
            kind=sought.kind,
            in_macro=own.get("false_alarms_in_macro_expressions"),
            **{name: own["overall"][name] for name in ("tp", "fp", "fn", "precision", "recall", "f1")},
            f1_interval=own["interval_95"]["f1"],
            per_minute=own["false_alarms_per_minute"],
            f1_of_classes=own["analysis"]["f1"] if own["analysis"] else None,
            strs=own["strs"],
        )
        rows.append(row)
    return rows
