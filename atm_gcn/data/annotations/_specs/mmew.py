"""MMEW."""

import re

from atm_gcn.data.annotations._specs.dataset_spec import (
    DatasetSpec,
    FramesSpec,
    Published,
    TableSpec,
    pattern,
    spreadsheets,
)

_EMOTIONS = {
    "surprise": 89,
    "disgust": 72,
    "others": 66,
    "happiness": 36,
    "fear": 16,
    "sadness": 13,
    "anger": 8,
}


def _name(match: re.Match[str]) -> str:
    return f"S{int(match[1]):02d}-{int(match[2]):02d}-{int(match[3]):03d}"


MMEW = DatasetSpec(
    key="mmew",
    title="MMEW",
    fps=90.0,
    published_table="MMEW_Micro_Exp.xlsx",
    tables=spreadsheets("mmew*micro*", "mmew*coding*"),
    subject=pattern(r"s?0*(\d{1,3})"),
    subject_form="S{:02d}",
    name=pattern(r"s0*(\d{1,3})-0*(\d{1,3})-0*(\d{1,4})"),
    name_form=_name,
    name_holds_subject=True,
    emotions=tuple(_EMOTIONS),
    published=Published({"micro": 300}, _EMOTIONS, subjects=30),
    frames=FramesSpec(
        folder=pattern(r"s0*\d{1,3}|anger|disgust|fear|happiness|sadness|surprise|others?|repression"),
        example="Micro_Expression/anger/S01-07-001",
        prefer=("micro_expression",),
        cut_out=True,
    ),
    table=TableSpec(same_emotion={"repression": "others"}),
)
