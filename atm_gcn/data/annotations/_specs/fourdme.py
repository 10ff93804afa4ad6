"""4DME."""

from atm_gcn.data.annotations._specs.dataset_spec import (
    DatasetSpec,
    FramesSpec,
    Published,
    TableSpec,
    as_written,
    pattern,
    spreadsheets,
)

_EMOTIONS = ("positive", "negative", "surprise", "repression", "others")

FOURDME = DatasetSpec(
    key="4dme",
    title="4DME",
    fps=60.0,
    published_table="4DME_Labelling_Micro_release v1.xlsx",
    tables=spreadsheets("4dme*micro?release*", "4dme*coding*"),
    subject=pattern(r"(?:sub|s|(?=\d+$))0*(\d{1,3})(?:_\w+)?"),
    subject_form="S{:02d}",
    name=pattern(r".+"),
    name_form=as_written,
    emotions=_EMOTIONS,
    published=Published({"micro": 267}),
    frames=FramesSpec(
        folder=pattern(r"(?:sub|s)0*(\d{1,3})(?:_\w+)?"),
        example="gray_micro/S01/FOLD_NAME",
        prefer=("gray_micro_crop", "gray_micro"),
        cut_out=True,
    ),
    table=TableSpec(marks=("foldname",), emotion_columns=_EMOTIONS, ignored_units=pattern(r".*\(k\)?")),
)
