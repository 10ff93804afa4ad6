"""SAMM and SAMM Long Videos."""

import re

from atm_gcn.data.annotations._specs.dataset_spec import (
    DatasetSpec,
    FramesSpec,
    Published,
    TableSpec,
    counts,
    pattern,
    spreadsheets,
)

_EMOTIONS = {
    "anger": 57,
    "others": 26,
    "happiness": 26,
    "surprise": 15,
    "contempt": 12,
    "disgust": 9,
    "fear": 8,
    "sadness": 6,
}
_VIDEO = pattern(r"(?P<name>(?P<subject>\d{3})_\d+)")
_NAME = pattern(r"0*(\d{1,4})_(\d+)_(\d+)")


def _name(match: re.Match[str]) -> str:
    return f"{int(match[1]):03d}_{int(match[2])}_{int(match[3])}"


SAMM = DatasetSpec(
    key="samm",
    title="SAMM",
    fps=200.0,
    published_table="SAMM_Micro_FACS_Codes_v2.xlsx",
    tables=("samm*micro*facs*code*.xls*", "samm*micro*facs*code*.csv", "samm*coding*.xls*", "samm*coding*.csv"),
    subject=pattern(r"0*(\d{1,4})"),
    subject_form="{:03d}",
    name=_NAME,
    name_form=_name,
    name_holds_subject=True,
    emotions=tuple(_EMOTIONS),
    published=Published(
        {"micro": 159},
        _EMOTIONS,
        subjects=29,
        subject_clips=counts(
            "6:11 7:10 9:4 10:4 11:20 12:3 13:6 14:11 15:3 16:5 17:6 18:4 19:3 20:9 21:2 22:5 23:1 24:1 25:4 "
            "26:13 28:3 30:3 31:1 32:6 33:5 34:3 35:9 36:1 37:3"
        ),
    ),
    frames=FramesSpec(folder=pattern(r"(\d{3})"), example="006/006_1_2"),
)

SAMMLV = DatasetSpec(
    key="sammlv",
    title="SAMM Long Videos",
    fps=200.0,
    published_table="SAMM_LongVideos_V3_Release.xlsx",
    tables=spreadsheets("samm*long*video*", "sammlv*"),
    subject=pattern(r"0*(\d{1,4})"),
    subject_form="{:03d}",
    name=_NAME,
    name_form=_name,
    name_holds_subject=True,
    emotions=tuple(_EMOTIONS),
    published=Published({"micro": 159, "macro": 343}, _EMOTIONS, subjects=29, all_subjects=32),
    frames=FramesSpec(
        folder=_VIDEO,
        example="SAMM_longvideos/006_1",
        prefer=("longvideos_crop", "longvideos", "long_videos"),
        flat=_VIDEO,
        recordings=True,
        videos=(".avi", ".mp4"),
    ),
    table=TableSpec(
        required=("subject", "name", "onset", "offset", "kind"),
        refused=("emotion",),
        has_kinds=True,
        emotions_from="samm",
    ),
)
