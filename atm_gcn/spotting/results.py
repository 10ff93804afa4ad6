"""The results of a spotting run: intervals, classes and scores, as files and as text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from atm_gcn.errors import ATMGCNError
from atm_gcn.files import read_json, write_json, write_text
from atm_gcn.files.csv_tables import csv_text
from atm_gcn.metrics.spotting import Interval, intersection_over_union, record_of, spotting_scores, write_log
from atm_gcn.spotting.held_out.folds import SpottingFold
from atm_gcn.spotting.held_out.spotters import SPOTTERS, Spotter
from atm_gcn.spotting.layout import FIX, RECOGNISED, SCORES, SPOTTED, TRUTH, SpottingFolder, read_part
from atm_gcn.spotting.long_videos import LongVideo
from atm_gcn.spotting.motion import VideoMotion

COLUMNS = ("subject", "video", "onset", "apex", "offset", "emotion", "type", "strength", "result")


@dataclass(frozen=True)
class FoundInterval:
    """An interval that a spotter found.

    Args:
        interval: With the class that was predicted, None if its frames could not be read as a clip.
        apex: Frame number of the apex.
        strength: How sure the spotter is.
        probabilities: Of every class; empty without a class.
        is_right: Whether it matches an annotated interval.
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
    def spotters(self) -> list[str]:
        """The spotters that were run, in the order of :data:`~atm_gcn.spotting.held_out.spotters.SPOTTERS`."""
        return [name for name in SPOTTERS if name in self.scores["spotters"]]

    def to_text(self) -> str:
        """A table with a row per spotter."""
        return "\n".join(_lines(self.scores, self.spotters))


def write_results(
    folder: SpottingFolder,
    folds: Sequence[SpottingFold],
    measured: Sequence[tuple[LongVideo, VideoMotion]],
    spotters: Sequence[Spotter],
    classes: Sequence[str],
) -> SpottingResults:
    """Score what all folds found, and write tables, logs and scores."""
    videos = [video for video, _ in measured]
    truth = [one for video in videos for one in video.micro]
    minutes = sum(motion.minutes for _, motion in measured)
    places = [video.place for video in videos]
    write_text(folder.path / TRUTH, csv_text(COLUMNS[:7], _truth_rows(videos)))
    found: dict[str, list[FoundInterval]] = {}
    scores: dict[str, Any] = {}
    for spotter in spotters:
        predicted, settings = _predicted(spotter, folder, folds)
        matched = spotting_scores(truth, [one.interval for one in predicted], classes=classes, videos=places)
        right = {id(match.predicted) for each in matched.matched.values() for match in each.matches}
        own = [_with_result(one, id(one.interval) in right) for one in predicted]
        rows = sorted(own, key=lambda one: (one.interval.place, one.interval.onset))
        header = (*COLUMNS, *classes)
        write_text(folder.path / f"{spotter}.csv", csv_text(header, map(_row, rows)))
        write_log(folder.path / f"{spotter}-log.csv", matched)
        found[spotter] = rows
        scores[spotter] = record_of(matched) | {
            "false_alarms_per_minute": matched.overall.fp / minutes if minutes else 0.0,
            "false_alarms_in_macro_expressions": _in_macro(rows, videos),
            "settings": settings,
        }
    record = {
        "spotters": scores,
        "classes": list(classes),
        "minutes": minutes,
        "num_videos": len(videos),
        "num_people": len({video.subject for video in videos}),
        "num_micro": len(truth),
        "num_macro": sum(len(video.macro) for video in videos),
    }
    write_json(folder.path / SCORES, record)
    return SpottingResults(read_json(folder.path / SCORES, FIX), found)


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
    spotter: Spotter, folder: SpottingFolder, folds: Sequence[SpottingFold]
) -> tuple[list[FoundInterval], dict[str, dict[str, float]]]:
    """What the folds of a spotter found, and the settings that each chose."""
    found, settings = [], {}
    for fold in folds:
        own = folder.fold(spotter, fold.name)
        spotted, recognised = (read_part(own / name, folder.digest) for name in (SPOTTED, RECOGNISED))
        if spotted is None or recognised is None:
            raise ATMGCNError(f"{own}: is not finished; go on with the same command and --resume")
        settings[fold.name] = spotted["settings"] | {"training_f1": spotted["training_f1"]}
        for one, classes in zip(spotted["videos"], recognised["videos"], strict=True):
            for (onset, apex, offset, strength), row in zip(one["intervals"], classes["probabilities"], strict=True):
                emotion = None if row is None else recognised["classes"][row.index(max(row))]
                interval = Interval(one["video"], int(onset), int(offset), emotion, subject=one["subject"])
                found.append(FoundInterval(interval, int(apex), strength, tuple(row or ()), False))
    return found, settings


def _with_result(one: FoundInterval, is_right: bool) -> FoundInterval:
    return FoundInterval(one.interval, one.apex, one.strength, one.probabilities, is_right)


def _row(one: FoundInterval) -> list[object]:
    found = one.interval
    texts = [found.subject, found.video, found.onset, one.apex, found.offset, found.emotion, found.kind]
    probabilities = [f"{value:.6f}" for value in one.probabilities]
    return [*texts, f"{one.strength:.6f}", "TP" if one.is_right else "FP", *probabilities]


def _truth_rows(videos: Sequence[LongVideo]) -> Iterator[list[object]]:
    for video in videos:
        for one, apex in zip(video.micro, video.apexes, strict=True):
            yield [video.subject, video.name, one.onset, apex, one.offset, one.emotion, one.kind]
        if not video.micro:
            yield [video.subject, video.name, None, None, None, None, "micro"]


def _in_macro(found: Sequence[FoundInterval], videos: Sequence[LongVideo]) -> int:
    """False alarms that share a frame with an annotated macro-expression."""
    macro = {video.place: video.macro for video in videos}
    false = [one.interval for one in found if not one.is_right]
    return sum(any(intersection_over_union(one, other) for other in macro[one.place]) for one in false)


def _lines(scores: dict[str, Any], spotters: Sequence[str]) -> Iterator[str]:
    yield (
        f"{scores['num_videos']} videos of {scores['num_people']} people, {scores['minutes']:.1f} minutes, "
        f"{scores['num_micro']} micro-expressions"
    )
    yield ""
    yield (
        f"{'spotter':<11}{'TP':>5}{'FP':>6}{'FN':>6}{'precision':>11}{'recall':>8}{'F1':>8}{'FP per min':>12}"
        f"{'F1 of analysis':>16}{'STRS':>8}"
    )
    for name in spotters:
        one = scores["spotters"][name]
        counts, analysis = one["overall"], one["analysis"]
        yield (
            f"{name:<11}{counts['tp']:>5}{counts['fp']:>6}{counts['fn']:>6}{counts['precision']:>11.3f}"
            f"{counts['recall']:>8.3f}{counts['f1']:>8.3f}{one['false_alarms_per_minute']:>12.2f}"
            f"{analysis['f1'] if analysis else 0:>16.3f}{one['strs'] or 0:>8.3f}"
        )
    for name in spotters:
        ends = scores["spotters"][name].get("interval_95", {})
        text = ", ".join(f"{key.upper()} {low:.2f}-{high:.2f}" for key, (low, high) in ends.items())
        if text:
            yield f"95 % over videos, {name}: {text}"
