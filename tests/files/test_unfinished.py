"""An unfinished folder has a mark, and one process holds it."""

import os
import re
import subprocess
import sys

import pytest

from atm_gcn.errors import ATMGCNError
from atm_gcn.files.unfinished import MARK, UnfinishedFolder, remove_mark

OWN = re.compile(r"table\.csv|clips/(\d\.png)?")
HOLD = """
import sys, time
from pathlib import Path
from atm_gcn.files.unfinished import UnfinishedFolder
with UnfinishedFolder(Path(sys.argv[1]), "thing", lambda name: True) as folder:
    (folder.path / "table.csv").write_text("half")
    print("held", flush=True)
    time.sleep(60)
"""


def unfinished(out) -> UnfinishedFolder:
    return UnfinishedFolder(out, "thing", lambda entry: bool(OWN.fullmatch(entry)))


@pytest.fixture
def killed(tmp_path):
    """The unfinished folder of ``tmp_path/out``, left by a process that was killed."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path / "out")], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    with pytest.raises(ATMGCNError, match=rf"out: is being written by another process \(process {process.pid} on"):
        unfinished(tmp_path / "out").__enter__()
    process.kill()
    process.wait()
    return tmp_path / "out.partial"


def test_is_taken_up_again_and_gets_its_name(killed, tmp_path):
    with unfinished(tmp_path / "out") as folder:
        assert (folder.path / "table.csv").read_text() == "half"
        (folder.path / "clips").mkdir()
        (folder.path / "clips" / "1.png").write_text("")
        folder.finish(without=["table.csv"])
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]
    assert [entry.name for entry in (tmp_path / "out").iterdir()] == ["clips"]


def test_is_emptied_or_removed_as_far_as_it_is_ours(killed, tmp_path):
    with unfinished(tmp_path / "out") as folder:
        folder.clear()
        assert [entry.name for entry in killed.iterdir()] == [MARK]
        (killed / "thesis.tex").write_text("precious")
        folder.remove()
    assert [entry.name for entry in killed.iterdir()] == ["thesis.tex"]


def test_nothing_is_left_where_nothing_was_done(tmp_path):
    with pytest.raises(ZeroDivisionError), unfinished(tmp_path / "out"):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_the_mark_is_refused_and_kept(tmp_path):
    (tmp_path / "out.partial").mkdir()
    (tmp_path / "out.partial" / "table.csv").write_text("precious")
    for content in (None, "", "some notes\n", "atm-gcn unfinished thing\n"):
        if content is not None:
            (tmp_path / "out.partial" / MARK).write_text(content)
        with pytest.raises(ATMGCNError, match=r"out\.partial: exists and is no unfinished thing; rename or delete"):
            unfinished(tmp_path / "out").__enter__()
        assert (tmp_path / "out.partial" / "table.csv").read_text() == "precious"


@pytest.mark.parametrize("kind", ["foreign file", "foreign folder", "link", "second name"])
def test_a_foreign_entry_is_refused_and_kept(killed, tmp_path, kind):
    other = tmp_path / "other.txt"
    other.write_text("precious")
    (killed / "table.csv").unlink()
    {
        "foreign file": lambda: (killed / "thesis.tex").write_text("precious"),
        "foreign folder": lambda: (killed / "notes").mkdir(),
        "link": lambda: (killed / "table.csv").symlink_to(other),
        "second name": lambda: (killed / "table.csv").hardlink_to(other),
    }[kind]()
    before = sorted(killed.iterdir())
    with pytest.raises(ATMGCNError, match=r"does not belong to an unfinished thing|is a symbolic link"):
        unfinished(tmp_path / "out").__enter__()
    assert sorted(killed.iterdir()) == before and other.read_text() == "precious"


def test_a_link_in_its_place_is_refused(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    for target in ("elsewhere", "absent"):
        (tmp_path / "out.partial").symlink_to(tmp_path / target)
        with pytest.raises(ATMGCNError, match=r"out\.partial: is a symbolic link"):
            unfinished(tmp_path / "out").__enter__()
        (tmp_path / "out.partial").unlink()
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_mark_that_a_killed_process_left_in_a_finished_folder_is_removed(killed, tmp_path):
    killed.rename(tmp_path / "out")
    remove_mark(tmp_path / "out", ["table.csv"])
    assert list((tmp_path / "out").iterdir()) == []
    (tmp_path / "out" / "table.csv").write_text("precious")
    remove_mark(tmp_path / "out", ["table.csv"])
    assert (tmp_path / "out" / "table.csv").read_text() == "precious"


def test_permissions_follow_the_umask(tmp_path):
    before = os.umask(0o027)
    try:
        with unfinished(tmp_path / "out") as folder:
            (folder.path / "table.csv").write_text("")
            folder.finish()
    finally:
        os.umask(before)
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o750


def test_the_root_of_the_disk_is_no_place(tmp_path):
    with pytest.raises(ATMGCNError, match="is the root of the disk"):
        unfinished(tmp_path / ".." / ".." / ".." / ".." / ".." / ".." / ".." / "..")
