"""CAS(ME)3, Parts A and C."""

from atm_gcn.data.annotations._specs.dataset_spec import (
    DatasetSpec,
    FramesSpec,
    Published,
    TableSpec,
    pattern,
    spreadsheets,
)

_PART_A = {"disgust": 250, "surprise": 187, "others": 161, "fear": 86, "anger": 64, "sadness": 57, "happiness": 55}

CASME3 = DatasetSpec(
    key="casme3",
    title="CAS(ME)3 Part A",
    fps=30.0,
    published_table="cas(me)3_part_A_ME_label_JpgIndex_v2.xlsx",
    tables=("cas(me)3*_me_label*.xls*", "cas(me)3*_me_label*.csv", "casme3*label*.xls*", "casme3[!c]*csv"),
    whole_tables=spreadsheets("cas(me)3_part_a_v*"),
    macro_tables=spreadsheets("cas(me)3*_mae_label*"),
    subject=pattern(r"(?:sp\s*no\s*\.?\s*)?0*(\d{1,4})"),
    subject_form="spNO.{}",
    name=pattern(r"[a-z]\d?"),
    name_form=lambda match: match[0].lower(),
    emotions=tuple(_PART_A),
    published=Published({"micro": 860, "macro": 3346}, _PART_A, subjects=94, all_subjects=100),
    frames=FramesSpec(
        folder=pattern(r"spno\.?0*(\d{1,4})"),
        example="part_A/spNO.1/a/color",
        prefer=("part_a",),
        flat=pattern(r"spno\.?0*(?P<subject>\d+)_(?P<name>[a-z]\d?_\d+)"),
        recordings=True,
        colour=True,
    ),
    table=TableSpec(sheets=("au+emotion",), has_kinds=True, named_by="onset"),
)

CASME3C = DatasetSpec(
    key="casme3c",
    title="CAS(ME)3 Part C",
    fps=30.0,
    published_table="CAS(ME)3_part_C_ME.xlsx",
    tables=spreadsheets("*part_c_me*", "casme3c*"),
    whole_tables=spreadsheets("*part_c", "*part_c_v*"),
    subject=pattern(r"(?:sub|s)?0*(\d{1,3})"),
    subject_form="{:02d}",
    name=pattern(r"[a-z]\d?"),
    name_form=lambda match: match[0].lower(),
    emotions=("anger", "disgust", "fear", "happiness", "others", "sadness", "surprise"),
    published=Published({"micro": 165, "macro": 303}, subjects=30, all_subjects=31),
    frames=FramesSpec(
        folder=pattern(r"(?:sub|s)?0*(\d{1,3})"),
        example="part_C/01/a/color",
        prefer=("part_c",),
        recordings=True,
        colour=True,
    ),
    table=TableSpec(
        required=("subject", "onset", "offset"),
        marks=("count", "exptype"),
        has_kinds=True,
        kind_codes={"1": "micro", "0": "macro"},
        named_by="onset",
        recording="a",
    ),
)
