"""The quirks of each published table, and what a row becomes."""

import pytest

from atm_gcn.data.annotations import read_annotations
from atm_gcn.errors import ATMGCNError

from .tables import TABLES, casme2, casme3, manifest, samm, smic, write

HEADER = casme3(0)


def of_casme3(tmp_path, *rows):
    clips, problems = read_annotations("casme3", write(tmp_path / "t.csv", [*HEADER, *rows]))
    return {clip.key: clip for clip in clips}, problems


def test_casme2_as_published(tmp_path):
    clips, problems = read_annotations("casme2", write(tmp_path / "t.xlsx", casme2()))
    assert len(clips) == 24
    assert clips[1].key == "casme2/sub02/EP02_01f"
    assert (clips[1].onset, clips[1].apex, clips[1].offset, clips[1].fps) == (41, 59, 85, 200.0)
    assert (clips[1].emotion, clips[1].action_units, clips[1].label, clips[1].source) == ("disgust", "4+L10", "", "")
    assert clips[5].apex is None
    assert [(p.row, p.clip, p.action) for p in problems] == [(7, clips[5].key, "repaired")]
    assert "'/'" in problems[0].kind


def test_subjects_are_written_in_one_way(tmp_path):
    for spelling in ("1", "01", "sub01", "Sub1"):
        table = [*casme2(0), [spelling, "EP02_01f", None, 46, 59, 86, None, "12", "happiness"]]
        assert read_annotations("casme2", write(tmp_path / "t.csv", table))[0][0].subject == "sub01"
    for spelling in ("6", "006"):
        table = [*samm(0), [spelling, "006_1_2", 1, 5562, 5588, 5632, 71, "", "4", "Anger"]]
        assert read_annotations("samm", write(tmp_path / "t.csv", table))[0][0].key == "samm/006/006_1_2"
    for spelling in ("1", "s1", "s01"):
        table = [*smic(0), [spelling, "s01_ne_01", 559740, 559775, "negative"]]
        assert read_annotations("smic", write(tmp_path / "t.csv", table))[0][0].key == "smic/s1/s1_ne_01"


def test_unpublished_subject_is_noted(tmp_path):
    table = [*casme2(0), [46, "EP02_01f", None, 46, 59, 86, None, "12", "happiness"]]
    clips, problems = read_annotations("casme2", write(tmp_path / "t.csv", table))
    assert clips[0].subject == "sub46"
    assert [problem.kind for problem in problems] == ["subject sub46 is none of the 26 published"]


def test_smic_has_no_apex(tmp_path):
    clips, problems = read_annotations("smic", write(tmp_path / "t.csv", smic()))
    assert {clip.apex for clip in clips} == {None}
    assert [(p.row, p.clip, p.action) for p in problems] == [(1, "", "kept")]
    assert (clips[0].onset, clips[0].offset, clips[0].fps) == (559740, 559775, 100.0)


def test_smic_apex_is_kept_and_noted_where_it_was_computed(tmp_path):
    table = [["Subject", "Filename", "OnsetFrame", "ApexFrame", "OffsetFrame", "Emotion"]]
    table += [["s2", f"s2_po_0{i}", "076518", 76532, "076546", "positive"] for i in (1, 2, 3)]
    clips, problems = read_annotations("smic", write(tmp_path / "t.csv", table))
    assert (clips[0].onset, clips[0].apex, clips[0].offset) == (76518, 76532, 76546)
    assert "middle" in problems[0].kind
    table[1][3] = 76530
    assert read_annotations("smic", write(tmp_path / "t.csv", table))[1] == []


def test_smic_names_hold_subject_and_emotion(tmp_path):
    table = [*smic(0), ["", "s3_sur_01", 100, 120, ""]]
    clips, problems = read_annotations("smic", write(tmp_path / "t.csv", table))
    assert (clips[0].subject, clips[0].emotion) == ("s3", "surprise")
    assert [problem.action for problem in problems[1:]] == ["repaired", "repaired"]
    without = [row[:-1] for row in smic()]
    assert read_annotations("smic", write(tmp_path / "t.csv", without))[0][1].emotion == "positive"


