"""Files that appear whole or not at all, with the usual permissions, and leftovers of killed processes."""

import json
import os
from pathlib import Path

import pytest

from atm_gcn.errors import ATMGCNError
from atm_gcn.files import replacing, rounded, write_json, write_text
from atm_gcn.files.writing import LONGEST, is_leftover, remove_leftovers, temporary_name


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


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_permissions_follow_the_umask(tmp_path, mask):
    before = os.umask(mask)
    try:
        write_text(tmp_path / "folder" / "a.txt", "text")
    finally:
        os.umask(before)
    assert (tmp_path / "folder" / "a.txt").stat().st_mode & 0o777 == 0o666 & ~mask
    assert (tmp_path / "folder").stat().st_mode & 0o777 == 0o777 & ~mask


def test_a_link_is_replaced_and_not_followed(tmp_path):
    (tmp_path / "other.txt").write_text("foreign")
    (tmp_path / "a.txt").symlink_to(tmp_path / "other.txt")
    write_text(tmp_path / "a.txt", "ours")
    assert (tmp_path / "other.txt").read_text() == "foreign"
    assert (tmp_path / "a.txt").read_text() == "ours" and not (tmp_path / "a.txt").is_symlink()


def test_temporary_names_cannot_be_foreseen_and_fit(tmp_path):
    assert len({temporary_name("a") for _ in range(100)}) == 100
    for name in ("a", "ä" * 90, "n" * LONGEST, "n" * 255):
        assert is_leftover(temporary_name(name)) and len(os.fsencode(temporary_name(name))) <= 255
    write_text(tmp_path / ("n" * 255), "text")
    assert [file.name for file in tmp_path.iterdir()] == ["n" * 255]


def test_only_leftovers_of_our_own_are_removed(tmp_path):
    kept = ["movie.mkv.partial", "a.1.partial", "a.json.x.partial", ".atm-gcn-0123.partial", "a.json"]
    ours = [temporary_name("a.json"), temporary_name("n" * 255), "a.json.7.partial"]
    for name in kept + ours:
        (tmp_path / name).write_text("x")
    (tmp_path / temporary_name("b")).symlink_to(tmp_path / "a.json")
    remove_leftovers(tmp_path, ["a.json"])
    left = [file for file in tmp_path.iterdir() if not file.is_symlink()]
    assert sorted(file.name for file in left) == sorted(kept)


def test_a_file_that_is_being_written_is_no_leftover(tmp_path):
    with replacing(tmp_path / "a.txt") as partial:
        partial.write_text("text")
        remove_leftovers(tmp_path)
        assert partial.exists()
    assert (tmp_path / "a.txt").read_text() == "text"


def test_text_that_is_none_is_one_sentence(tmp_path):
    with pytest.raises(ATMGCNError, match=r"a\.txt: cannot hold 'a\\udcffb', which is not valid UTF-8"):
        write_text(tmp_path / "a.txt", "a\udcffb")


def test_json_is_sorted_and_rounded(tmp_path):
    write_json(tmp_path / "a.json", {"b": [1 / 3, 2], "a": {"é": 1e-9}})
    assert (tmp_path / "a.json").read_text(encoding="utf-8") == (
        '{\n  "a": {\n    "é": 0.0\n  },\n  "b": [\n    0.333333,\n    2\n  ]\n}\n'
    )
    write_json(tmp_path / "a.json", {"limit": 1e-7}, decimals=None)
    assert json.loads((tmp_path / "a.json").read_text()) == {"limit": 1e-7}
    assert rounded((0.1234, "x", True), 2) == [0.12, "x", True]
