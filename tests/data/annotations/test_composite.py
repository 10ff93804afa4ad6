"""The composite's list, and its join with the three tables."""

import pytest

from atm_gcn.data.annotations import read_annotations
from atm_gcn.errors import ATMGCNError

from .tables import TABLES, composite, write, write_named

PARTS = ("casme2", "samm", "smic")


@pytest.fixture
def folder(tmp_path):
    for dataset in PARTS:
        write_named(tmp_path / dataset, dataset)
    return tmp_path


def test_list_alone_says_that_it_has_no_frames(tmp_path):
    clips, problems = read_annotations("composite", write(tmp_path / "list.csv", composite()))
    assert {clip.dataset for clip in clips} == set(PARTS)
    assert [(p.row, p.clip, p.action) for p in problems] == [(1, "", "kept")]
    assert "CASME II, SAMM, SMIC-HS" in problems[0].kind


def test_list_takes_frames_from_the_tables_and_classes_from_itself(folder):
    table = composite()
    table[0][3] = 2  # the table says happiness
    write(folder / "combined_3class_gt.csv", table)
    clips, problems = read_annotations("composite", folder)
    assert len(clips) == len(table)
    assert (clips[0].onset, clips[0].apex, clips[0].offset, clips[0].emotion) == (40, 58, 84, "happiness")
    assert clips[0].label == "surprise"
    about = [p for p in problems if p.row == 1 and p.clip]
    assert [(p.clip, p.action) for p in about] == [(clips[0].key, "kept")]
    assert "the list says surprise" in about[0].kind


@pytest.mark.parametrize(
    ("row", "key"),
    [
        (["CASME II", "1", "EP01_00f", "1"], "casme2/sub01/EP01_00f"),
        (["casme2", "sub1", "ep01_00f", "positive"], "casme2/sub01/EP01_00f"),
        (["samm", "36", "036_7_3", "0"], "samm/036/036_7_3"),
        (["SAMM", "036", "36_7_3", "0"], "samm/036/036_7_3"),
        (["smic", "s01", "s1_ne_01", "0"], "smic/s1/s1_ne_01"),
        (["smic", "1", "s01_ne_1", "0"], "smic/s1/s1_ne_01"),
    ],
)
def test_ids_are_written_in_many_ways(tmp_path, row, key):
    for lines in ([row], [["dataset", "subject", "filename", "class"], row]):
        assert read_annotations("composite", write(tmp_path / "list.csv", lines))[0][0].key == key


def test_last_row_counts_without_a_newline(tmp_path):
    path = write(tmp_path / "list.csv", composite())
    path.write_text(path.read_text().rstrip())
    assert len(read_annotations("composite", path)[0]) == len(composite())


def test_whom_a_table_lacks_is_named_with_the_reason(folder):
    table = composite()
    table.append(["samm", "6", "006_9_9", "0"])
    write(folder / "combined_3class_gt.csv", table)
    samm = TABLES["samm"]()
    samm[14][3] = "later"  # 006_1_0
    write(folder / "samm" / "SAMM_Micro_FACS_Codes_v2.csv", samm)
    clips, problems = read_annotations("composite", folder)
    assert len(clips) == len(table) - 2
    dropped = {p.clip: p.kind for p in problems if p.action == "dropped" and "has no such clip" in p.kind}
    assert set(dropped) == {"samm/006/006_1_0", "samm/006/006_9_9"}
    assert "onset is 'later'" in dropped["samm/006/006_1_0"]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (["casme", "1", "EP01_00f", "1"], "dataset is 'casme'"),
        (["casme2", "1", "EP01_00f", "4"], "class is '4'"),
        (["casme2", "1", "EP01_00f"], "class is ''"),
        (["smic", "1", "EP01_00f", "1"], "are none of SMIC-HS"),
        (["casme2", "sub01", "EP01_00f", "1"], "repeats row 1"),
    ],
)
def test_rows_that_cannot_be_read(tmp_path, row, words):
    table = composite()
    clips, problems = read_annotations("composite", write(tmp_path / "list.csv", [*table, row]))
    assert len(clips) == len(table)
    assert [(p.row, p.action) for p in problems[:1]] == [(len(table) + 1, "dropped")]
    assert words in problems[0].kind


def test_other_tables_are_refused(tmp_path):
    with pytest.raises(ATMGCNError, match="is not the composite's list"):
        read_annotations("composite", write(tmp_path / "t.csv", TABLES["smic"]()))
