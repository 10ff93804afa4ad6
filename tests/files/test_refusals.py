"""Links inside folders, and files that have other names."""

import os
from pathlib import Path

import pytest

from atm_gcn.errors import ATMGCNError
from atm_gcn.files.refusals import open_own, refuse_links, refuse_special, write_errors


def test_links_at_any_depth_are_refused_but_not_the_folder_itself(tmp_path):
    folder = tmp_path / "run"
    (folder / "folds" / "a").mkdir(parents=True)
    (tmp_path / "named").symlink_to(folder)
    refuse_links(tmp_path / "named")
    (folder / "folds" / "a" / "state").symlink_to(tmp_path / "absent")
    with pytest.raises(ATMGCNError, match="folds/a/state: is a symbolic link"):
        refuse_links(tmp_path / "named")
    (folder / "folds" / "a" / "state").unlink()
    (folder / "folds" / "b").symlink_to(tmp_path)
    with pytest.raises(ATMGCNError, match="folds/b: is a symbolic link"):
        refuse_links(folder)


def test_a_file_of_our_own_is_opened_or_made(tmp_path):
    for _ in range(2):
        descriptor = open_own(tmp_path / "a")
        os.write(descriptor, b"text")
        os.close(descriptor)
    assert (tmp_path / "a").read_text() == "text"


def test_the_reason_has_no_number(tmp_path):
    with pytest.raises(ATMGCNError, match=r"^a: cannot be written \(Is a directory\)$"), write_errors("a"):
        tmp_path.write_text("x")


def test_a_pipe_is_not_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    for path in (tmp_path / "pipe", tmp_path / "link", Path("/dev/zero")):
        with pytest.raises(ATMGCNError, match="is no regular file; copy it again"):
            refuse_special(path)
    (tmp_path / "file").write_text("")
    for path in (tmp_path, tmp_path / "file", tmp_path / "absent"):
        refuse_special(path)


@pytest.mark.parametrize("kind", ["link", "second name", "pipe"])
def test_a_file_that_is_not_only_here_is_not_opened(tmp_path, kind):
    other, path = tmp_path / "other", tmp_path / "a"
    other.write_text("")
    {
        "link": lambda: path.symlink_to(other),
        "second name": lambda: path.hardlink_to(other),
        "pipe": lambda: os.mkfifo(path),
    }[kind]()
    with pytest.raises(ATMGCNError, match=r"a: (is|has) "):
        open_own(path)
