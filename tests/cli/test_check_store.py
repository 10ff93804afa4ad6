"""``atm-gcn check store``: pictures that were changed after the store was prepared."""

import json
import shutil

from atm_gcn.cli.main import run
from tests.cli.test_check import check


def test_a_whole_store_is_complete(store, capsys):
    code, out, _ = check(capsys, "store", store)
    assert (code, out) == (0, "clips     9 of 3 subjects\ncomplete\n")


def test_changed_pictures_are_named(store, tmp_path, capsys):
    copy = shutil.copytree(store, tmp_path / "store")
    content = bytearray((copy / "frames.npy").read_bytes())
    content[200] ^= 255
    (copy / "frames.npy").write_bytes(content)
    code, out, _ = check(capsys, "store", copy, "--json")
    found = json.loads(out)
    assert code == 1 and not found["complete"] and found["clips_without_digest"] == 0
    assert found["problems"] == [f"{copy}/frames.npy: the frames of clip tiny/s0/c0 are not those that were prepared"]
    assert run(["check", "store", str(copy)]) == 1


def test_what_is_no_store_is_said(tmp_path, capsys):
    code, _, err = check(capsys, "store", tmp_path)
    assert code == 1 and "is no frame store, it has no meta.json" in err
