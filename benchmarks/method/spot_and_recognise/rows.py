"""What is measured: scores of a spotter on one set of videos."""

from typing import Any

from pydantic import Field

from benchmarks.common.results import ResultsFile, Strict


class Row(Strict):
    """Scores of one spotter on one set of videos, pooled over the people who were held out.

    Args:
        people: ``"quiet"`` or ``"lively"``.
        spotter: ``"threshold"`` or ``"learnt"``.
        tp: Micro-expressions that were found; ``fn`` those that were not.
        fp: False alarms, of which ``in_macro`` overlap a macro-expression.
        f1: Of spotting, with ``f1_interval``, its 95 % interval over videos.
        per_minute: False alarms per minute of video.
        f1_of_classes: F1 of the analysis; ``strs`` is the product of the two.
    """

    people: str
    spotter: str
    tp: int
    fp: int
    fn: int
    in_macro: int
    precision: float
    recall: float
    f1: float
    f1_interval: tuple[float, float]
    per_minute: float
    f1_of_classes: float
    strs: float


class Results(ResultsFile):
    program = "spot-and-recognise"
    num_people: int
    minutes_each: float
    size: int
    seed: int
    folds: int
    epochs: int
    rows: list[Row] = Field(default_factory=list)


def row_of(people: str, spotter: str, scores: dict[str, Any]) -> Row:
    """A row from the entry of a spotter in ``scores.json``."""
    counts = scores["overall"]
    return Row(
        people=people,
        spotter=spotter,
        tp=counts["tp"],
        fp=counts["fp"],
        fn=counts["fn"],
        in_macro=scores["false_alarms_in_macro_expressions"],
        precision=counts["precision"],
        recall=counts["recall"],
        f1=counts["f1"],
        f1_interval=tuple(scores["interval_95"]["f1"]),
        per_minute=scores["false_alarms_per_minute"],
        f1_of_classes=scores["analysis"]["f1"],
        strs=scores["strs"],
    )
