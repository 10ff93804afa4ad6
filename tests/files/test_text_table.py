"""Tables as text."""

from atm_gcn.files.text_table import aligned


def test_columns_are_as_wide_as_their_widest_cell():
    rows = [["a", "bbb", "c"], ["dd", "e", "ffff"]]
    assert aligned(rows) == ["a   bbb  c   ", "dd  e    ffff"]
    assert aligned(rows, " | ")[1] == "dd | e   | ffff"


def test_cells_are_escaped_before_they_are_measured():
    assert aligned([["\x1b", "x"], ["abcdef", "y"]]) == [r"\x1b    x", "abcdef  y"]
