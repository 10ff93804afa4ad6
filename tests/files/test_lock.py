"""A run's folder has one writer at a time."""

import os
import signal
import subprocess
import sys

import pytest

from atm_gcn.errors import ATMGCNError
from atm_gcn.files.lock import FILE_NAME, locked

HOLD = "import sys, time; from pathlib import Path; from atm_gcn.files.lock import locked\n" + (
    "with locked(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
)


@pytest.fixture
def holder(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()


def test_a_second_process_is_refused_until_the_first_is_gone(tmp_path, holder):
    with pytest.raises(ATMGCNError, match=rf"is being written by another process \(process {holder.pid} on .*wait"):
        locked(tmp_path).__enter__()
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    assert (tmp_path / FILE_NAME).exists()
    with locked(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_lock_whose_file_was_removed_does_not_count(tmp_path, holder):
    (tmp_path / FILE_NAME).unlink()
    with locked(tmp_path), pytest.raises(ATMGCNError, match="another process"):
        locked(tmp_path).__enter__()


def test_an_error_lets_it_go(tmp_path):
    with pytest.raises(ZeroDivisionError), locked(tmp_path):
        raise ZeroDivisionError
    with locked(tmp_path):
        pass


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    with pytest.raises(ATMGCNError, match="absent/lock: cannot be written"):
        locked(tmp_path / "absent").__enter__()


@pytest.mark.parametrize("kind", ["link", "second name", "pipe", "text"])
def test_a_file_that_is_no_lock_is_refused_and_kept(tmp_path, kind):
    folder, other = tmp_path / "run", tmp_path / "other.txt"
    folder.mkdir()
    other.write_text("foreign")
    lock = folder / FILE_NAME
    make = {
        "link": lambda: lock.symlink_to(other),
        "second name": lambda: lock.hardlink_to(other),
        "pipe": lambda: os.mkfifo(lock),
        "text": lambda: lock.write_text("process of making bread\n"),
    }
    make[kind]()
    with pytest.raises(ATMGCNError, match=r"run/lock: (is|has)"):
        locked(folder).__enter__()
    assert other.read_text() == "foreign"
    assert os.path.lexists(lock)


def test_a_lock_of_another_is_not_removed(tmp_path):
    with locked(tmp_path):
        (tmp_path / FILE_NAME).unlink()
        (tmp_path / FILE_NAME).write_text("process 7 on another\n")
    assert (tmp_path / FILE_NAME).exists()
