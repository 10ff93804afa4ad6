"""Names can give no order to a terminal, a page or a spreadsheet, and come back as they were."""

import csv
import io
import json

import pytest

from atm_gcn.files.escaping import cell_of, csv_text, shown, shown_json, shown_lines, text_of

ODD = "a\x1b[31m\x00\r\u202eb\u200fc\x9b\ufeff\x7f"
FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "'=1",
    "''-x",
    "=",
    "\uff1d1",
    '=HYPERLINK("x","y")',
]
TEXTS = ["", "a", "a=b", "'quoted'", "'", "it's", " =1", 'a"b', "a,b", "a\nb", "a\rb", "ü", "0.5", "\U0001f600"]


def test_what_a_terminal_would_obey_is_shown():
    assert shown(ODD) == r"a\x1b[31m\x00\r\u202eb\u200fc\x9b\ufeff\x7f"
    assert shown("a\tb\nc\udcff") == r"a\tb\nc\udcff"
    assert shown_lines("a\tb\nc\x1b") == "a\tb\nc\\x1b"


@pytest.mark.parametrize("text", ["ü 微表情 नमस्ते", "می‌خواهم", "\U0001f469\u200d\U0001f52c", "שלום", "a\\b"])
def test_scripts_stay_as_they_are(text):
    assert shown(text) == text and cell_of(text) == text


def test_json_means_the_same():
    content = {"name": ODD + "\u2028\udcff\U0001f600\t\n"}
    text = shown_json(json.dumps(content, indent=2, ensure_ascii=False))
    assert json.loads(text) == content
    assert shown_lines(text) == text and "\U0001f600" in text


@pytest.mark.parametrize("text", FORMULAS + TEXTS)
def test_cells_come_back(text):
    cell = cell_of(text)
    assert text_of(cell) == text
    assert cell == (f"'{text}" if text in FORMULAS else text)
    assert cell[:1] not in tuple("=+-@\t\r\n\uff1d")


def test_numbers_stay_numbers():
    assert list(map(cell_of, [-0.5, -1, 0, None])) == ["-0.5", "-1", "0", ""]
    assert cell_of(-1 / 3, ".6f") == "-0.333333"


def test_a_table_comes_back():
    rows = [[text, "end"] for text in FORMULAS + TEXTS]
    text = csv_text(["=name", "x"], rows)
    header, *read = csv.reader(io.StringIO(text, newline=""))
    assert [list(map(text_of, row)) for row in read] == rows
    assert list(map(text_of, header)) == ["=name", "x"]
    assert csv_text(["a", "b"], [["x", -0.25]], ".3f") == "a,b\nx,-0.250\n"
