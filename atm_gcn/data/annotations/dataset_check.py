"""A copy of a dataset compared with the published one, before anything is trained on it."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from atm_gcn.config import DataConfig
from atm_gcn.data.annotations._rows.annotated_clips import AnnotatedClips
from atm_gcn.data.annotations._rows.similar_ids import resolve_similar_rows
from atm_gcn.data.annotations.on_disk import compare_recordings, locate_frames, read_dataset
from atm_gcn.data.annotations.spec import COMPOSITE_COUNTS, COMPOSITE_SUBJECTS, SPECS, DatasetSpec
from atm_gcn.data.clip import Clip
from atm_gcn.data.labels import ANY, DEFAULT_SCHEMES, Scheme, apply_scheme, emotion_of, scheme_named
from atm_gcn.data.problem import Problem
from atm_gcn.defaults import KINDS
from atm_gcn.errors import ATMGCNError
from atm_gcn.media.decoding_threads import decoding_threads
from atm_gcn.media.sources import FrameSource, open_source
from atm_gcn.terminal.progress import track

LEFT_OUT = "left out"
"""Key in the class counts for clips that the label scheme leaves out."""


@dataclass(frozen=True)
class DatasetCheck:
    """Counts and problems of one copy of a dataset, from :func:`check_dataset`.

    Args:
        dataset: Name of the dataset.
        scheme: The label scheme by which clips are counted; None for a manifest's own labels.
        clips: Clips of the table, of the kinds that the scheme is for.
        usable: Those of them that have their frames; None where frames were not read.
        classes: Clips of each class.
        subjects: Clips of each subject.
        published_classes: The same as published; empty where that is not known.
        published_subjects: The same as published; empty where that is not known.
        published_num_subjects: Number of subjects as published.
        published_clips: Number of clips as published; None where that is not known.
        with_action_units: Number of clips with action units.
        without_emotion: Clips that have no class because nothing is known of their emotion.
        table_problems: Problems with the table.
        frame_problems: Problems with the frames.
    """

    dataset: str
    scheme: str | None
    clips: int
    usable: int | None
    classes: dict[str, int]
    subjects: dict[str, int]
    published_classes: dict[str, int]
    published_subjects: dict[str, int]
    published_num_subjects: int | None
    published_clips: int | None = None
    with_action_units: int = 0
    without_emotion: list[str] = field(default_factory=list)
    table_problems: list[Problem] = field(default_factory=list)
    frame_problems: list[Problem] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether nothing is missing or unreadable, no id or recording needs a decision, and ``prepare`` takes it."""
        return not self.missing

    @property
    def missing(self) -> list[str]:
        """What keeps the copy from being complete, each in a phrase with its number; empty if it is complete."""
        counts = {
            "dropped": sum(problem.action == "dropped" for problem in self.table_problems),
            "open": sum(bool(problem.decide) for problem in self.table_problems),
            "frames": len({problem.clip for problem in self.frame_problems if problem.clip}),
            "emotion": len(self.without_emotion),
            "views": sum(problem.code == "other-view" for problem in self.table_problems),
            "classes": int(not self.with_action_units and self._has_one_class),
        }
        phrases = {
            "dropped": ("1 row is dropped", "{} rows are dropped"),
            "open": ("1 row needs a decision", "{} rows need a decision"),
            "frames": ("the frames of 1 clip have problems", "the frames of {} clips have problems"),
            "emotion": ("1 clip has no emotion", "{} clips have no emotion"),
            "views": ("1 row has another view than the others", "{} rows have another view than the others"),
            "classes": ("all clips have one class and no action units, and two classes are needed", ""),
        }
        return [phrases[name][number > 1].format(number) for name, number in counts.items() if number]

    @property
    def _has_one_class(self) -> bool:
        return ANY in self.classes if self.scheme else len(self.classes) == 1

    def to_dict(self) -> dict[str, Any]:
        """All fields, as JSON can hold them, and for every problem whether it is only a note."""
        problems = {
            name: [asdict(problem) | {"note": problem.is_note} for problem in getattr(self, name)]
            for name in ("table_problems", "frame_problems")
        }
        return asdict(self) | problems | {"complete": self.complete}


