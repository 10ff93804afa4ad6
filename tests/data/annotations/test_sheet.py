"""Files: formats, encodings, headers that do not stand on row 1, and files that are no table."""

import sys

import pytest

from atm_gcn.data.annotations import read_annotations
from atm_gcn.errors import ATMGCNError

from .tables import TABLES, write, write_named


@pytest.mark.parametrize("dataset", ["casme2", "samm", "smic", "casme3", "composite"])
def test_every_format_reads_the_same(tmp_path, dataset):
    table = TABLES[dataset]()
    read = [read_annotations(dataset, write(tmp_path / f"t{end}", table)) for end in (".csv", ".xlsx", ".xls")]
    assert read[0] == read[1] == read[2]
    assert len(read[0][0]) >= 24


def test_format_is_recognised_by_content_and_not_by_name(tmp_path):
    path = write(tmp_path / "table.xlsx", TABLES["smic"]())
    renamed = path.rename(tmp_path / "table.csv")
    assert len(read_annotations("smic", renamed)[0]) == 24


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_csv_in_any_dress(tmp_path, encoding, delimiter, newline):
    path = tmp_path / "t.csv"
    lines = [delimiter.join(str(cell) for cell in [*row, "备注"]) for row in TABLES["casme3"]()]
    path.write_bytes(newline.join(lines).encode(encoding))  # no last newline
    clips, problems = read_annotations("casme3", path)
    assert len(clips) == 24
    assert problems == []


def test_header_is_found_by_its_names(tmp_path):
    clips, problems = read_annotations("samm", write(tmp_path / "t.xlsx", TABLES["samm"]()))
    assert clips[0].key == "samm/006/006_1_0"
    assert (clips[0].onset, clips[0].apex, clips[0].offset) == (560, 586, 630)
    broken = TABLES["samm"]()
    broken[14][3] = "later"
    assert read_annotations("samm", write(tmp_path / "u.xlsx", broken))[1][0].row == 15  # as Excel counts
    assert problems == []


@pytest.mark.parametrize("spelling", ["Apex", "ApexF", "apex frame", "APEX_FRAME", " Apex Frame "])
def test_spellings_of_a_column(tmp_path, spelling):
    table = TABLES["casme3"]()
    table[0][3] = spelling
    assert read_annotations("casme3", write(tmp_path / "t.csv", table))[0][0].apex == 180


def test_missing_column_is_named(tmp_path):
    table = [row[:4] + row[5:] for row in TABLES["casme3"]()]
    with pytest.raises(ATMGCNError, match=r"t\.csv: lacks a column for offset"):
        read_annotations("casme3", write(tmp_path / "t.csv", table))


def test_other_sheets_are_noted(tmp_path):
    import openpyxl

    path = write(tmp_path / "t.xlsx", TABLES["casme3"](), sheet="label")
    book = openpyxl.load_workbook(path)
    book.create_sheet("empty", 0)
    book.create_sheet("statistics").append(["mean", 3.5])
    book.save(path)
    clips, problems = read_annotations("casme3", path)
    assert len(clips) == 24
    assert [problem.kind for problem in problems] == ["other sheets of the file are not read: statistics"]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xff\xd8\xff\xe0JFIF\0\1", b"PK\x03\x04 not a zip", b"hello"])
@pytest.mark.parametrize("name", ["t.csv", "t.xlsx"])
def test_wrong_file_is_one_sentence(tmp_path, content, name):
    (tmp_path / name).write_bytes(content)
    for dataset in ("casme2", "composite"):
        with pytest.raises(ATMGCNError, match=name):
            read_annotations(dataset, tmp_path / name)


def test_folder_must_hold_exactly_one_table(tmp_path):
    with pytest.raises(ATMGCNError, match="holds no annotation table of SAMM"):
        read_annotations("samm", tmp_path)
    path = write_named(tmp_path / "deep" / "er", "samm", ".xlsx")
    (path.parent / f"~${path.name}").write_bytes(b"Excel's lock")
    assert len(read_annotations("samm", tmp_path)[0]) == 24
    write_named(tmp_path, "samm", ".csv")
    with pytest.raises(ATMGCNError, match=r"more than one annotation table of SAMM, .*keep one"):
        read_annotations("samm", tmp_path)
    with pytest.raises(ATMGCNError, match="there is no such file"):
        read_annotations("samm", tmp_path / "nowhere")
    with pytest.raises(ATMGCNError, match="there is no dataset 'casme4'"):
        read_annotations("casme4", tmp_path)


def test_excel_without_its_reader(tmp_path, monkeypatch):
    path = write_named(tmp_path, "smic", ".xlsx")
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    with pytest.raises(ATMGCNError, match=r"pip install -e '\.\[excel\]'"):
        read_annotations("smic", path)
    assert len(read_annotations("smic", write_named(tmp_path / "csv", "smic"))[0]) == 24
