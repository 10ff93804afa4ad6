"""The folder of a spotting run is that of one run, and names of files are safe."""

import pytest

from atm_gcn.errors import ATMGCNError
from atm_gcn.spotting.layout import SpottingFolder, file_name, read_part, write_part

RECORD = {"settings": "a: 1\nb: 2\n", "spotters": ["learnt"]}


def test_different_words_give_different_names():
    names = [("a/b", "c"), ("a", "b/c"), ("a__b", "c"), ("..", "x"), ("a" * 200, "b"), ("a" * 200, "c"), ("é", "c")]
    found = [file_name(*words) for words in names]
    assert len(set(found)) == len(names)
    assert all("/" not in name and not name.startswith(".") and len(name) <= 120 for name in found)


def test_a_run_is_resumed_with_equal_options_only(tmp_path):
    folder = SpottingFolder(tmp_path / "run")
    with folder.opened(RECORD, resume=False):
        assert folder.record["spotters"] == ["learnt"]
    with folder.opened(RECORD, resume=True):
        pass
    with pytest.raises(ATMGCNError, match="holds a run already; add --resume"), folder.opened(RECORD, resume=False):
        pass
    other = RECORD | {"settings": "a: 1\nb: 3\n"}
    message = r"was begun with different settings \(b: 2, now b: 3\); repeat"
    with pytest.raises(ATMGCNError, match=message), folder.opened(other, resume=True):
        pass


def test_a_run_of_an_earlier_version_is_not_resumed(tmp_path):
    folder = SpottingFolder(tmp_path / "run")
    with folder.opened(RECORD, resume=False):
        pass
    message = "was begun by an earlier version of atm-gcn; name another folder"
    with pytest.raises(ATMGCNError, match=message), folder.opened(RECORD | {"kinds": ["micro"]}, resume=True):
        pass


def test_folders_of_others_are_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(ATMGCNError, match="exists and is no spotting run"):
        SpottingFolder(tmp_path).check(RECORD, resume=True)
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.tex"]
    with pytest.raises(ATMGCNError, match="is a file; name a folder"):
        SpottingFolder(tmp_path / "thesis.tex").check(RECORD, resume=True)
    with pytest.raises(ATMGCNError, match=r"it lacks spotting\.json"):
        _ = SpottingFolder(tmp_path).record


def test_parts_of_other_runs_and_damaged_ones_are_not_read(tmp_path):
    path = tmp_path / "part.json"
    assert read_part(path, "1") is None
    written = write_part(path, {"value": 1 / 3}, "1")
    assert written == read_part(path, "1") and written["value"] == 0.333333
    assert read_part(path, "2") is None
    path.write_text(path.read_text()[:-5])
    assert read_part(path, "1") is None
