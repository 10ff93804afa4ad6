"""CASME and CASME II."""

from atm_gcn.data.annotations._specs.dataset_spec import (
    DatasetSpec,
    FramesSpec,
    Published,
    TableSpec,
    counts,
    pattern,
    spreadsheets,
)

_CASME = {
    "tense": 69,
    "disgust": 44,
    "repression": 38,
    "surprise": 20,
    "happiness": 9,
    "sadness": 6,
    "fear": 2,
    "contempt": 1,
}
_CASME2 = {"others": 99, "disgust": 63, "happiness": 32, "surprise": 28, "repression": 27, "sadness": 4, "fear": 2}

CASME = DatasetSpec(
    key="casme",
    title="CASME",
    fps=60.0,
    published_table="CASME.xlsx",
    tables=spreadsheets("casme", "casme1*", "casme[-_ ]*coding*", "casme[-_ ]*label*"),
    subject=pattern(r"(?:sub)?0*(\d{1,4})"),
    subject_form="sub{:02d}",
    name=pattern(r"ep(\d[\w-]*)"),
    name_form=lambda match: "EP" + match[1],
    emotions=tuple(_CASME),
    published=Published({"micro": 189}, _CASME, subjects=19),
    frames=FramesSpec(
        folder=pattern(r"sub0*(\d{1,4})"),
        example="Cropped/sub01/EP01_5",
        prefer=("cropped", "raw_selected"),
        cut_out=True,
    ),
)

CASME2 = DatasetSpec(
    key="casme2",
    title="CASME II",
    fps=200.0,
    published_table="CASME2-coding-20140508.xlsx",
    tables=("casme2*coding*.xls*", "casme2*coding*.csv", "casme2_label*.xls*"),
    subject=pattern(r"(?:sub)?0*(\d{1,4})"),
    subject_form="sub{:02d}",
    name=pattern(r"ep(\d+\w*)"),
    name_form=lambda match: "EP" + match[1],
    emotions=tuple(_CASME2),
    published=Published(
        {"micro": 255},
        _CASME2,
        subjects=26,
        subject_clips=counts(
            "1:9 2:13 3:7 4:5 5:19 6:5 7:9 8:3 9:14 10:14 11:10 12:12 13:8 14:4 15:3 16:4 17:36 18:3 19:16 "
            "20:11 21:2 22:2 23:12 24:10 25:7 26:17"
        ),
    ),
    frames=FramesSpec(
        folder=pattern(r"sub0*(\d{1,4})"), example="Cropped/sub01/EP02_01f", prefer=("cropped", "raw_selected")
    ),
)

CASMESQ = DatasetSpec(
    key="casmesq",
    title="CAS(ME)2",
    fps=30.0,
    published_table="CAS(ME)^2code_final.xlsx",
    tables=spreadsheets("cas(me)^2*", "cas(me)2*code*", "casme_sq*", "casmesq*", "casme^2*", "code_final*"),
    subject=pattern(r"s0*(\d{1,3})"),
    subject_form="s{}",
    name=pattern(r"([a-z]{3,}\d{1,2})_0*(\d{1,3})"),
    name_form=lambda match: f"{match[1].lower()}_{match[2]}",
    emotions=("negative", "positive", "surprise", "others"),
    published=Published(
        {"micro": 57, "macro": 300},
        {"negative": 21, "others": 19, "surprise": 9, "positive": 8},
        {"others": 105, "negative": 95, "positive": 87, "surprise": 13},
        all_subjects=22,
    ),
    frames=FramesSpec(
        folder=pattern(r"s0*(\d{1,3})"),
        example="rawpic/s15/15_0101disgustingteeth",
        prefer=("rawpic_crop", "cropped", "rawpic", "rawvideo", "selectedpic"),
        recordings=True,
        recording_name=pattern(r"(?:\d{1,3}_)?(\d{4})(?!\d).*"),
        videos=(".avi", ".mp4"),
    ),
    table=TableSpec(
        required=("subject", "name", "onset", "offset", "emotion", "kind"),
        positions=("subject", "name", "onset", "apex", "offset", "action_units", "emotion", "kind"),
        has_kinds=True,
        coded_names=True,
    ),
)
