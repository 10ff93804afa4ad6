"""A preparation that was interrupted goes on where it stopped, and ends in the same store."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from atm_gcn.config import DataConfig
from atm_gcn.data import load_manifest, prepare, write_manifest
from atm_gcn.data.clip import Clip
from atm_gcn.data.store import preparation
from atm_gcn.data.store.journal import DoneClip, Journal
from atm_gcn.data.store.preparation import FILES
from atm_gcn.errors import ATMGCNError
from atm_gcn.files.unfinished import MARK, UnfinishedFolder
from tests.data.recordings import drawn_face, three_clips, write_folder

SMALL = DataConfig(size=16)
NEVER_DONE = """
import sys, time
from itertools import count
from atm_gcn.config import DataConfig
from atm_gcn.data import load_manifest
from atm_gcn.data.store import preparation
decode, clips = preparation.read_pictures, count()
def decode_eight(*args):
    if next(clips) >= 8:
        time.sleep(600)
    return decode(*args)
preparation.read_pictures = decode_eight
preparation.prepare(load_manifest(sys.argv[1]), sys.argv[2], DataConfig(size=16), jobs=2)
"""


def content(store: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(store.iterdir())}


def counted(monkeypatch) -> list[str]:
    """The sources that are decoded from here on."""
    decoded, decode = [], preparation.read_pictures
    monkeypatch.setattr(
        preparation, "read_pictures", lambda source, *args: decoded.append(str(source.path)) or decode(source, *args)
    )
    return decoded


def all_but_finished(clips: list[Clip], out: Path, config: DataConfig) -> None:
    """A preparation whose clips are all done when the disk is full."""
    with pytest.MonkeyPatch.context() as patch, pytest.raises(ATMGCNError, match=r"cannot be written .No space left"):
        full = OSError(28, "No space left on device")
        patch.setattr(preparation, "write_stored_clips", lambda *_: (_ for _ in ()).throw(full))
        prepare(clips, out, config)


def overwrite(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


def test_kill_9_and_start_again(tmp_path, monkeypatch):
    folder = write_folder(tmp_path / "frames", range(20))
    clips = [Clip("own", f"p{k}", "a", k, k + 2, k + 5, 25.0, label="ab"[k % 2], source=str(folder)) for k in range(14)]
    write_manifest(clips, tmp_path / "manifest.csv")
    clips, out = load_manifest(tmp_path), tmp_path / "store"
    process = subprocess.Popen([sys.executable, "-c", NEVER_DONE, str(tmp_path), str(out)])
    journal = tmp_path / "store.partial" / "done.jsonl"
    while process.poll() is None and not (journal.exists() and journal.read_bytes().count(b"\n") >= 4):
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    done = journal.read_bytes().count(b"\n") - 1
    assert 3 <= done <= 8 and not out.exists()

    decoded = counted(monkeypatch)
    prepare(clips, out, SMALL)
    assert len(decoded) == 14 - done
    prepare(clips, tmp_path / "at once", SMALL)
    assert content(out) == content(tmp_path / "at once")


def test_two_at_once(tmp_path):
    """One continues, the other gets an error; once the first is done, the same command finds the store."""
    folder = write_folder(tmp_path / "frames", range(20))
    clips = [Clip("own", f"p{k}", "a", k, k + 2, k + 5, 25.0, label="ab"[k % 2], source=str(folder)) for k in range(14)]
    write_manifest(clips, tmp_path / "manifest.csv")
    out = tmp_path / "store"
    process = subprocess.Popen([sys.executable, "-c", NEVER_DONE, str(tmp_path), str(out)])
    while process.poll() is None and not (tmp_path / "store.partial" / "done.jsonl").exists():
        time.sleep(0.02)
    with pytest.raises(ATMGCNError, match=rf"store: is being written by another process \(process {process.pid} on"):
        prepare(load_manifest(tmp_path), out, SMALL)
    assert process.poll() is None
    process.kill()
    process.wait()
    prepare(load_manifest(tmp_path), out, SMALL)
    assert sorted(content(out)) == ["frames.npy", "manifest.csv", "meta.json", "times.npy"]


@pytest.mark.parametrize("name", ["thesis.tex", "frames.npy"])
def test_an_unfinished_store_with_something_else_in_it_is_kept(tmp_path, name):
    clips, out = three_clips(tmp_path), tmp_path / "store"
    whole = (tmp_path / "b" / "img3.png").read_bytes()
    (tmp_path / "b" / "img3.png").write_bytes(b"broken")
    with pytest.raises(ATMGCNError, match="img3"):
        prepare(clips, out, SMALL, jobs=1)
    (tmp_path / "b" / "img3.png").write_bytes(whole)
    odd, other = tmp_path / "store.partial" / name, tmp_path / "precious"
    other.write_text("precious")
    odd.unlink(missing_ok=True)
    odd.symlink_to(other) if name == "frames.npy" else odd.write_text("precious")
    with pytest.raises(ATMGCNError, match=f"{name}: (is a symbolic link|does not belong to)"):
        prepare(clips, out, DataConfig(size=20))
    assert odd.read_text() == other.read_text() == "precious"
    odd.unlink()
    assert len(prepare(clips, out, DataConfig(size=20))) == 3


def test_a_process_that_was_killed_at_the_last_moment(tmp_path):
    """The folder has its name, and what marked it as unfinished is still there."""
    clips, out = three_clips(tmp_path), tmp_path / "store"
    prepare(clips, out, SMALL)
    whole = content(out)
    with UnfinishedFolder(tmp_path / "other", "frame store", FILES.__contains__) as folder:
        shutil.copy(folder.path / MARK, out / MARK)
        (out / "done.jsonl").write_text("[]")
    prepare(clips, out, SMALL)
    assert content(out) == whole


def test_a_repaired_clip_is_enough(tmp_path, monkeypatch):
    clips, out = three_clips(tmp_path), tmp_path / "store"
    frame = tmp_path / "b" / "img3.png"
    whole = frame.read_bytes()
    frame.write_bytes(b"broken")
    with pytest.raises(ATMGCNError, match="img3"):
        prepare(clips, out, SMALL, jobs=1)
    frame.write_bytes(whole)
    decoded = counted(monkeypatch)
    prepare(clips, out, SMALL)
    assert decoded and str(tmp_path / "a") not in decoded


def test_a_line_cut_off_in_the_journal(tmp_path, monkeypatch):
    clips, out = three_clips(tmp_path), tmp_path / "store"
    all_but_finished(clips, out, SMALL)
    journal = tmp_path / "store.partial" / "done.jsonl"
    journal.write_bytes(journal.read_bytes()[:-4])
    decoded = counted(monkeypatch)
    prepare(clips, out, SMALL)
    assert len(decoded) == 1


def test_other_settings_start_afresh(tmp_path, monkeypatch):
    clips, out = three_clips(tmp_path), tmp_path / "store"
    frame = tmp_path / "b" / "img3.png"
    whole = frame.read_bytes()
    frame.write_bytes(b"broken")
    with pytest.raises(ATMGCNError):
        prepare(clips, out, SMALL, jobs=1)
    frame.write_bytes(whole)
    decoded = counted(monkeypatch)
    assert prepare(clips, out, DataConfig(size=20)).frames.shape == (34, 20, 20, 3)
    assert len(decoded) == 3


@pytest.mark.parametrize("changed", [0, 1])
def test_frames_that_changed_meanwhile_are_decoded_again(tmp_path, changed):
    """The first clip shows a face only then, which moves the rows of all others; the second is done and changes."""
    config = DataConfig(size=16, face="crop")
    folders = [write_folder(tmp_path / name, range(3), image=lambda _: drawn_face()) for name in ("a", "b", "c")]
    clips = [Clip("own", "p", path.name, 0, 1, 2, 25.0, label=path.name, source=str(path)) for path in folders]
    write_folder(folders[0], range(3), image=lambda _: np.full((240, 320, 3), 60, np.uint8))
    (folders[2] / "img2.png").write_bytes(b"broken")
    with pytest.raises(ATMGCNError, match="img2"):
        prepare(clips, tmp_path / "store", config, jobs=1)
    for folder in (folders[changed], folders[2]):
        write_folder(folder, range(3), image=lambda _: drawn_face(smile=1, x=140))
    prepare(clips, tmp_path / "store", config)
    prepare(clips, tmp_path / "at once", config)
    assert content(tmp_path / "store") == content(tmp_path / "at once")


@pytest.fixture(scope="module")
def registered(tmp_path_factory):
    """Clips, a store of them, and the folder of the same store before it was finished."""
    folder, config = tmp_path_factory.mktemp("registered"), DataConfig(size=16, register="translation", flow="dis")
    config = config.model_copy(update={"face_detector": "haar"})  # which is not asked for landmarks
    clips = three_clips(folder)
    prepare(clips, folder / "at once", config)
    all_but_finished(clips, folder / "store", config)
    return clips, config, folder


@pytest.mark.parametrize(
    ("name", "damage", "again"),
    [
        ("registration.npy", Path.unlink, 3),
        ("registration.npy", overwrite, 1),
        ("flow.npy", overwrite, 1),
        ("frames.npy", lambda file: os.truncate(file, 128 + 16 * 16 * 3 * 12), 2),
        ("done.jsonl", Path.unlink, 3),
    ],
)
def test_files_that_were_lost_or_changed_are_made_again(registered, tmp_path, monkeypatch, name, damage, again):
    clips, config, folder = registered
    shutil.copytree(folder / "store.partial", tmp_path / "store.partial")
    damage(tmp_path / "store.partial" / name)
    decoded = counted(monkeypatch)
    prepare(clips, tmp_path / "store", config)
    assert len(decoded) == again and content(tmp_path / "store") == content(folder / "at once")


LINES = [
    '["key"]',
    '{"a": 1}',
    "3",
    '["key", 0.5, "middle", "12ab"]',
    '["key", 3, "middle", null]',
    '["key", "3", "x", ""]',
]


@pytest.mark.parametrize("line", LINES)
def test_a_journal_of_other_lines_starts_afresh(tmp_path, line):
    with UnfinishedFolder(tmp_path / "store", "frame store", FILES.__contains__) as folder:
        journal = Journal.start(folder, "checksum")
        journal.add("key", DoneClip(3, "annotated", "12ab"))
        with journal.path.open("a") as file:
            file.write(f"{line}\n")
        (folder.path / "frames.npy").touch()
        assert Journal.start(folder, "checksum").done == {} and not (folder.path / "frames.npy").exists()


def test_an_apex_beyond_the_clip_is_chosen_again(tmp_path, monkeypatch):
    clips, out = three_clips(tmp_path), tmp_path / "store"
    all_but_finished(clips, out, SMALL)
    journal = tmp_path / "store.partial" / "done.jsonl"
    journal.write_text(journal.read_text().replace('", 4, "annotated', '", 400, "annotated'))
    decoded = counted(monkeypatch)
    assert prepare(clips, out, SMALL).clips[0].apex_position == 4
    assert decoded == [str(tmp_path / "a")]


def test_a_journal_survives_being_cut_off_twice(tmp_path):
    with UnfinishedFolder(tmp_path / "store", "frame store", FILES.__contains__) as folder:
        for key in ("a", "b", "c"):
            journal = Journal.start(folder, "checksum")
            journal.add(key, DoneClip(3, "annotated", "12ab"))
            with journal.path.open("a") as file:
                file.write('["cut o')
        assert Journal.start(folder, "checksum").done == {key: DoneClip(3, "annotated", "12ab") for key in "abc"}
        assert Journal.start(folder, "another").done == {}