def test_casme3_quirks(tmp_path):
    clips, problems = of_casme3(
        tmp_path,
        ["spNO.1", "a", 355, 361, 365, "12", 1, "happy"],
        ["spNO.1", "a", 500, 505, 520, "12", 1, "Others"],
        ["spNO.1", "J", 600, 605, 620, "12", 1, "others"],
        ["spNo.149", "d", 112, 83, 120, "4", 1, "others"],
        ["spNO.216", "d", 3647, 2668, 2694, "4", 1, "sad"],
        ["spNO.216", "e", 0, 0, 25, "4", 1, "sad"],
        ["spNO.2", "e", 138, 143, 0, "4", 1, "fear"],
        ["spNO.2", "h", 100, 110, 3000, "4", 1, "anger"],
        ["spNO.2", "h", 100, 110, 3000, "4", 1, "anger"],
        ["spNO.2", "h", 100, 110, 130, "4", 1, "anger"],
    )
    found = {(p.row, p.clip, p.action) for p in problems}
    assert found == {
        (3, "casme3/spNO.1/a_500", "repaired"),
        (4, "casme3/spNO.1/j_600", "repaired"),
        (5, "casme3/spNO.149/d_112", "repaired"),
        (6, "casme3/spNO.216/d_3647", "repaired"),
        (7, "casme3/spNO.216/e_0", "kept"),
        (8, "casme3/spNO.2/e_138", "repaired"),
        (9, "casme3/spNO.2/h_100", "kept"),
        (10, "casme3/spNO.2/h_100", "kept"),
        (10, "casme3/spNO.2/h_100", "dropped"),
        (11, "casme3/spNO.2/h_100_130", "kept"),
    }
    assert len(clips) == 9
    assert clips["casme3/spNO.1/a_500"].emotion == "others"
    assert clips["casme3/spNO.216/d_3647"].onset == 2647
    assert clips["casme3/spNO.149/d_112"].apex is None


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (["", "a", 1, 5, 9, "", 1, "fear"], "subject is empty"),
        (["Bob", "a", 1, 5, 9, "", 1, "fear"], "'Bob' is no id of CAS"),
        (["spNO.1", "", 1, 5, 9, "", 1, "fear"], "filename is empty"),
        (["spNO.1", "a", "one", 5, 9, "", 1, "fear"], "onset is 'one'"),
        (["spNO.1", "a", 1, 5, "nine", "", 1, "fear"], "offset is 'nine'"),
        (["spNO.1"], "filename is empty"),
    ],
)
def test_row_without_what_a_clip_needs_is_dropped(tmp_path, row, words):
    clips, problems = of_casme3(tmp_path, row)
    assert not clips
    assert any(words in problem.kind and problem.action == "dropped" and problem.row == 2 for problem in problems)


@pytest.mark.parametrize(
    ("emotion", "read", "action"),
    [
        ("surprize", "surprise", "repaired"),
        ("", "", "kept"),
        ("hope", "hope", "kept"),
        ("contempt", "contempt", "kept"),
    ],
)
def test_odd_emotions(tmp_path, emotion, read, action):
    clips, problems = of_casme3(tmp_path, ["spNO.1", "a", 1, 5, 9, "4+7", 1, emotion])
    assert clips["casme3/spNO.1/a_1"].emotion == read
    assert [problem.action for problem in problems] == [action]


@pytest.mark.parametrize(
    ("action_units", "odd"),
    [("4+L10", False), ("14A", False), ("R1 + R2", False), ("", True), ("abc", True), ("0x1F", True)],
)
def test_action_units_that_name_none_are_noted(tmp_path, action_units, odd):
    clips, problems = of_casme3(tmp_path, ["spNO.1", "a", 1, 5, 9, action_units, 1, "fear"])
    assert clips["casme3/spNO.1/a_1"].action_units == action_units
    assert [problem.action for problem in problems] == ["kept"] * odd
    assert all("action units are" in problem.kind for problem in problems)


def test_capitals_are_no_slip_where_the_table_has_them_throughout(tmp_path):
    clips, problems = read_annotations("samm", write(tmp_path / "t.csv", samm()))
    assert clips[0].emotion == "anger"
    assert problems == []


