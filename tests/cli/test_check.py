"""``atm-gcn check``: counts, problems and the exit code."""

import json
import shutil

import pytest

from atm_gcn.cli.main import run
from atm_gcn.data.annotations.spec import SPECS
from tests.cli.manifests import changed_manifest, prepared
from tests.data.annotations.tables import TABLES, write, write_frames, write_named
from tests.data.annotations.trees import build, build_composite
from tests.runs import tiny_clips


def check(capsys, *arguments):
    code = run(["check", *map(str, arguments)])
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.parametrize("dataset", SPECS)
def test_whole_copy(tmp_path, capsys, dataset):
    code, out, _ = check(capsys, dataset, build(tmp_path, dataset))
    assert code == 0
    clips = {"casmesq": 4, "sammlv": 5}.get(dataset, 8)
    assert f"frames    of {clips} clips complete" in out
    assert "problems with the frames: none" in out
    assert out.endswith("\ncomplete\n")


def test_composite(tmp_path, capsys):
    code, out, _ = check(capsys, "composite", build_composite(tmp_path))
    assert code == 0
    assert "(published: 442)" in out


def test_json_says_everything(tmp_path, capsys):
    write_named(tmp_path, "casme2", ".xlsx")
    code, out, _ = check(capsys, "casme2", tmp_path, "--no-frames", "--json", "--scheme", "casme2-3")
    found = json.loads(out)
    assert code == 0
    assert (found["clips"], found["usable"], found["scheme"], found["complete"]) == (24, None, "casme2-3", True)
    assert found["classes"] == {"negative": 8, "positive": 4, "surprise": 4, "left out": 8}
    assert found["published_classes"] == {"negative": 90, "positive": 32, "surprise": 28, "left out": 105}
    assert found["published_subjects"]["casme2/sub17"] == 36
    assert [(one["row"], one["code"], one["note"]) for one in found["table_problems"]] == [(7, "no-apex", True)]


def test_dropped_row(tmp_path, capsys):
    table = TABLES["casme3"]()
    table[3][2] = "later"
    code, out, _ = check(capsys, "casme3", write(tmp_path / "t.csv", table))
    assert code == 1
    assert "row 4  casme3/spNO.149/c_?  dropped  onset is 'later', which is no frame number" in out
    assert "frames    not checked" in out
    assert "\nproblems with the table: 1 (1 dropped)\n" in out
    assert out.endswith("\nNOT complete: 1 row is dropped\n")


def test_clip_without_emotion(tmp_path, capsys):
    table = TABLES["casme3"]()
    table[3][7] = None
    code, out, _ = check(capsys, "casme3", write(tmp_path / "t.csv", table))
    assert code == 1 and out.endswith("\nNOT complete: 1 clip has no emotion\n")


def test_an_apex_that_is_not_annotated_is_a_note(tmp_path, capsys):
    clips = tiny_clips(tmp_path / "clips")
    path = changed_manifest(tmp_path / "manifest.csv", clips, {2: {"apex": ""}, 5: {"apex": ""}})
    code, out, _ = check(capsys, "manifest", path)
    assert code == 0
    assert "\nproblems with the table: none\n\nnotes on the table, nothing to do: 2\n  row 2  tiny/s0/c0  apex" in out
    assert out.endswith("\ncomplete\n")
    code, out = prepared(capsys, path, "--strict")
    assert code == 0 and "apex     annotated 7, max-motion 2" in out and "repaired" not in out


def test_a_slash_for_an_apex_is_a_note_and_a_word_is_repaired(tmp_path, capsys):
    table = TABLES["casme3"]()
    table[3][3], table[4][3] = "/", "soon"
    code, out, _ = check(capsys, "casme3", write(tmp_path / "t.csv", table))
    assert code == 0
    assert "\nproblems with the table: 1 (1 repaired)\n  row 5  " in out
    assert "\nnotes on the table, nothing to do: 1\n  row 4  " in out


def test_missing_unreadable_and_resized_frames(tmp_path, capsys):
    root = build(tmp_path, "samm")
    assert check(capsys, "samm", root)[0] == 0
    (root / "006" / "006_1_0" / "006_00566.jpg").unlink()
    (root / "007" / "007_2_1" / "007_00612.jpg").write_bytes(b"torn")
    write_frames(root / "009" / "009_3_2", "009_{:05d}.jpg", 664, 664, size=24)
    shutil.rmtree(root / "010" / "010_4_3")
    code, out, _ = check(capsys, "samm", root)
    assert code == 1
    assert "frames    of 7 clips complete" in out
    assert out.endswith("\nNOT complete: the frames of 4 clips have problems\n")
    assert "problems with the frames: 4" in out
    for words in ("1 of 7 frames missing", "007_00612.jpg: is corrupt", "frame 664 is 24x24", "no folder of frames"):
        assert words in out
    assert check(capsys, "samm", root, "--no-frames")[0] == 0


def test_manifest(tmp_path, capsys):
    write(tmp_path / "manifest.csv", TABLES["manifest"](2))
    for clip, last in ((0, 20), (1, 19)):
        write_frames(tmp_path / "frames" / str(clip), "img{}.jpg", 10, last)
    code, out, _ = check(capsys, "manifest", tmp_path)
    assert code == 1
    assert "2 of 12 frames missing" in out
    write_frames(tmp_path / "frames" / "1", "img{}.jpg", 10, 21)
    assert check(capsys, "manifest", tmp_path)[0] == 0


def test_errors_are_one_line(tmp_path, capsys):
    code, out, err = check(capsys, "samm", tmp_path)
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert "holds no annotation table of SAMM" in err
    assert check(capsys, "smic", tmp_path)[0] == 1
    assert check(capsys, "casme4", tmp_path)[0] == 2
