"""Tables of micro- and macro-expressions, and what of them a label scheme takes."""

import shutil
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from atm_gcn.config import DataConfig
from atm_gcn.data import dataset_clips, load_manifest, read_annotations, write_manifest
from atm_gcn.data.annotations.dataset_check import check_dataset
from atm_gcn.data.store.planning import manifest_checksum
from atm_gcn.errors import ATMGCNError
from atm_gcn.media.sources import open_source
from atm_gcn.media.video.writer import VideoWriter

from .further_tables import (
    CASMESQ_SUBJECTS,
    CASMESQ_VIDEOS,
    casme3_whole,
    casme3c,
    casme3c_whole,
    casmesq,
    casmesq_codes,
    sammlv,
)
from .tables import casme3, write, write_named, write_sheets
from .trees import build, write_emotions

MICRO = "cas(me)3_part_A_ME_label_JpgIndex_v2.csv"
MACRO = "cas(me)3_part_A_MaE_label_JpgIndex_v2.csv"
WHOLE = "CAS(ME)3_part_A_v2.xls"


def kinds(clips):
    return Counter(clip.kind for clip in clips)


def test_casmesq_as_published(tmp_path):
    sheets = {"CASFEcode_final": casmesq_codes(), "rule1": CASMESQ_SUBJECTS, "rule2": CASMESQ_VIDEOS}
    clips, problems = read_annotations("casmesq", write_sheets(tmp_path / "t.xlsx", **sheets))
    assert (len(clips), problems) == (24, [])
    assert clips == read_annotations("casmesq", write(tmp_path / "t.csv", casmesq()))[0]
    assert (clips[1].key, clips[1].kind, clips[1].emotion) == ("casmesq/s16/disgust1_2", "macro", "negative")
    assert (clips[1].onset, clips[1].apex, clips[1].offset, clips[1].fps) == (140, 145, 152, 30.0)


@pytest.mark.parametrize(
    ("frames", "expected", "action"),
    [
        ((100, 110, 0), (100, 110, 110), "repaired"),  # offset 0 is missing
        ((100, 110, 105), (100, None, 105), "repaired"),  # ends before its apex
        ((100, 0, 120), (100, None, 120), "repaired"),
        ((100, 130, 450), (100, 130, 450), "kept"),
    ],
)
def test_casmesq_frames(tmp_path, frames, expected, action):
    table = casmesq(2)
    table[0][2:5], table[0][7] = frames, "macro-expression"
    clips, problems = read_annotations("casmesq", write(tmp_path / "t.csv", table))
    assert (clips[0].onset, clips[0].apex, clips[0].offset) == expected
    assert [(problem.row, problem.action) for problem in problems] == [(1, action)]


def test_codes_need_the_sheets_that_explain_them(tmp_path):
    with pytest.raises(ATMGCNError, match=r"gives subjects as codes \('1'\), and no sheet names their folders"):
        read_annotations("casmesq", write(tmp_path / "t.csv", casmesq_codes()))
    table = casmesq_codes()
    table[3][0] = 23  # no folder
    sheets = {"a": table, "b": CASMESQ_SUBJECTS, "c": CASMESQ_VIDEOS, "remarks": [["see the article"]]}
    clips, problems = read_annotations("casmesq", write_sheets(tmp_path / "t.xlsx", **sheets))
    assert len(clips) == 23
    assert [(problem.row, problem.code, problem.action) for problem in problems] == [
        (1, "unread-sheets", "kept"),
        (4, "no-subject", "dropped"),
    ]


@pytest.mark.parametrize("written", ["", "expression", "2"])
def test_a_row_of_no_kind_is_dropped(tmp_path, written):
    table = casmesq()
    table[3][7] = written
    clips, problems = read_annotations("casmesq", write(tmp_path / "t.csv", table))
    assert len(clips) == 23
    assert [(problem.row, problem.code, problem.action) for problem in problems] == [(4, "unknown-kind", "dropped")]


