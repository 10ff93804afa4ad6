"""Scores of spotting as JSON."""

import math
from typing import Any

from atm_gcn.metrics.spotting.scoring import Spotted, SpottingScores


def record_of(scores: SpottingScores) -> dict[str, Any]:
    """Scores as JSON; a score that is not a number is null."""
    rows = {**scores.kinds, "overall": scores.overall}
    record: dict[str, Any] = {name: _counts(one) for name, one in rows.items()}
    record |= {"analysis": None, "strs": None, "num_videos": scores.num_videos, "as_published": scores.as_published}
    if scores.analysis is not None:
        record["analysis"] = {name: _finite(value) for name, value in vars(scores.analysis).items()}
        record["strs"] = _finite(scores.strs)
    if not scores.as_published and scores.num_videos > 1:
        record["interval_95"] = {name: list(ends) for name, ends in scores.intervals().items()}
    return record


def _counts(one: Spotted) -> dict[str, float]:
    return {"tp": one.tp, "fp": one.fp, "fn": one.fn, "precision": one.precision, "recall": one.recall, "f1": one.f1}


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value
