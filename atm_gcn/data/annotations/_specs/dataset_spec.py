"""What is known of a dataset as published."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from atm_gcn.defaults import KINDS


@dataclass(frozen=True)
class TableSpec:
    """How a dataset writes its annotation table.

    Args:
        required: Fields that the header must name; see :data:`~atm_gcn.data.annotations._spreadsheet.columns.ALIASES`.
        positions: The fields in the order of the columns, for a table without a header; empty where there is one.
        marks: Headings, of letters and digits alone, one of which its table has and those of other datasets have not;
            empty where the names of clips tell the dataset.
        refused: Fields that it does not have: a table with one of them is that of another dataset.
        sheets: Words in the names of its sheets, the one that is read first; other sheets are searched after it.
        has_kinds: Whether a column may say which rows are micro- and which are macro-expressions.
        kind_codes: What stands for kinds in that column, besides words that begin with their names.
        coded_names: Whether further sheets name the folders of its subjects and recordings, which it gives as codes.
        emotions_from: The dataset whose table has the emotions of its micro-expressions; empty if it has them itself.
        named_by: ``"name"``, or ``"onset"`` if a recording holds several clips, which are named after it and their
            onset: ``a_355``.
        recording: Name of the recording where no column names it, as there is one per subject.
        same_emotion: Emotions that mean another one in this dataset.
        emotion_columns: Columns with a 1 for every emotion that a clip has.
        ignored_units: Pattern of action units that do not count.
    """

    required: tuple[str, ...] = ("subject", "name", "onset", "offset", "emotion")
    positions: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()
    has_kinds: bool = False
    kind_codes: Mapping[str, str] = field(default_factory=dict)
    coded_names: bool = False
    emotions_from: str = ""
    named_by: str = "name"
    recording: str = ""
    same_emotion: Mapping[str, str] = field(default_factory=dict)
    emotion_columns: tuple[str, ...] = ()
    ignored_units: re.Pattern[str] | None = None


@dataclass(frozen=True)
class FramesSpec:
    """How a dataset arranges its frames.

    Args:
        folder: Pattern of a subject's folder of frames; its group, if it has one, is the number.
        example: The folder of a clip, as an example.
        prefer: Of several trees of frames, the one whose path holds the earliest of these words.
        flat: Pattern of the folder of a clip or a recording that does not lie in a subject's, with the groups
            ``subject`` (the number) and ``name``.
        recordings: Whether a folder may hold a recording of several clips, whose names begin with that of the folder.
        recording_name: Pattern of the name of a recording's folder; its group is what a clip is found by.
        colour: Whether the pictures lie in a folder ``color`` below that of a recording.
        cut_out: Whether a folder holds the frames of one clip and no others.
        videos: Suffixes of recordings that are video files, whose first frame has the number 1 in the table.
    """

    folder: re.Pattern[str]
    example: str
    prefer: tuple[str, ...] = ()
    flat: re.Pattern[str] | None = None
    recordings: bool = False
    recording_name: re.Pattern[str] | None = None
    colour: bool = False
    cut_out: bool = False
    videos: tuple[str, ...] = ()


@dataclass(frozen=True)
class Published:
    """Numbers that the publishers of a dataset state; None and empty where they are not known.

    Args:
        kinds: Expressions of each kind.
        emotions: Micro-expressions of each emotion.
        macro_emotions: Macro-expressions of each emotion.
        subjects: Subjects with micro-expressions.
        all_subjects: Subjects with expressions of any kind, for datasets of both kinds.
        subject_clips: Micro-expressions of each subject, by number.
    """

    kinds: Mapping[str, int]
    emotions: Mapping[str, int] = field(default_factory=dict)
    macro_emotions: Mapping[str, int] = field(default_factory=dict)
    subjects: int | None = None
    all_subjects: int | None = None
    subject_clips: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class DatasetSpec:
    """One dataset as published.

    Args:
        key: The name that users type.
        title: The name in prose.
        fps: Frames per second of the camera.
        published_table: A file name of its table.
        tables: File names of its table, in lower case, as shell patterns.
        subject: Pattern of a subject's id; its group is the number.
        subject_form: Form that every spelling of the id is brought to.
        name: Pattern of a clip's name.
        name_form: Brings a matched name to one spelling.
        emotions: Emotions that it annotates.
        published: Numbers as published.
        frames: How its frames are arranged.
        table: How its table is written.
        name_holds_subject: Whether the first group of ``name`` is the subject's number.
        whole_tables: File names of a table of both kinds, where ``tables`` are those of micro-expressions alone.
        macro_tables: File names of a table of macro-expressions alone.
    """

    key: str
    title: str
    fps: float
    published_table: str
    tables: tuple[str, ...]
    subject: re.Pattern[str]
    subject_form: str
    name: re.Pattern[str]
    name_form: Callable[[re.Match[str]], str]
    emotions: tuple[str, ...]
    published: Published
    frames: FramesSpec
    table: TableSpec = TableSpec()
    name_holds_subject: bool = False
    whole_tables: tuple[str, ...] = ()
    macro_tables: tuple[str, ...] = ()

    @property
    def clips(self) -> int:
        """Number of micro-expressions, as published."""
        return self.published.kinds[KINDS[0]]

    def subject_id(self, text: str) -> str:
        """The id in its normal form (``sub01`` for ``1``, ``01`` and ``Sub01``), or empty if the text is not an id."""
        match = self.subject.fullmatch(text)
        return self.subject_form.format(int(match[1])) if match else ""

    @property
    def clips_of_subjects(self) -> dict[str, int]:
        """Number of micro-expressions of each subject, by id, as published."""
        return {self.subject_form.format(number): clips for number, clips in self.published.subject_clips.items()}

    def clip_name(self, text: str) -> str:
        """The clip's name in its normal form, or empty if the dataset does not name clips like that."""
        match = self.name.fullmatch(text)
        return self.name_form(match) if match else ""

    def subject_of(self, text: str) -> str:
        """The id that the clip's name begins with; empty where names do not hold it."""
        match = self.name.fullmatch(text) if self.name_holds_subject else None
        return self.subject_form.format(int(match[1])) if match else ""


def pattern(text: str) -> re.Pattern[str]:
    """A pattern that ignores case."""
    return re.compile(text, re.IGNORECASE)


def counts(text: str) -> dict[int, int]:
    """Numbers of clips by subject: ``{1: 9, 2: 13}`` of ``"1:9 2:13"``."""
    return {int(subject): int(clips) for subject, _, clips in (pair.partition(":") for pair in text.split())}


def spreadsheets(*stems: str) -> tuple[str, ...]:
    """Patterns of Excel and CSV files with these stems."""
    return tuple(f"{stem}.{suffix}" for stem in stems for suffix in ("xls*", "csv"))


def as_written(match: re.Match[str]) -> str:
    """The matched text."""
    return match[0]