def test_two_expressions_of_a_video_under_one_name(tmp_path):
    table = casmesq()
    table.append([*table[0][:2], 900, 905, 912, *table[0][5:]])
    table.append(table[0])
    clips, problems = read_annotations("casmesq", write(tmp_path / "t.csv", table))
    assert [clips[0].name, clips[-1].name] == ["anger1_1", "anger1_1_900"]
    assert [(problem.row, problem.code) for problem in problems] == [(25, "same-name"), (26, "repeated-row")]


def test_sammlv_takes_emotions_from_samm(tmp_path):
    path = write_named(tmp_path, "sammlv", ".xlsx")
    clips, problems = read_annotations("sammlv", path)
    assert kinds(clips) == {"micro": 16, "macro": 8} and {clip.emotion for clip in clips} == {""}
    assert [(problem.row, problem.code) for problem in problems] == [(16, "no-apex"), (1, "no-emotions")]
    write_emotions(tmp_path, sammlv())
    clips, problems = read_annotations("sammlv", tmp_path)
    assert clips[1].key == "sammlv/007/007_2_1" and clips[1].emotion == "anger"
    assert all(bool(clip.emotion) == (clip.kind == "micro") for clip in clips)
    assert (clips[1].onset, clips[1].apex, clips[5].apex) == (710, 736, None)  # those of the long video; -1
    assert [problem.code for problem in problems] == ["no-apex"]


def test_a_macro_expression_has_no_emotion_though_its_name_is_that_of_a_micro_expression(tmp_path):
    table = sammlv()
    table.append([*table[11][:3], 9000, 9026, 9070, 71, "Macro", "4", None])
    write(tmp_path / "SAMM_LongVideos_V2_Release.xlsx", table)
    write_emotions(tmp_path, table)
    clips, problems = read_annotations("sammlv", tmp_path)
    assert (clips[1].name, clips[1].kind, clips[1].emotion) == ("007_2_1", "micro", "anger")
    assert (clips[-1].name, clips[-1].kind, clips[-1].emotion) == ("007_2_1_9000", "macro", "")
    assert [problem.code for problem in problems] == ["no-apex", "same-name"]


def test_a_micro_expression_that_samm_lacks(tmp_path):
    write_named(tmp_path, "sammlv")
    write_emotions(tmp_path, sammlv()[:-1])
    problems = read_annotations("sammlv", tmp_path)[1]
    assert [(problem.row, problem.code) for problem in problems] == [(16, "no-apex"), (34, "no-emotion")]


def test_sammlv_is_not_samm(tmp_path):
    path = write_named(tmp_path, "samm")
    table = path.read_text().replace("Micro (1/2)", "Type")
    path.write_text(table)
    with pytest.raises(ATMGCNError, match=r"has a column for the emotion, .* SAMM Long Videos"):
        read_annotations("sammlv", path)
    with pytest.raises(ATMGCNError, match="lacks a column for emotion"):
        read_annotations("samm", write_named(tmp_path, "sammlv"))


def test_casme3_of_both_kinds(tmp_path):
    whole, blinks = casme3_whole(), [["Subject", "Filename", "Onset", "Apex", "Offset", "emotion"], ["spNO.1", "a"]]
    path = write_sheets(tmp_path / "whole.xlsx", **{"eye blink": blinks, "AU+Emotion": whole})
    clips, problems = read_annotations("casme3", path)
    assert kinds(clips) == {"micro": 8, "macro": 16}
    assert [(problem.code, problem.kind) for problem in problems] == [
        ("unread-sheets", "other sheets of the file are not read: eye blink")
    ]


