"""Files that appear whole or not at all."""

from pathlib import Path

import pytest

from atm_gcn.errors import ATMGCNError
from atm_gcn.files import replacing, rounded, write_json, write_text


def test_a_broken_off_write_keeps_the_earlier_file(tmp_path):
    write_text(tmp_path / "a.txt", "whole")
    with pytest.raises(ZeroDivisionError), replacing(tmp_path / "a.txt") as partial:
        partial.write_text("ha")
        raise ZeroDivisionError
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "whole"


def test_a_refused_write_is_one_sentence(tmp_path):
    write_text(tmp_path / "a", "a file")
    with pytest.raises(ATMGCNError, match=r"a/b\.txt: cannot be written \(.+\)"):
        write_text(tmp_path / "a" / "b.txt", "below a file")


def test_a_full_disk_is_one_sentence(tmp_path):
    write_text(tmp_path / "a.txt", "whole")
    message = r"a\.txt: cannot be written \(No space left on device\)"
    with pytest.raises(ATMGCNError, match=message), replacing(tmp_path / "a.txt"):
        Path("/dev/full").write_text("x")
    assert (tmp_path / "a.txt").read_text() == "whole"


def test_json_is_sorted_and_rounded(tmp_path):
    write_json(tmp_path / "a.json", {"b": [1 / 3, 2], "a": {"é": 1e-9}})
    assert (tmp_path / "a.json").read_text(encoding="utf-8") == (
        '{\n  "a": {\n    "é": 0.0\n  },\n  "b": [\n    0.333333,\n    2\n  ]\n}\n'
    )
    assert rounded((0.1234, "x", True), 2) == [0.12, "x", True]
