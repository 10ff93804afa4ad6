"""Files that a user names: devices and pipes get the content, inputs and foreign files are kept."""

import os
import stat
import threading
import tty

import pytest

from atm_gcn.errors import ATMGCNError
from atm_gcn.files.outputs import check_output, is_special, refuse_input, writing


def write(path, content=b"text") -> None:
    with writing(path) as partial:
        partial.write_bytes(content)


def ours(path) -> bool:
    return path.read_bytes() == b"ours"


def test_a_pipe_is_written_to_and_stays_one(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    got = []
    reader = threading.Thread(target=lambda: got.append((tmp_path / "pipe").read_bytes()))
    reader.start()
    write(tmp_path / "pipe", b"x" * 300_000)
    reader.join(10)
    assert got == [b"x" * 300_000]
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    assert [entry.name for entry in tmp_path.iterdir()] == ["pipe"]


def test_a_device_is_written_to_by_whatever_name(tmp_path):
    master, device = os.openpty()
    tty.setraw(device)
    (tmp_path / "link").symlink_to(os.ttyname(device))
    write(tmp_path / "link")
    assert os.read(master, 100) == b"text"
    assert (tmp_path / "link").is_symlink() and is_special(tmp_path / "link")
    os.close(master), os.close(device)


def test_a_full_device_is_one_sentence():
    with pytest.raises(ATMGCNError, match=r"/dev/full: cannot be written \(No space left on device\)"):
        write("/dev/full")


def test_a_descriptor_of_this_process_is_written_to(tmp_path, capfd):
    write("/dev/stdout")
    assert capfd.readouterr().out == "text"
    with (tmp_path / "a").open("wb") as file:
        file.write(b"before ")
        file.flush()
        write(f"/dev/fd/{file.fileno()}")
    assert (tmp_path / "a").read_bytes() == b"before text"


def test_nothing_is_written_where_the_block_fails(tmp_path, capfd):
    for path in ("/dev/stdout", tmp_path / "a"):
        with pytest.raises(ZeroDivisionError), writing(path) as partial:
            partial.write_bytes(b"half")
            raise ZeroDivisionError
    assert capfd.readouterr().out == "" and list(tmp_path.iterdir()) == []


def test_a_link_that_a_user_names_is_followed_once(tmp_path):
    (tmp_path / "link").symlink_to("there.txt")
    for content in (b"one", b"two"):
        write(tmp_path / "link", content)
        assert (tmp_path / "there.txt").read_bytes() == content and (tmp_path / "link").is_symlink()


def test_what_is_not_ours_needs_force(tmp_path):
    (tmp_path / "a").write_bytes(b"precious")
    check_output(tmp_path / "b", [], ours)
    check_output(tmp_path / "a", [], ours, force=True)
    with pytest.raises(ATMGCNError, match="a: exists and is no output of atm-gcn; name another file, or add --force"):
        check_output(tmp_path / "a", [], ours)
    (tmp_path / "a").write_bytes(b"ours")
    check_output(tmp_path / "a", [], ours)
    with pytest.raises(ATMGCNError, match="is a folder; name a file"):
        check_output(tmp_path, [], ours, force=True)


def test_an_input_is_never_the_output(tmp_path):
    source = tmp_path / "run" / "source"
    source.parent.mkdir()
    source.write_bytes(b"ours")
    (tmp_path / "link").symlink_to(source)
    (tmp_path / "second").hardlink_to(source)
    for path in (source, tmp_path / "link", tmp_path / "second", tmp_path / "run" / ".." / "run" / "source"):
        with pytest.raises(ATMGCNError, match=r"is the input .*source, and cannot be the output"):
            check_output(path, [source], ours, force=True)
    refuse_input(tmp_path / "absent", source)


def test_a_file_in_a_folder_that_is_read_is_kept_unless_it_is_ours(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "model").write_bytes(b"a model")
    (tmp_path / "link").symlink_to(tmp_path / "run" / "model")
    for path in (tmp_path / "run" / "model", tmp_path / "link"):
        with pytest.raises(ATMGCNError, match=r"lies in .*run, which is an input, and is no output of atm-gcn"):
            check_output(path, [tmp_path / "run"], ours, force=True)
    (tmp_path / "run" / "page").write_bytes(b"ours")
    check_output(tmp_path / "run" / "page", [tmp_path / "run"], ours)
    check_output(tmp_path / "run" / "new", [tmp_path / "run"], ours)
