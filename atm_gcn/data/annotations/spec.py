"""The datasets as published: how they write subjects and clips, their frame rates and numbers of clips."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class DatasetSpec:
    """One dataset as published.

    Args:
        key: The name that users type.
        title: The name in prose.
        fps: Frames per second of the camera.
        published: A file name of its table.
        table: File names of its table, in lower case, as shell patterns.
        subject: Pattern of a subject's id; its group is the number.
        subject_form: Form that every spelling of the id is brought to.
        name: Pattern of a clip's name.
        name_form: Brings a matched name to one spelling.
        name_holds_subject: Whether the first group of ``name`` is the subject's number.
        folder: Pattern of a subject's folder of frames; its group is the number.
        example: The folder of a clip, as an example.
        prefer: Of several trees of frames, the one whose path holds the earliest of these words.
        emotions: Clips of each emotion, as published.
        subjects: Subjects, as published.
        subject_clips: Clips of each subject, by number, as published; empty where that is not known.
    """

    key: str
    title: str
    fps: float
    published: str
    table: tuple[str, ...]
    subject: re.Pattern[str]
    subject_form: str
    name: re.Pattern[str]
    name_form: Callable[[re.Match[str]], str]
    name_holds_subject: bool
    folder: re.Pattern[str]
    example: str
    prefer: tuple[str, ...]
    emotions: dict[str, int]
    subjects: int
    subject_clips: dict[int, int] = field(default_factory=dict)

    @property
    def clips(self) -> int:
        """Number of clips, as published."""
        return sum(self.emotions.values())

    def subject_id(self, text: str) -> str:
        """The id in its normal form (``sub01`` for ``1``, ``01`` and ``Sub01``), or empty if the text is not an id."""
        match = self.subject.fullmatch(text)
        return self.subject_form.format(int(match[1])) if match else ""

    @property
    def clips_of_subjects(self) -> dict[str, int]:
        """Number of clips of each subject, by id, as published."""
        return {self.subject_form.format(number): clips for number, clips in self.subject_clips.items()}

    def clip_name(self, text: str) -> str:
        """The clip's name in its normal form, or empty if the dataset does not name clips like that."""
        match = self.name.fullmatch(text)
        return self.name_form(match) if match else ""

    def subject_of(self, text: str) -> str:
        """The id that the clip's name begins with; empty where names do not hold it."""
        match = self.name.fullmatch(text) if self.name_holds_subject else None
        return self.subject_form.format(int(match[1])) if match else ""


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


def _counts(text: str) -> dict[int, int]:
    return {int(subject): int(clips) for subject, _, clips in (pair.partition(":") for pair in text.split())}


def _samm_name(match: re.Match[str]) -> str:
    return f"{int(match[1]):03d}_{int(match[2])}_{int(match[3])}"


def _smic_name(match: re.Match[str]) -> str:
    return f"s{int(match[1])}_{match[2].lower()}_{int(match[3]):02d}"


