"""The results of a spotting run: intervals, classes and scores, as files and as text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from atm_gcn.defaults import KINDS, Kind
from atm_gcn.errors import ATMGCNError
from atm_gcn.files import read_json, write_json, write_text
from atm_gcn.files.csv_tables import csv_text
from atm_gcn.metrics.spotting import (
    Interval,
    SpottingScores,
    intersection_over_union,
    record_of,
    spotting_scores,
    write_log,
)
from atm_gcn.spotting.held_out.folds import SpottingFold
from atm_gcn.spotting.held_out.spotters import SPOTTERS, Sought, Spotter
from atm_gcn.spotting.layout import FIX, RECOGNISED, SCORES, SPOTTED, TRUTH, SpottingFolder, read_part
from atm_gcn.spotting.long_videos import LongVideo
from atm_gcn.spotting.motion import VideoMotion

MACRO, BOTH = "macro_expressions", "micro_and_macro"
"""Keys of ``scores.json`` below a spotter, whose other keys are of micro-expressions."""
COLUMNS = ("subject", "video", "onset", "apex", "offset", "emotion", "type", "strength", "result")


@dataclass(frozen=True)
class FoundInterval:
    """An interval that a spotter found.

    Args:
        interval: With the class that was predicted, None if its frames could not be read as a clip.
        apex: Frame number of the apex.
        strength: How sure the spotter is.
        probabilities: Of every class; empty without a class.
        is_right: Whether it matches an annotated interval of its kind.
    """

    interval: Interval
    apex: int
    strength: float
    probabilities: tuple[float, ...]
    is_right: bool


@dataclass(frozen=True)
class SpottingResults:
    """The results of a run.

    Args:
        scores: The content of ``scores.json``.
        found: Intervals of every spotter; empty where the results were read from ``scores.json`` alone.
    """

    scores: dict[str, Any]
    found: dict[str, list[FoundInterval]]

    @property
    def spotters(self) -> list[Spotter]:
        """The spotters that were run, in the order of :data:`~atm_gcn.spotting.held_out.spotters.SPOTTERS`."""
        return [name for name in SPOTTERS if name in self.scores["spotters"]]

    @property
    def sought(self) -> list[Sought]:
        """What was looked for: micro-expressions by every spotter, then macro-expressions, if they were."""
        macro = [Sought(name, "macro") for name in self.spotters if MACRO in self.scores["spotters"][name]]
        return [*map(Sought, self.spotters), *macro]

    def of(self, sought: Sought) -> dict[str, Any]:
        """Scores (``overall``, and of micro-expressions ``analysis`` and ``strs``) and ``settings`` of each fold."""
        own = self.scores["spotters"][sought.spotter]
        return own if sought.kind == "micro" else own[MACRO]

    def found_by(self, sought: Sought, place: tuple[str, str]) -> list[FoundInterval]:
        """What was found in a video."""
        own = self.found[sought.spotter]
        return [one for one in own if one.interval.place == place and one.interval.kind == sought.kind]

    def to_text(self) -> str:
        """A table with a row for each of :attr:`sought`."""
        return "\n".join(_lines(self))


def write_results(
    folder: SpottingFolder,
    folds: Sequence[SpottingFold],
    measured: Sequence[tuple[LongVideo, VideoMotion]],
    sought: Sequence[Sought],
    classes: Sequence[str],
) -> SpottingResults:
    """Score what all folds found, and write tables, logs and scores."""
    videos = [video for video, _ in measured]
    minutes = sum(motion.minutes for _, motion in measured)
    kinds = [kind for kind in KINDS if any(one.kind == kind for one in sought)]
    write_text(folder.path / TRUTH, csv_text(COLUMNS[:7], _truth_rows(videos, kinds)))
    found: dict[str, list[FoundInterval]] = {}
    scores: dict[str, Any] = {}
    for spotter in (one.spotter for one in sought if one.kind == "micro"):
        rows: list[FoundInterval] = []
        pooled: SpottingScores | None = None
        for each in (one for one in sought if one.spotter == spotter):
            predicted, settings = _predicted(each, folder, folds)
            matched = _matched(videos, [each.kind], predicted, classes if each.kind == "micro" else ())
            right = {id(match.predicted) for one in matched.matched.values() for match in one.matches}
            own = [replace(one, is_right=id(one.interval) in right) for one in predicted]
            rows += own
            own_scores = record_of(matched) | {
                "false_alarms_per_minute": matched.overall.fp / minutes if minutes else 0.0,
                "settings": settings,
            }
            if each.kind == "micro":
                scores[spotter] = own_scores | {"false_alarms_in_macro_expressions": _in_macro(own, videos)}
            else:
                scores[spotter][MACRO] = own_scores
                pooled = _matched(videos, kinds, rows)
                together = record_of(pooled)
                scores[spotter][BOTH] = together["overall"] | {"interval_95": together.get("interval_95", {})}
        rows.sort(key=lambda one: (one.interval.place, one.interval.onset))
        write_text(
            folder.path / f"{spotter}.csv", csv_text((*COLUMNS, *classes), [_row(one, len(classes)) for one in rows])
        )
        write_log(folder.path / f"{spotter}-log.csv", pooled or matched)
        found[spotter] = rows
    record = {
        "spotters": scores,
        "classes": list(classes),
        "minutes": minutes,
        "num_videos": len(videos),
        "num_people": len({video.subject for video in videos}),
    } | {f"num_{kind}": sum(len(video.expressions[kind]) for video in videos) for kind in KINDS}
    write_json(folder.path / SCORES, record)
    return SpottingResults(read_json(folder.path / SCORES, FIX), found)


def _matched(
    videos: Sequence[LongVideo], kinds: Sequence[Kind], found: Sequence[FoundInterval], classes: Sequence[str] = ()
) -> SpottingScores:
    """What was found beside what is annotated; without ``classes``, no class is scored."""
    truth = [one for kind in kinds for video in videos for one in video.expressions[kind]]
    predicted = [one.interval for one in found]
    return spotting_scores(truth, predicted, classes=classes, videos=[video.place for video in videos])


def read_results(path: str | Path) -> SpottingResults:
    """The scores of a finished run.

    Raises:
        ATMGCNError: If this is no folder of a spotting run, or the run is not finished.
    """
    folder = SpottingFolder(path)
    if not (folder.path / SCORES).is_file():
        assert folder.record
        raise ATMGCNError(f"{path}: the run is not finished; go on with the same command and --resume")
    return SpottingResults(read_json(folder.path / SCORES, FIX), {})


def _predicted(
    sought: Sought, folder: SpottingFolder, folds: Sequence[SpottingFold]
) -> tuple[list[FoundInterval], dict[str, dict[str, float]]]:
    """What the folds found, and the settings that each chose."""
    found, settings = [], {}
    for fold in folds:
        own = folder.fold(sought.name, fold.name)
        spotted = read_part(own / SPOTTED, folder.digest)
        recognised = read_part(own / RECOGNISED, folder.digest) if sought.kind == "micro" else {}
        if spotted is None or recognised is None:
            raise ATMGCNError(f"{own}: is not finished; go on with the same command and --resume")
        settings[fold.name] = spotted["settings"] | {"training_f1": spotted["training_f1"]}
        for number, one in enumerate(spotted["videos"]):
            rows = recognised["videos"][number]["probabilities"] if recognised else [None] * len(one["intervals"])
            for (onset, apex, offset, strength), row in zip(one["intervals"], rows, strict=True):
                emotion = None if row is None else recognised["classes"][row.index(max(row))]
                interval = Interval(one["video"], int(onset), int(offset), emotion, sought.kind, one["subject"])
                found.append(FoundInterval(interval, int(apex), strength, tuple(row or ()), False))
    return found, settings


def _row(one: FoundInterval, num_classes: int) -> list[object]:
    found = one.interval
    texts = [found.subject, found.video, found.onset, one.apex, found.offset, found.emotion, found.kind]
    probabilities = [f"{value:.6f}" for value in one.probabilities] or [""] * num_classes
    return [*texts, f"{one.strength:.6f}", "TP" if one.is_right else "FP", *probabilities]


def _truth_rows(videos: Sequence[LongVideo], kinds: Sequence[Kind]) -> Iterator[list[object]]:
    for video in videos:
        for kind in kinds:
            for one, apex in zip(video.expressions[kind], video.apexes[kind], strict=True):
                emotion = one.emotion if kind == "micro" else None  # what is found of others is not classified
                yield [video.subject, video.name, one.onset, apex, one.offset, emotion, kind]
        if not any(video.expressions[kind] for kind in kinds):
            yield [video.subject, video.name, None, None, None, None, "micro"]


def _in_macro(found: Sequence[FoundInterval], videos: Sequence[LongVideo]) -> int:
    """False alarms that share a frame with an annotated macro-expression."""
    macro = {video.place: video.expressions["macro"] for video in videos}
    false = [one.interval for one in found if not one.is_right]
    return sum(any(intersection_over_union(one, other) for other in macro[one.place]) for one in false)


def _lines(results: SpottingResults) -> Iterator[str]:
    scores = results.scores
    macro = f" and {scores['num_macro']} macro-expressions" if scores["num_macro"] else ""
    yield (
        f"{scores['num_videos']} videos of {scores['num_people']} people, {scores['minutes']:.1f} minutes, "
        f"{scores['num_micro']} micro-expressions{macro}"
    )
    yield ""
    yield (
        f"{'spotter':<15}{'TP':>5}{'FP':>6}{'FN':>6}{'precision':>11}{'recall':>8}{'F1':>8}{'FP per min':>12}"
        f"{'F1 of analysis':>16}{'STRS':>8}"
    )
    for sought in results.sought:
        one = results.of(sought)
        counts, analysis = one["overall"], one["analysis"]
        line = (
            f"{sought.title:<15}{counts['tp']:>5}{counts['fp']:>6}{counts['fn']:>6}{counts['precision']:>11.3f}"
            f"{counts['recall']:>8.3f}{counts['f1']:>8.3f}{one['false_alarms_per_minute']:>12.2f}"
        )
        yield (
            line
            if sought.kind == "macro"
            else f"{line}{analysis['f1'] if analysis else 0:>16.3f}{one['strs'] or 0:>8.3f}"
        )
    for sought in results.sought:
        ends = results.of(sought).get("interval_95", {})
        text = ", ".join(f"{key.upper()} {low:.2f}-{high:.2f}" for key, (low, high) in ends.items())
        if text:
            yield f"95 % over videos, {sought.title}: {text}"
    for spotter in results.spotters:
        if BOTH in scores["spotters"][spotter]:
            yield f"Micro- and macro-expressions together, {spotter}: F1 {scores['spotters'][spotter][BOTH]['f1']:.3f}"
