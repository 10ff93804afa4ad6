"""Folders of folds: one each, on every file system."""

import unicodedata
from pathlib import Path

import pytest

from atm_gcn.training.protocol.splits import Fold
from atm_gcn.training.protocol.tasks import Task
from atm_gcn.training.results.layout import LONGEST, WRITTEN, fold_folder, fold_folder_names, fold_name

ORDINARY = {
    "synth/s01": "synth__s01",
    "casme3/spNO.1": "casme3__spNO.1",
    "casme2/sub01": "casme2__sub01",
    "mine/Jos\u00e9 P": "mine__Jos%C3%A9 P",
    "fold-1": "fold-1",
    "test-casme2+samm": "test-casme2%2Bsamm",
    "all": "all",
}
HARD = [
    ["a/b__c", "a__b/c"],
    ["a_/b", "a/_b"],
    ["m/s01", "m/S01"],
    ["m/s01", "m/s01."],
    ["m/\u00e9", "m/%C3%A9"],
    ["m/stra\u00dfe", "m/strasse"],
    ["m/" + "x" * 300, "m/" + "x" * 299 + "y"],
    ["m/" + "\u5f20" * 80, "m/" + "\u5f20" * 81],
]


def test_ordinary_names_are_the_folders():
    assert fold_folder_names(ORDINARY) == ORDINARY
    assert [Task(Fold(name, [], []), 0).path.name for name in ORDINARY] == list(ORDINARY.values())


@pytest.mark.parametrize("names", HARD)
def test_every_fold_has_a_folder_of_its_own(names, tmp_path):
    folders = fold_folder_names(names)
    on_disk = {unicodedata.normalize("NFC", folder).casefold().rstrip(". ") for folder in folders.values()}
    assert len(on_disk) == len(names)
    for folder in folders.values():
        assert folder.isascii() and len(folder) <= LONGEST + 13
        (tmp_path / folder).mkdir()


def test_a_folder_does_not_depend_on_the_order_of_the_folds():
    assert fold_folder_names(["m/s01", "m/S01", "m/x"]) == fold_folder_names(["m/x", "m/S01", "m/s01"])


def test_a_fold_and_its_folder_name_each_other():
    for name in ("tiny__s1", "tiny__s1/seed-2"):
        assert fold_name(Path("run"), fold_folder(Path("run"), name)) == name


def test_every_file_of_a_run_is_listed(finished):
    assert {file.name for file in finished.rglob("*") if file.is_file()} <= WRITTEN
