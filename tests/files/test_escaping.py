"""Names can give no order to a terminal or a page."""

import json

import pytest

from atm_gcn.files.csv_tables import cell_of
from atm_gcn.files.escaping import escape, escape_json, escape_lines, escape_to

ODD = "a\x1b[31m\x00\r\u202eb\u200fc\x9b\ufeff\x7f"


def test_what_a_terminal_would_obey_is_escaped():
    assert escape(ODD) == r"a\x1b[31m\x00\r\u202eb\u200fc\x9b\ufeff\x7f"
    assert escape("a\tb\nc\udcff") == r"a\tb\nc\udcff"
    assert escape_lines("a\tb\nc\x1b") == "a\tb\nc\\x1b"


def test_long_text_is_cut_after_it_was_escaped():
    assert escape_to(5, "ab\x1bc") == "ab\\x…" and escape_to(6, "ab\x1b") == "ab\\x1b"


@pytest.mark.parametrize("text", ["ü 微表情 नमस्ते", "می‌خواهم", "\U0001f469\u200d\U0001f52c", "שלום", "a\\b"])
def test_scripts_stay_as_they_are(text):
    assert escape(text) == text and cell_of(text) == text


def test_json_means_the_same():
    content = {"name": ODD + "\u2028\udcff\U0001f600\t\n"}
    text = escape_json(json.dumps(content, indent=2, ensure_ascii=False))
    assert json.loads(text) == content
    assert escape_lines(text) == text and "\U0001f600" in text
