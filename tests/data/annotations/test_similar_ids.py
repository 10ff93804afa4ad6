"""Ids of a table: read in one form, and compared."""

import pytest

from atm_gcn.config import DataConfig
from atm_gcn.data.annotations import read_annotations
from atm_gcn.data.annotations._rows.similar_ids import resolve_similar_rows
from atm_gcn.data.annotations.read import read_rows

from .tables import TABLES, casme2, manifest, write

ROW = ["sub01", "EP02_01f", None, 46, 59, 86, None, "12", "happiness"]


@pytest.mark.parametrize("subject", ["sub01\u200b", "\ufeffsub01", "\uff53\uff55\uff42\uff10\uff11", "sub\u0660\u0661"])
def test_ids_of_published_tables_are_read_in_one_form(tmp_path, subject):
    clips, problems = read_annotations("casme2", write(tmp_path / "t.csv", [*casme2(0), [subject, *ROW[1:]]]))
    assert clips[0].key == "casme2/sub01/EP02_01f"
    assert [(problem.row, problem.action) for problem in problems] == [(2, "repaired")]
    assert problems[0].kind.startswith("subject is written ") and problems[0].kind.endswith(": read as 'sub01'")


def test_headers_and_numbers_too(tmp_path):
    table = casme2(1)
    table[0] = [f"\ufeff{cell}\u200b" if cell else cell for cell in table[0]]
    table[1][3] = "\uff14\uff16"
    clips, _ = read_annotations("casme2", write(tmp_path / "t.csv", table))
    assert clips[0].onset == 46
    table = manifest(2)
    table[0] = [f"{cell}\u200b" for cell in table[0]]
    assert len(read_annotations("manifest", write(tmp_path / "manifest.csv", table))[0]) == 2


@pytest.mark.parametrize("dataset", ["casme2", "samm", "smic", "casme3"])
def test_published_ids_are_not_similar(tmp_path, dataset):
    _, problems = read_annotations(dataset, write(tmp_path / "t.csv", TABLES[dataset]()))
    assert not [problem for problem in problems if problem.decide]


def test_a_spelling_is_noted_once(tmp_path):
    table = manifest(4)
    for row in table[1:]:
        row[1] = "p\u200b"
    _, problems = read_annotations("manifest", write(tmp_path / "manifest.csv", table))
    noted = [(problem.row, problem.kind) for problem in problems if problem.action == "repaired"]
    assert noted == [(2, r"subject is written 'p\u200b': read as 'p'")]


def test_similar_ids_name_both_rows(tmp_path):
    table = manifest(4)
    table[1][1], table[3][1] = "Anna", "anna"
    path = write(tmp_path / "manifest.csv", table)
    clips, problems = read_annotations("manifest", path)
    assert len(clips) == 4
    (problem,) = [problem for problem in problems if problem.decide]
    assert (problem.row, problem.clip, problem.action, problem.decide) == (
        4,
        "own/anna/clip2",
        "kept",
        "similar_subjects",
    )
    assert "subject 'anna' looks like 'Anna' of row 2" in problem.kind


def test_rows_that_come_to_one_name_are_dropped(tmp_path):
    table = manifest(3)
    table[1][1], table[3][1], table[3][2] = "Anna", "anna", table[1][2]
    resolved = resolve_similar_rows(
        read_rows("manifest", write(tmp_path / "manifest.csv", table)), DataConfig(similar_subjects="same")
    )
    assert [clip.key for clip in resolved.clips.values()] == ["own/Anna/clip0", "own/p1/clip1"]
    assert [(problem.row, problem.action) for problem in resolved.problems if problem.action != "kept"] == [
        (4, "dropped"),
        (4, "repaired"),
    ]
