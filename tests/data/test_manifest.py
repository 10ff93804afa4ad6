"""The manifest: what it accepts, and the one sentence it says about everything else."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from atm_gcn.data.clip import Clip
from atm_gcn.data.manifest import COLUMNS, load_manifest, write_manifest
from atm_gcn.errors import ATMGCNError

CLIP = Clip("own", "p1", "a", 3, 7, 12, 29.97, emotion="joy", label="positive", source="clips/a", action_units="6+12")
ROW = dict(zip(COLUMNS, ["own", "p1", "a", "3", "7", "12", "30", "positive", "clips/a"], strict=True))


def manifest(folder: Path, *rows: dict[str, str], text: str | None = None) -> Path:
    path = folder / "manifest.csv"
    if text is None:
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]) if rows else COLUMNS)
            writer.writeheader()
            writer.writerows(rows)
    else:
        path.write_bytes(text.encode())
    return path


def test_what_is_written_is_read_back(tmp_path):
    clips = [
        CLIP,
        replace(CLIP, name="b, quoted", apex=None),
        replace(CLIP, subject="ü", source=str(tmp_path / "x.mp4")),
    ]
    write_manifest(clips, tmp_path / "manifest.csv")
    expected = [replace(clip, source=str(tmp_path / clip.source)) for clip in clips]
    assert load_manifest(tmp_path / "manifest.csv") == expected
    assert load_manifest(tmp_path) == expected  # the folder will do
    assert [path.name for path in tmp_path.iterdir()] == ["manifest.csv"]


def test_the_kind_is_written_where_a_clip_is_a_macro_expression(tmp_path):
    path = tmp_path / "manifest.csv"
    write_manifest([CLIP], path)
    assert "kind" not in path.read_text().splitlines()[0].split(",")
    write_manifest([CLIP, replace(CLIP, name="b", kind="macro")], path)
    assert "kind" in path.read_text().splitlines()[0].split(",")
    assert [clip.kind for clip in load_manifest(path)] == ["micro", "macro"]
    manifest(tmp_path, ROW | {"kind": ""}, ROW | {"name": "b", "kind": "macro"})
    assert [clip.kind for clip in load_manifest(path)] == ["micro", "macro"]
    with pytest.raises(ATMGCNError, match="row 2: kind is 'Macro', neither micro nor macro"):
        load_manifest(manifest(tmp_path, ROW | {"kind": "Macro"}))


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@x", "'=1", "''-", "'quoted'", '=HYPERLINK("a","b")'])
def test_a_spreadsheet_takes_no_name_for_a_formula(tmp_path, name):
    source = f"{name}/x"
    clip = replace(
        CLIP, dataset=name.replace("/", ""), subject=name, name=name, label=name, emotion=name, source=source
    )
    write_manifest([clip], tmp_path / "manifest.csv")
    with (tmp_path / "manifest.csv").open(newline="") as file:
        cells = next(csv.DictReader(file))
    assert not any(cell[:1] in tuple("=+-@\t") for cell in cells.values() if cell)
    assert load_manifest(tmp_path) == [replace(clip, source=str(tmp_path / source))]


def test_sources_below_the_manifest_move_with_it(tmp_path):
    (tmp_path / "here").mkdir()
    write_manifest([replace(CLIP, source=str(tmp_path / "here" / "a"))], tmp_path / "here" / "manifest.csv")
    (tmp_path / "here").rename(tmp_path / "there")
    assert load_manifest(tmp_path / "there")[0].source == str(tmp_path / "there" / "a")


@pytest.mark.parametrize(
    "text",
    [
        "{header}\n{row}",
        "\ufeff{header}\r\n{row}\r\n",
        "{header}\r{row}\r",
        "{header},remarks\n{row},\n\n,,,,,,,,,\n",
    ],
    ids=["no last newline", "BOM and CRLF", "CR alone", "other column, blank rows"],
)
def test_accepts_what_spreadsheets_write(tmp_path, text):
    path = manifest(tmp_path, text=text.format(header=",".join(COLUMNS), row=",".join(ROW.values())))
    (clip,) = load_manifest(path)
    assert (clip.key, clip.onset, clip.apex, clip.offset, clip.fps) == ("own/p1/a", 3, 7, 12, 30.0)


def test_accepts_semicolons_and_whole_floats(tmp_path):
    row = ROW | {"onset": "3.0", "apex": " 7 "}
    path = manifest(tmp_path, text=f"{';'.join(COLUMNS)}\n{';'.join(row.values())}\n")
    assert (load_manifest(path)[0].onset, load_manifest(path)[0].apex) == (3, 7)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"onset": "8"}, "onset 8 lies after apex 7"),
        ({"apex": "13"}, "apex 13 lies after offset 12"),
        ({"onset": "13", "apex": ""}, "onset 13 lies after offset 12"),
        ({"apex": "/"}, "apex is '/', which is no frame number"),
        ({"offset": "12.5"}, "offset is '12.5'"),
        ({"onset": "-1"}, "onset is '-1'"),
        ({"onset": "nan"}, "onset is 'nan'"),
        ({"offset": "inf"}, "offset is 'inf'"),
        ({"fps": "0"}, "fps is '0'"),
        ({"fps": "fast"}, "fps is 'fast'"),
        ({"label": " "}, "label is empty"),
        ({"source": ""}, "source is empty"),
    ],
)
def test_a_wrong_row_is_named(tmp_path, cells, message):
    path = manifest(tmp_path, ROW, ROW | {"name": "b"} | cells)
    with pytest.raises(ATMGCNError, match=message) as error:
        load_manifest(path)
    assert str(error.value).startswith(f"{path}, row 3: ")


def test_wrong_files_are_named(tmp_path):
    def fails(path: Path, message: str) -> None:
        with pytest.raises(ATMGCNError, match=message) as error:
            load_manifest(path)
        assert str(path) in str(error.value)

    fails(tmp_path / "none.csv", "there is no such manifest")
    fails(manifest(tmp_path, ROW, ROW), "row 3: clip own/p1/a is in row 2 already")
    fails(manifest(tmp_path), "holds no clips")
    fails(manifest(tmp_path, text=""), "lacks the columns dataset, subject")
    fails(
        manifest(tmp_path, {k: v for k, v in ROW.items() if k != "fps"}), "lacks the column fps; expected are dataset"
    )
    fails(manifest(tmp_path, text=",".join([*COLUMNS, "fps"]) + "\n"), "the column fps twice")
    fails(manifest(tmp_path, text=",".join(COLUMNS) + "\nown,p1\n"), "row 2: has 2 cells where the header has 9")
    fails(manifest(tmp_path, text=",".join(COLUMNS) + '\n"' + "x" * 200_000), "is not a CSV file")
    (tmp_path / "picture.csv").write_bytes(b"\xff\xd8\xff\xe0")
    fails(tmp_path / "picture.csv", "is not UTF-8")