def test_casme3_has_several_tables(tmp_path):
    micro, macro = casme3(), casme3()
    for row in macro[1:]:
        row[2:5] = (number + 5000 for number in row[2:5])
    write(tmp_path / MACRO, macro)
    write(tmp_path / MICRO, micro)
    assert kinds(read_annotations("casme3", tmp_path)[0]) == {"micro": 24}
    assert kinds(read_annotations("casme3", tmp_path, ("macro",))[0]) == {"macro": 24}
    both = read_annotations("casme3", tmp_path, ("micro", "macro"))[0]
    assert kinds(both) == {"micro": 24, "macro": 24}
    write(tmp_path / WHOLE, casme3_whole())
    assert read_annotations("casme3", tmp_path, ("micro", "macro"))[0] != both
    assert kinds(read_annotations("casme3", tmp_path)[0]) == {"micro": 24}
    (tmp_path / MICRO).unlink()
    assert kinds(read_annotations("casme3", tmp_path)[0]) == {"micro": 8, "macro": 16}


def test_what_the_second_of_two_tables_repeats_is_dropped(tmp_path):
    macro = casme3()[:4]
    macro[3][4] += 100
    macro.append(["spNO.3", "d", "one", 5, 9, "4", 1, "fear"])
    write(tmp_path / MICRO, casme3())
    write(tmp_path / MACRO, macro)
    clips, problems = read_annotations("casme3", tmp_path, ("micro", "macro"))
    assert len(clips) == 25
    assert (clips[-1].key, clips[-1].kind) == ("casme3/spNO.149/c_255_367", "macro")
    assert [(problem.row, problem.code, problem.action) for problem in problems] == [
        (30, "invalid-frame-number", "dropped"),
        (27, "repeated-row", "dropped"),
        (28, "repeated-row", "dropped"),
        (29, "same-onset", "kept"),
    ]
    assert f"{MACRO}, row 5: onset is 'one'" in problems[0].kind
    assert problems[1].kind == "is the clip of row 2 as another kind of expression: macro, not micro"


def test_no_table_of_macro_expressions(tmp_path):
    write(tmp_path / MICRO, casme3())
    with pytest.raises(ATMGCNError, match=r"holds no annotation table of CAS.ME.3 Part A; .* that of both kinds"):
        read_annotations("casme3", tmp_path, ("macro",))


def test_casme3c(tmp_path):
    clips, problems = read_annotations("casme3c", write(tmp_path / "t.xlsx", casme3c()))
    assert (len(clips), clips[2].key) == (24, "casme3c/03/a_1255")
    assert clips[2].action_units == "4,12" and clips[2].apex is None
    assert [problem.code for problem in problems] == ["no-apex"]
    clips, problems = read_annotations("casme3c", write(tmp_path / "CAS(ME)3_part_C.xls", casme3c_whole()))
    assert kinds(clips) == {"micro": 8, "macro": 16}
    assert [problem.code for problem in problems] == ["no-emotions"]


def test_a_scheme_takes_micro_expressions_unless_its_name_says_otherwise(tmp_path):
    root = build(tmp_path, "casmesq")
    for scheme, expected in (
        (None, {"micro": 4}),
        ("casmesq-4-macro", {"macro": 4}),
        ("casmesq-4-both", {"micro": 4, "macro": 4}),
    ):
        clips, problems = dataset_clips("casmesq", root, scheme)
        assert kinds(clips) == expected
        assert [problem.code for problem in problems] == ["computed-apex"] + ["other-kind"] * (len(expected) == 1)
    clips, _ = dataset_clips("casmesq", root, "casmesq-2-kind")
    assert all(clip.label == clip.kind for clip in clips)
    assert len({clip.source for clip in clips}) < len(clips) == 8  # several clips of one video


