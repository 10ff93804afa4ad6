"""Merged cells of a spreadsheet fill all their rows, with a note; cells that are merely empty do not."""

import pytest

from atm_gcn.data.annotations import read_annotations

from .tables import casme2, composite, smic, write, write_merged

FORMATS = pytest.mark.parametrize("suffix", [".xlsx", ".xls"])


def sorted_casme2(rows=24):
    """Subject by subject, so that cells can be merged; without the apex that is missing."""
    header, *body = casme2(rows)
    body[5][4] = 63
    return [header, *sorted(body, key=lambda row: row[0])]


@FORMATS
def test_merged_subjects_read_as_written_ones(tmp_path, suffix):
    table = sorted_casme2()
    expected, problems = read_annotations("casme2", write(tmp_path / f"t{suffix}", table))
    assert problems == []
    ranges = [(first, first + 5, 0, 0) for first in (1, 7, 13, 19)]
    clips, problems = read_annotations("casme2", write_merged(tmp_path / f"m{suffix}", table, *ranges))
    assert clips == expected
    assert {problem.action for problem in problems} == {"repaired"}
    assert [problem.row for problem in problems] == [row for row in range(2, 26) if (row - 2) % 6]
    assert problems[0].clip == expected[1].key
    assert problems[0].kind == "subject is part of a cell merged over rows 2 to 7: read '1'"


@FORMATS
def test_empty_cells_stay_a_problem(tmp_path, suffix):
    table = sorted_casme2(8)
    table[2][0] = table[8][0] = None
    clips, problems = read_annotations("casme2", write_merged(tmp_path / f"m{suffix}", table, (3, 4, 0, 0)))
    assert [(problem.row, problem.kind, problem.action) for problem in problems] == [
        (3, "subject is empty", "dropped"),
        (5, "subject is part of a cell merged over rows 4 to 5: read '2'", "repaired"),
        (9, "subject is empty", "dropped"),
    ]
    assert len(clips) == 6


def test_a_csv_cannot_tell(tmp_path):
    table = sorted_casme2(8)
    table[2][0] = None
    assert [problem.kind for problem in read_annotations("casme2", write(tmp_path / "t.csv", table))[1]] == [
        "subject is empty"
    ]


@FORMATS
def test_emotions_and_frames_are_filled_too(tmp_path, suffix):
    table = sorted_casme2(8)
    table[2][8] = table[1][8]
    table[3][4] = table[3][3]
    clips, problems = read_annotations(
        "casme2", write_merged(tmp_path / f"m{suffix}", table, (1, 2, 8, 8), (3, 3, 3, 4))
    )
    assert clips[1].emotion == clips[0].emotion == table[1][8]
    assert clips[2].apex == clips[2].onset == table[3][3]
    assert [problem.kind for problem in problems] == [
        f"emotion is part of a cell merged over rows 2 to 3: read {table[1][8]!r}",
        f"apex is part of a cell merged over row 4 and columns 4 to 5: read '{table[3][3]}'",
        f"onset and apex are both frame {table[3][3]}",
    ]


@FORMATS
def test_headers_over_two_rows(tmp_path, suffix):
    top, *body = sorted_casme2(8)
    top, below = list(top), [None] * len(top)
    below[3:6], top[3:6] = top[3:6], ["Frames", None, None]
    whole = [(0, 1, column, column) for column in (0, 1, 7, 8)]
    table = [top, below, *body]
    clips, problems = read_annotations("casme2", write_merged(tmp_path / f"m{suffix}", table, *whole, (0, 0, 3, 5)))
    assert problems == []
    assert clips == read_annotations("casme2", write(tmp_path / "t.csv", sorted_casme2(8)))[0]


@FORMATS
def test_a_header_merged_with_the_row_below_gives_no_value(tmp_path, suffix):
    header, *body = sorted_casme2(8)
    merges = [(0, 1, column, column) for column in range(len(header)) if header[column]]
    clips, problems = read_annotations(
        "casme2", write_merged(tmp_path / f"m{suffix}", [header, [None] * 9, *body], *merges)
    )
    assert (len(clips), problems) == (8, [])
    body[0][0] = None
    problems = read_annotations("casme2", write_merged(tmp_path / f"n{suffix}", [header, *body], (0, 1, 0, 0)))[1]
    assert [(problem.row, problem.kind) for problem in problems] == [(2, "subject is empty")]


@FORMATS
def test_a_note_over_all_columns_and_rows_without_anything(tmp_path, suffix):
    table = sorted_casme2(8)
    table += [[4, *[None] * 8], [4, *[None] * 8], ["coded by two people", *[None] * 8]]
    ranges = (8, 10, 0, 0), (11, 11, 0, 8)
    clips, problems = read_annotations("casme2", write_merged(tmp_path / f"m{suffix}", table, *ranges))
    assert len(clips) == 8
    assert {problem.row for problem in problems} == {12}
    assert not any("merged" in problem.kind for problem in problems)


@FORMATS
def test_the_clips_name_still_decides(tmp_path, suffix):
    table = smic(6)
    table[2][0] = table[1][0]
    problems = read_annotations("smic", write_merged(tmp_path / f"m{suffix}", table, (1, 2, 0, 0)))[1]
    assert [(problem.clip, problem.kind.partition(":")[0]) for problem in problems if problem.row == 3] == [
        ("smic/s2/s2_po_02", "subject is part of a cell merged over rows 2 to 3"),
        ("smic/s2/s2_po_02", "subject is '1', but the clip's name says s2"),
    ]


@FORMATS
def test_the_composites_list(tmp_path, suffix):
    table = composite()
    last = next(index for index, row in enumerate(table) if row[0] != table[0][0]) - 1
    expected, _ = read_annotations("composite", write(tmp_path / f"t{suffix}", table))
    clips, problems = read_annotations("composite", write_merged(tmp_path / f"m{suffix}", table, (0, last, 0, 0)))
    assert clips == expected
    kinds = [problem.kind for problem in problems if problem.action == "repaired"]
    assert kinds == [f"dataset is part of a cell merged over rows 1 to {last + 1}: read 'casme2'"] * last
