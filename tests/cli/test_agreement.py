"""``check`` and ``prepare`` read every row of a manifest in the same way."""

import shutil

from atm_gcn.data import FrameStore, write_manifest
from tests.cli.manifests import called, changed_manifest, prepared
from tests.runs import tiny_clips

FAULTS = {
    4: {"offset": "99"},  # too few frames
    7: {"offset": "5"},  # one frame too many
    8: {"apex": "6", "offset": "5"},  # out of order
    9: {"source": "nowhere"},
}


def test_check_and_prepare_agree_on_every_row(tmp_path, capsys):
    path = changed_manifest(tmp_path / "manifest.csv", tiny_clips(tmp_path / "clips"), FAULTS)
    code, out = called(capsys, "check", "manifest", path)
    assert code == 1
    for line in ("row 4  tiny/s0/c2  dropped", "row 7  tiny/s1/c2  repaired", "row 8  tiny/s2/c0  dropped"):
        assert line in out
    assert "row 9  tiny/s2/c1  dropped" in out and "of 6 clips complete" in out
    code, out = prepared(capsys, path)
    assert code == 0
    for row in (4, 8, 9):
        assert f"warning: row {row}, " in out
    assert "row 7, tiny/s1/c2: repaired: 1 of 6 frames missing: read as frames 0 to 4" in out
    assert "6 clips; problems: 3 dropped, 1 repaired" in out
    stored = {one.clip.key: one.clip.offset for one in FrameStore.open(tmp_path / "store").clips}
    assert len(stored) == 6 and stored["tiny/s1/c2"] == 4


def test_strict_refuses_what_would_be_left_out_or_repaired(tmp_path, capsys):
    clips = tiny_clips(tmp_path / "clips")
    for row, words in ((8, "row 8: tiny/s2/c0: apex 6 lies after offset 5"), (7, "row 7: tiny/s1/c2: 1 of 6 frames")):
        path = changed_manifest(tmp_path / "manifest.csv", clips, {row: FAULTS[row]})
        code, out = prepared(capsys, path, "--strict")
        assert code == 1 and words in out and not (tmp_path / "store").exists()
    assert prepared(capsys, changed_manifest(path, clips, {}), "--strict")[0] == 0


def test_a_frame_that_cannot_be_decoded_is_told_by_both(tmp_path, capsys):
    clips = tiny_clips(tmp_path / "clips")
    (tmp_path / "clips" / "s1" / "c0" / "img2.png").write_bytes(b"torn")
    path = changed_manifest(tmp_path / "manifest.csv", clips, {})
    code, out = called(capsys, "check", "manifest", path)
    assert code == 1 and "row 5  tiny/s1/c0  kept" in out and "img2.png: is corrupt" in out
    code, out = prepared(capsys, path)
    assert code == 1 and "tiny/s1/c0" in out and "img2.png: is corrupt" in out


def test_a_finished_store_is_kept_once_its_recordings_are_gone(tmp_path, capsys):
    write_manifest(tiny_clips(tmp_path / "clips"), tmp_path / "manifest.csv")
    assert prepared(capsys, tmp_path / "manifest.csv")[0] == 0
    shutil.rmtree(tmp_path / "clips")
    code, out = prepared(capsys, tmp_path / "manifest.csv")
    assert code == 0 and "nothing to do, the store is there already" in out
    shutil.rmtree(tmp_path / "store")
    code, out = prepared(capsys, tmp_path / "manifest.csv")
    assert code == 1 and "tiny/s0/c0: " in out and "there is no such folder of frames or video" in out
