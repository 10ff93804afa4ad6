"""Tables that cost much or hold what no table holds are refused in one sentence, or read exactly."""

import io
import zipfile

import openpyxl
import pytest

from atm_gcn.config import DataConfig
from atm_gcn.data import load_manifest
from atm_gcn.data.annotations.read import read_annotations
from atm_gcn.data.manifest import COLUMNS
from atm_gcn.data.recordings import shared_recordings
from atm_gcn.data.store.planning import plan_clips
from atm_gcn.errors import ATMGCNError
from atm_gcn.files.limits import TABLE_BYTES, TABLE_ROWS
from atm_gcn.media.sources import open_source
from atm_gcn.media.sources.frame_source import describe_gaps

ROW = dict(zip(COLUMNS, ("d", "s1", "c1", "0", "2", "4", "30", "a", "clip"), strict=True))


def manifest(path, **cells):
    row = ROW | cells
    (path / "manifest.csv").write_text(",".join(COLUMNS) + "\n" + ",".join(f'"{row[name]}"' for name in COLUMNS) + "\n")
    return path / "manifest.csv"


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"offset": "1000000000000000001"}, "offset is 1000000000000000001, above 1,000,000,000,000,000,000;"),
        ({"offset": "9" * 400}, "offset is '999.*', which is no frame number"),
        ({"offset": "1e300"}, "offset is '1e300', which is no frame number"),
        ({"offset": "nan"}, "offset is 'nan', which is no frame number"),
        ({"offset": "20000000"}, "onset 0 to offset 20000000 are more than 10,000,000 frames"),
        ({"fps": "-30"}, "fps is '-30', which is no number of frames per second"),
        ({"fps": "nan"}, "fps is 'nan', which is no number of frames per second"),
        ({"fps": "1e300"}, "fps is '1e300', which is no number of frames per second"),
        ({"source": "a\x07b"}, "source 'a.x07b' holds a control character"),
        ({"label": "x" * 5001}, "has a cell of more than 5,000 characters; shorten it"),
    ],
)
def test_cells_that_no_clip_has(tmp_path, cells, message):
    path = manifest(tmp_path, **cells)
    with pytest.raises(ATMGCNError, match=rf"manifest\.csv, row 2: {message}"):
        load_manifest(path)


def test_frame_numbers_are_read_exactly(tmp_path):
    cells = {"onset": "9007199254740993", "apex": "9007199254740994.0", "offset": "9007199254740995"}
    clip = load_manifest(manifest(tmp_path, **cells))[0]
    assert (clip.onset, clip.apex, clip.offset) == (9007199254740993, 9007199254740994, 9007199254740995)


def test_a_source_with_a_name_that_no_disk_takes(tmp_path):
    path = manifest(tmp_path, source="x" * 300)
    with pytest.raises(ATMGCNError, match=r"^d/s1/c1: .* cannot be read \(File name too long\)$"):
        plan_clips(load_manifest(path), DataConfig())
    clips, problems = read_annotations("manifest", path)
    assert shared_recordings(clips) == [] and not [p for p in problems if p.action == "dropped"]


@pytest.mark.parametrize(
    ("limit", "value", "message"),
    [(TABLE_ROWS, 2, "has more than 2 rows; .* ATM_GCN_MAX_TABLE_ROWS"), (TABLE_BYTES, 99, "has more than 99 bytes; ")],
)
def test_long_tables(tmp_path, monkeypatch, limit, value, message):
    row = ",".join(ROW.values())
    (tmp_path / "manifest.csv").write_text("\n".join([",".join(COLUMNS), *(row.replace("c1", f"c{i}") for i in "123")]))
    assert len(load_manifest(tmp_path)) == 3
    monkeypatch.setenv(limit.variable, str(value))
    for read in (load_manifest, lambda path: read_annotations("casme2", path / "manifest.csv")):
        with pytest.raises(ATMGCNError, match=message):
            read(tmp_path)


def test_wide_rows(tmp_path):
    (tmp_path / "manifest.csv").write_text(",".join(COLUMNS) + 2000 * ",x")
    with pytest.raises(ATMGCNError, match=r"row 1: has 2,009 cells; at most 1,000 are read"):
        load_manifest(tmp_path)


@pytest.fixture(scope="module")
def book():
    content, sheet = io.BytesIO(), openpyxl.Workbook()
    for row in (["Subject", "Filename", "OnsetFrame"], [1, "EP02_01f", 46]):
        sheet.active.append(row)
    sheet.save(content)
    return content.getvalue()


PARTS = {
    "far cell": (lambda part: part.replace(b'r="C2"', b'r="XFD1048576"').replace(b'r="2"', b'r="1048576"')),
    "merged cells": lambda part: part.replace(
        b"</sheetData>", b"</sheetData><mergeCells>" + 3000 * b'<mergeCell ref="A1:XFD1048576"/>' + b"</mergeCells>"
    ),
    "long text": lambda part: part.replace(b't="n"><v>46', b't="str"><v>' + 6000 * b"x"),
}


@pytest.mark.parametrize("name", PARTS)
def test_an_excel_file_that_would_take_all_memory(tmp_path, book, name):
    path = tmp_path / "coding.xlsx"
    with zipfile.ZipFile(io.BytesIO(book)) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as forged:
        for part in source.namelist():
            content = source.read(part)
            forged.writestr(part, PARTS[name](content) if "sheet1.xml" in part else content)
    with pytest.raises(ATMGCNError, match=r"is a damaged .*Excel file|has a cell of more than 5,000 characters"):
        read_annotations("casme2", path)


def test_frames_numbered_far_apart(tmp_path):
    for number in ("1", "2", "900000000000000000"):
        (tmp_path / f"img{number}.png").touch()
    assert describe_gaps(open_source(tmp_path).numbers).startswith("the frames between 2 and 900000000000000000 are")
    (tmp_path / "img99999999999999999999.png").touch()
    with pytest.raises(ATMGCNError, match=r"the number in img99999999999999999999\.png is above 1,000,000,000,000,000"):
        open_source(tmp_path)


def test_null_characters_are_no_part_of_a_number(tmp_path):
    path = manifest(tmp_path)
    path.write_bytes(path.read_bytes().replace(b'"30"', b'"30\0\0"'))
    assert b"\0" in path.read_bytes()
    with pytest.raises(ATMGCNError, match=r"is damaged, or UTF-16 \(it holds null characters\)"):
        load_manifest(path)