def test_published_counts_are_those_of_the_kinds(tmp_path):
    root = build(tmp_path, "casmesq")
    found = {
        scheme: check_dataset("casmesq", root, scheme, frames=False)
        for scheme in ("casmesq-4", "casmesq-4-macro", "casmesq-4-both", "casmesq-2-kind", "casmesq-units")
    }
    assert [one.published_clips for one in found.values()] == [57, 300, 357, 357, 57]
    assert found["casmesq-units"].published_classes == {"any": 57, "left out": 0}
    assert found["casmesq-4"].published_classes["negative"] == 21
    assert found["casmesq-4-both"].published_classes["negative"] == 116
    assert found["casmesq-2-kind"].published_classes == {"micro": 57, "macro": 300, "left out": 0}
    assert found["casmesq-4-both"].published_num_subjects == 22
    assert found["casmesq-4"].complete
    _, note = found["casmesq-4"].table_problems  # beside that on an apex in the middle
    assert note.is_note and note.kind.startswith(
        "4 macro-expressions are left out by casmesq-4; choose casmesq-4-macro, "
    )


def test_a_scheme_for_action_units_needs_some(tmp_path):
    without = [[*row[:5], "", *row[6:]] for row in casmesq()]
    tables = [write(tmp_path / f"{name}.csv", rows) for name, rows in (("a", casmesq()), ("b", without))]
    found = [check_dataset("casmesq", table, "casmesq-units") for table in tables]
    assert found[0].with_action_units > 0 and found[0].complete
    assert found[1].missing == ["all clips have one class and no action units, and two classes are needed"]


def test_a_note_on_what_is_left_out_is_not_one_on_its_rows(tmp_path):
    table = casmesq()
    table[1][3] = "soon"
    write(tmp_path / "casmesq.csv", table)
    for scheme, codes in (("casmesq-4", ["other-kind"]), ("casmesq-4-both", ["invalid-apex"])):
        found = check_dataset("casmesq", tmp_path / "casmesq.csv", scheme)
        assert [problem.code for problem in found.table_problems] == codes


def test_selected_pictures_serve_where_there_is_no_long_video(tmp_path):
    root = build(tmp_path, "casmesq")
    for source in (root / "rawpic").glob("s15/*"):
        for name in ("anger1_1", "anger1_5"):
            shutil.copytree(source, root / "selectedpic" / "s15" / name, dirs_exist_ok=True)
    shutil.rmtree(root / "rawpic")
    clips, _ = dataset_clips("casmesq", root)
    assert {clip.source.rpartition("/")[2] for clip in clips} == {"anger1_1", "anger1_5"}


def test_videos_are_numbered_from_0_where_the_table_begins_at_1(tmp_path):
    root = build(tmp_path, "casmesq", rows=2)
    shutil.rmtree(root / "rawpic")
    for subject, video in (("s15", "15_0401girlcrashing"), ("s16", "16_0101disgustingteeth")):
        (root / "rawvideo" / subject).mkdir(parents=True)
        with VideoWriter(root / "rawvideo" / subject / f"{video}.avi", 30) as out:
            for number in range(1, 161):
                out.write(np.full((16, 16, 3), number, np.uint8))
    (micro, macro), _ = dataset_clips("casmesq", root, "casmesq-2-kind")
    assert micro.source.endswith("rawvideo/s15/15_0401girlcrashing.avi")
    assert (micro.onset, micro.apex, micro.offset, macro.onset) == (99, 102, 105, 139)
    assert abs(float(open_source(micro.source).read([micro.onset]).mean()) - 100) < 2


def test_the_kind_is_part_of_a_manifest_and_of_a_store(tmp_path):
    clips, _ = dataset_clips("casmesq", build(tmp_path, "casmesq"), "casmesq-2-kind")
    write_manifest(clips, tmp_path / "manifest.csv")
    read = load_manifest(tmp_path)
    assert read == clips and kinds(read) == {"micro": 4, "macro": 4}
    assert dataset_clips("manifest", tmp_path)[0] == clips  # a manifest is read as it is
    exchanged = [replace(clip, kind={"micro": "macro", "macro": "micro"}[clip.kind]) for clip in clips]
    assert manifest_checksum(clips, DataConfig()) != manifest_checksum(exchanged, DataConfig())
