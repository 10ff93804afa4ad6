"""SMIC-HS."""

import re

from atm_gcn.data.annotations._specs.dataset_spec import (
    DatasetSpec,
    FramesSpec,
    Published,
    TableSpec,
    counts,
    pattern,
)

_EMOTIONS = {"negative": 70, "positive": 51, "surprise": 43}


def _name(match: re.Match[str]) -> str:
    return f"s{int(match[1])}_{match[2].lower()}_{int(match[3]):02d}"


SMIC = DatasetSpec(
    key="smic",
    title="SMIC-HS",
    fps=100.0,
    published_table="SMIC-HS-E_annotation.xlsx",
    tables=("smic*annotation*.xls*", "smic*annotation*.csv", "smic*coding*.xls*", "smic*coding*.csv"),
    subject=pattern(r"s?0*(\d{1,4})"),
    subject_form="s{}",
    name=pattern(r"s0*(\d{1,4})_(ne|po|sur)_0*(\d+)"),
    name_form=_name,
    name_holds_subject=True,
    emotions=tuple(_EMOTIONS),
    published=Published(
        {"micro": 164},
        _EMOTIONS,
        subjects=16,
        subject_clips=counts("1:6 2:6 3:39 4:19 5:2 6:4 8:13 9:4 11:7 12:9 13:10 14:10 15:4 18:7 19:2 20:22"),
    ),
    frames=FramesSpec(folder=pattern(r"s0*(\d{1,4})"), example="HS/s1/micro/negative/s1_ne_01", prefer=("hs",)),
    table=TableSpec(required=("subject", "name", "onset", "offset")),
)