def check_dataset(
    dataset: str,
    root: str | Path,
    scheme: str | None = None,
    frames: bool = True,
    progress: bool = False,
    config: DataConfig | None = None,
) -> DatasetCheck:
    """Read a dataset's table, and find and decode every frame.

    Args:
        dataset: One of :data:`atm_gcn.data.annotations.DATASETS`.
        root: The folder that holds the table and the frames, or the table alone, without frames.
        scheme: A label scheme; by default the dataset's usual one.
        frames: Whether to read the frames.
        progress: Show a bar on stderr while frames are decoded.
        config: How similar ids and recordings of several subjects are treated.

    Raises:
        ATMGCNError: If the table or the frames cannot be found or read, or the scheme is of another dataset.
    """
    root, config = Path(root), config or DataConfig()
    scheme = scheme or DEFAULT_SCHEMES.get(dataset)
    annotated = resolve_similar_rows(read_dataset(dataset, root, scheme), config)
    clips = list(annotated.clips.values())
    usable, frame_problems = None, []
    if frames and (root.is_dir() or dataset == "manifest"):
        located = locate_frames(dataset, root, annotated, config)
        annotated.problems += compare_recordings(located, config)
        usable = len(located.clips)
        frame_problems = located.problems + _decode_all(located, progress)
    published_clips, published_classes, published_subjects, num_subjects = _published(dataset, scheme)
    of_any_emotion = scheme is not None and scheme_named(scheme).of_any_emotion
    return DatasetCheck(
        dataset=dataset,
        scheme=scheme,
        clips=len(clips),
        usable=usable,
        classes=_count_classes(clips, scheme),
        subjects=dict(Counter(clip.subject_key for clip in clips)),
        published_classes=published_classes,
        published_subjects=published_subjects,
        published_num_subjects=num_subjects,
        published_clips=published_clips,
        with_action_units=sum(bool(clip.action_units) for clip in clips),
        without_emotion=[clip.key for clip in clips if not (of_any_emotion or clip.label or emotion_of(clip.emotion))],
        table_problems=annotated.problems,
        frame_problems=frame_problems,
    )


def _decode_all(located: AnnotatedClips, progress: bool) -> list[Problem]:
    """Decode every frame of every clip, and return a problem per clip that fails and per note on the others."""
    rows, open_once = list(located.clips.items()), cache(open_source)
    with decoding_threads() as pool:
        found = pool.map(lambda clip: _first_error(clip, open_once), [clip for _, clip in rows])
        errors = list(track(found, "frames read", total=len(rows), visible=progress))
    problems = [
        Problem("undecodable", row, clip.key, error, "kept")
        for (row, clip), error in zip(rows, errors, strict=True)
        if error
    ]
    readable = [clip.source for (_, clip), error in zip(rows, errors, strict=True) if not error]
    sources_with: dict[str, list[str]] = {}
    for source in dict.fromkeys(readable):
        for note in open_once(source).notes:
            sources_with.setdefault(note, []).append(source)
    return problems + [
        Problem("recording-note", 1, "", _summarize(note, sources), "kept") for note, sources in sources_with.items()
    ]


def _summarize(note: str, sources: Sequence[str]) -> str:
    """A note with the first recording that has it, and the number of others."""
    others = f"; so {'has' if len(sources) == 2 else 'have'} {len(sources) - 1} more" if len(sources) > 1 else ""
    return f"{sources[0]} {note}{others}"


def _first_error(clip: Clip, open_once: Callable[[str], FrameSource]) -> str:
    try:
        for _ in open_once(clip.source).iterate(np.arange(clip.onset, clip.offset + 1)):
            pass
    except ATMGCNError as error:
        return str(error)
    return ""


def _count_classes(clips: Sequence[Clip], scheme: str | None) -> dict[str, int]:
    if scheme is None:
        return dict(sorted(Counter(clip.label for clip in clips).items()))
    labelled, left_out = apply_scheme(clips, scheme)
    counts = Counter(clip.label for clip in labelled)
    return {label: counts[label] for label in scheme_named(scheme).classes} | {LEFT_OUT: len(left_out)}


def _published(dataset: str, scheme: str | None) -> tuple[int | None, dict[str, int], dict[str, int], int | None]:
    """The number of clips, clips of each class, clips of each subject, and the number of subjects."""
    if dataset == "composite":
        return sum(COMPOSITE_COUNTS.values()), COMPOSITE_COUNTS | {LEFT_OUT: 0}, {}, COMPOSITE_SUBJECTS
    if dataset not in SPECS or scheme is None:
        return None, {}, {}, None
    spec, rule = SPECS[dataset], scheme_named(scheme)
    published = spec.published
    clips = sum(published.kinds[kind] for kind in rule.kinds)
    classes = _published_classes(spec, rule, clips)
    if rule.kinds != KINDS[:1]:
        return clips, classes, {}, published.all_subjects if rule.kinds == KINDS else None
    subjects = {f"{dataset}/{subject}": number for subject, number in spec.clips_of_subjects.items()}
    return clips, classes, subjects, published.subjects


def _published_classes(spec: DatasetSpec, rule: Scheme, clips: int) -> dict[str, int]:
    if rule.of_any_emotion:
        return ({ANY: clips} if ANY in rule.classes else {**spec.published.kinds}) | {LEFT_OUT: 0}
    emotions = Counter[str]()
    for kind, of_kind in zip(KINDS, (spec.published.emotions, spec.published.macro_emotions), strict=True):
        if kind in rule.kinds and not of_kind:
            return {}
        emotions.update(of_kind if kind in rule.kinds else {})
    counts = {label: sum(emotions[emotion] for emotion in members) for label, members in rule.classes.items()}
    return counts | {LEFT_OUT: clips - sum(counts.values())}
