"""Folders of folds: one each, on every file system, and those of earlier runs are found again."""

import unicodedata

import pytest

from atm_gcn.checkpoint import FILE_NAME
from atm_gcn.training.preflight import resolve
from atm_gcn.training.protocol.splits import Fold
from atm_gcn.training.protocol.tasks import LONGEST, Task, fold_folders
from atm_gcn.training.protocol.tasks_of_run import tasks_of
from atm_gcn.training.run import run_folds
from tests.runs import tiny_config

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
    assert fold_folders(ORDINARY) == ORDINARY
    assert [Task(Fold(name, [], []), 0).path.name for name in ORDINARY] == list(ORDINARY.values())


@pytest.mark.parametrize("names", HARD)
def test_every_fold_has_a_folder_of_its_own(names, tmp_path):
    folders = fold_folders(names)
    on_disk = {unicodedata.normalize("NFC", folder).casefold().rstrip(". ") for folder in folders.values()}
    assert len(on_disk) == len(names)
    for folder in folders.values():
        assert folder.isascii() and len(folder) <= LONGEST + 13
        (tmp_path / folder).mkdir()


def test_a_folder_does_not_depend_on_the_order_of_the_folds():
    assert fold_folders(["m/s01", "m/S01", "m/x"]) == fold_folders(["m/x", "m/S01", "m/s01"])


def test_a_fold_in_a_folder_of_another_name_is_gone_on_with(store, tmp_path):
    config = resolve(tiny_config(epochs=1), tiny_config(epochs=1), store)
    run_folds(config, store, tmp_path / "run")
    folds = tmp_path / "run" / "folds"
    (folds / "tiny__s1").rename(folds / "tiny-s1-of-old")
    before = (folds / "tiny-s1-of-old" / FILE_NAME).stat().st_mtime_ns
    (tmp_path / "run" / "metrics.json").unlink()
    run_folds(config, store, tmp_path / "run", resume=True)
    assert sorted(folder.name for folder in folds.iterdir()) == ["tiny__s0", "tiny__s1", "tiny__s2"]
    assert (folds / "tiny__s1" / FILE_NAME).stat().st_mtime_ns == before
    assert [task.path.name for task in tasks_of(config, store)] == ["tiny__s0", "tiny__s1", "tiny__s2"]