SPECS: dict[str, DatasetSpec] = {
    "casme2": DatasetSpec(
        key="casme2",
        title="CASME II",
        fps=200.0,
        published="CASME2-coding-20140508.xlsx",
        table=("casme2*coding*.xls*", "casme2*coding*.csv", "casme2_label*.xls*"),
        subject=_pattern(r"(?:sub)?0*(\d{1,4})"),
        subject_form="sub{:02d}",
        name=_pattern(r"ep(\d+\w*)"),
        name_form=lambda match: "EP" + match[1],
        name_holds_subject=False,
        folder=_pattern(r"sub0*(\d{1,4})"),
        example="Cropped/sub01/EP02_01f",
        prefer=("cropped", "raw_selected"),
        emotions={
            "others": 99,
            "disgust": 63,
            "happiness": 32,
            "surprise": 28,
            "repression": 27,
            "sadness": 4,
            "fear": 2,
        },
        subjects=26,
        subject_clips=_counts(
            "1:9 2:13 3:7 4:5 5:19 6:5 7:9 8:3 9:14 10:14 11:10 12:12 13:8 14:4 15:3 16:4 17:36 18:3 19:16 "
            "20:11 21:2 22:2 23:12 24:10 25:7 26:17"
        ),
    ),
    "samm": DatasetSpec(
        key="samm",
        title="SAMM",
        fps=200.0,
        published="SAMM_Micro_FACS_Codes_v2.xlsx",
        table=("samm*micro*facs*code*.xls*", "samm*micro*facs*code*.csv", "samm*coding*.xls*", "samm*coding*.csv"),
        subject=_pattern(r"0*(\d{1,4})"),
        subject_form="{:03d}",
        name=_pattern(r"0*(\d{1,4})_(\d+)_(\d+)"),
        name_form=_samm_name,
        name_holds_subject=True,
        folder=_pattern(r"(\d{3})"),
        example="006/006_1_2",
        prefer=(),
        emotions={
            "anger": 57,
            "others": 26,
            "happiness": 26,
            "surprise": 15,
            "contempt": 12,
            "disgust": 9,
            "fear": 8,
            "sadness": 6,
        },
        subjects=29,
        subject_clips=_counts(
            "6:11 7:10 9:4 10:4 11:20 12:3 13:6 14:11 15:3 16:5 17:6 18:4 19:3 20:9 21:2 22:5 23:1 24:1 25:4 "
            "26:13 28:3 30:3 31:1 32:6 33:5 34:3 35:9 36:1 37:3"
        ),
    ),
    "smic": DatasetSpec(
        key="smic",
        title="SMIC-HS",
        fps=100.0,
        published="SMIC-HS-E_annotation.xlsx",
        table=("smic*annotation*.xls*", "smic*annotation*.csv", "smic*coding*.xls*", "smic*coding*.csv"),
        subject=_pattern(r"s?0*(\d{1,4})"),
        subject_form="s{}",
        name=_pattern(r"s0*(\d{1,4})_(ne|po|sur)_0*(\d+)"),
        name_form=_smic_name,
        name_holds_subject=True,
        folder=_pattern(r"s0*(\d{1,4})"),
        example="HS/s1/micro/negative/s1_ne_01",
        prefer=("hs",),
        emotions={"negative": 70, "positive": 51, "surprise": 43},
        subjects=16,
        subject_clips=_counts("1:6 2:6 3:39 4:19 5:2 6:4 8:13 9:4 11:7 12:9 13:10 14:10 15:4 18:7 19:2 20:22"),
    ),
    "casme3": DatasetSpec(
        key="casme3",
        title="CAS(ME)3 Part A",
        fps=30.0,
        published="cas(me)3_part_A_ME_label_JpgIndex_v2.xlsx",
        table=("cas(me)3*_me_label*.xls*", "cas(me)3*_me_label*.csv", "casme3*label*.xls*", "casme3*.csv"),
        subject=_pattern(r"(?:sp\s*no\s*\.?\s*)?0*(\d{1,4})"),
        subject_form="spNO.{}",
        name=_pattern(r"[a-z]\d?"),
        name_form=lambda match: match[0].lower(),
        name_holds_subject=False,
        folder=_pattern(r"spno\.?0*(\d{1,4})"),
        example="part_A/spNO.1/a/color",
        prefer=("part_a",),
        emotions={
            "disgust": 250,
            "surprise": 187,
            "others": 161,
            "fear": 86,
            "anger": 64,
            "sadness": 57,
            "happiness": 55,
        },
        subjects=94,
    ),
}

DATASETS = (*SPECS, "composite", "manifest")
"""Every dataset that ``read_annotations``, ``check`` and ``prepare`` know."""

COMPOSITE_TABLE = ("combined*3*class*.csv", "combined*3*class*.xls*", "composite*3*class*.csv", "composite*.xls*")
"""File names of the composite's published list."""

COMPOSITE_PUBLISHED = "combined_3class_gt.csv"

COMPOSITE_COUNTS = {"negative": 250, "positive": 109, "surprise": 83}
"""Clips of each class of the composite, as published (MEGC 2019)."""

COMPOSITE_SUBJECTS = 68
