"""Tables give no order to a spreadsheet, and come back as they were."""

import csv
import io

import pytest

from atm_gcn.files.csv_tables import cell_of, csv_text, text_of

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