def test_the_same_clip_twice(tmp_path):
    row = ["1", "EP02_01f", None, 46, 59, 86, None, "12", "happiness"]
    for changed, words in [
        (row, "repeats row 2"),
        ([*row[:5], 90, *row[6:]], "other frames"),
        ([*row[:8], "fear"], "other"),
    ]:
        clips, problems = read_annotations("casme2", write(tmp_path / "t.csv", [*casme2(0), row, changed]))
        assert len(clips) == 1
        assert [(p.row, p.action) for p in problems] == [(3, "dropped")]
        assert words in problems[0].kind


@pytest.mark.parametrize("dataset", ["casme2", "samm", "smic", "casme3"])
def test_table_of_another_dataset_is_refused(tmp_path, dataset):
    for other in {"casme2", "samm", "smic", "casme3"} - {dataset}:
        table = TABLES[other]()
        with pytest.raises(ATMGCNError, match=f"read it as dataset {other}"):
            read_annotations(dataset, write(tmp_path / "t.csv", table))


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ((0, 1), "subject and filename columns are exchanged"),
        ((2, 3), "onset stands under apex"),
        ((4, 7), "emotion column holds '187'"),
    ],
)
def test_exchanged_columns_are_refused(tmp_path, columns, words):
    table, (a, b) = casme3(), columns
    for row in table[1:]:
        row[a], row[b] = row[b], row[a]
    with pytest.raises(ATMGCNError, match=words):
        read_annotations("casme3", write(tmp_path / "t.csv", table))


def test_manifest_rows_are_judged_one_by_one(tmp_path):
    table = manifest(4)
    table[2][3], table[3][2] = 99, "clip0"
    table[3][1], table[4][4] = "p0", "\t"
    clips, problems = read_annotations("manifest", write(tmp_path / "manifest.csv", table))
    assert [clip.name for clip in clips] == ["clip0", "clip3"]
    assert clips[0].source == str(tmp_path / "frames/0")
    assert [(p.row, p.clip, p.action) for p in problems] == [
        (3, "own/p1/clip1", "dropped"),
        (4, "own/p0/clip0", "dropped"),
        (5, "own/p3/clip3", "kept"),
    ]
    assert "apex is empty" in problems[-1].kind


def test_rows_of_another_view_and_of_one_frame(tmp_path):
    table = manifest(5)
    table = [[*row, view] for row, view in zip(table, ("view", "flow", "", "flow", "flow", "frames"), strict=True)]
    table[3][3:6] = 7, None, 7
    clips, problems = read_annotations("manifest", write(tmp_path / "manifest.csv", table))
    assert len(clips) == 4
    assert [(p.row, p.code, p.action) for p in problems if not p.is_note] == [
        (4, "one-frame", "dropped"),
        (3, "other-view", "kept"),
        (6, "other-view", "kept"),
    ]
    assert problems[-1].kind == "view is frames, where other rows have flow; prepare refuses both in one store"


def test_manifest_without_any_apex_is_noted_once(tmp_path):
    table = manifest(4)
    for row in table[1:]:
        row[4] = None
    clips, problems = read_annotations("manifest", write(tmp_path / "manifest.csv", table))
    assert len(clips) == 4
    assert [(p.row, p.clip, p.action) for p in problems] == [(1, "", "kept")]
    table = manifest(0)
    assert [p.action for p in read_annotations("manifest", write(tmp_path / "manifest.csv", table))[1]] == ["dropped"]


def test_a_frame_rate_unlike_that_of_most_clips_is_noted(tmp_path):
    table = manifest(4)
    table[2][6], table[3][6] = 4.5, "30.0"
    table += [["other", *row[1:6], fps, *row[7:]] for row, fps in zip(table[1:3], (200, 100), strict=True)]
    clips, problems = read_annotations("manifest", write(tmp_path / "manifest.csv", table))
    assert [clip.fps for clip in clips] == [30, 4.5, 30, 30, 200, 100]
    assert [(p.row, p.action, p.kind) for p in problems] == [(3, "kept", "fps is 4.5, where most clips of own have 30")]
