"""A dataset of long videos: every person in one, and every expression a row of the manifest."""

import pytest

from atm_gcn.cli import main
from atm_gcn.data import load_manifest
from atm_gcn.errors import ATMGCNError
from atm_gcn.synth import Liveliness, synthesize_long_dataset
from atm_gcn.synth.long_video import load_planted
from tests.synth.test_dataset import content

PEOPLE = Liveliness(macros=6.0, macro_duration=(0.7, 1.0))


def test_the_manifest_holds_what_was_planted(tmp_path):
    out = tmp_path / "videos"
    manifest = synthesize_long_dataset(out, 2, 12.0, size=64, lively=PEOPLE, per_minute=10.0)
    assert sorted(content(out)) == ["manifest.csv", "s01.json", "s01.mp4", "s02.json", "s02.mp4"]
    clips = load_manifest(manifest)
    for name in ("s01", "s02"):
        own = [clip for clip in clips if clip.subject == name]
        planted = load_planted(out / f"{name}.mp4")
        assert [(clip.onset, clip.apex, clip.offset, clip.label, clip.kind) for clip in own] == [
            (one.onset, one.apex, one.offset, one.label, one.kind) for one in planted
        ]
        assert [clip.kind for clip in own].count("macro") == 1 and len(own) == 3
        assert {clip.source for clip in own} == {str(out / f"{name}.mp4")}
        assert all(clip.action_units and clip.emotion for clip in own)


def test_the_same_arguments_give_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        synthesize_long_dataset(tmp_path / name, 2, 10.0, size=64, seed=3)
    assert content(tmp_path / "a") == content(tmp_path / "b")
    synthesize_long_dataset(tmp_path / "c", 1, 10.0, size=64, seed=3)
    assert content(tmp_path / "c")["s01.mp4"] == content(tmp_path / "a")["s01.mp4"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"seconds": 5}, "seconds must be from 10 to 3,600, not 5"),
        ({"subjects": 0}, "subjects must be from 1 to 10,000, not 0"),
        ({"num_classes": 4}, "num_classes must be 3, 5 or 7, not 4"),
        ({"per_minute": 60.0}, "movements do not fit into 10 seconds"),
        ({"lively": Liveliness(talk=2.0)}, "talk is 2"),
    ],
)
def test_impossible_datasets_leave_nothing(tmp_path, arguments, message):
    with pytest.raises(ATMGCNError, match=message):
        synthesize_long_dataset(tmp_path / "out", **{"subjects": 1, "seconds": 10, "size": 64} | arguments)
    assert list(tmp_path.iterdir()) == []


def test_check_and_prepare_read_it(tmp_path, capsys):
    out = str(tmp_path / "videos")
    options = ["--subjects", "2", "--size", "64", "--seed", "4"]
    assert main.run(["synth", out, "--long", "30", *options]) == 0
    assert main.run(["check", "manifest", out]) == 0
    assert "6 clips" in capsys.readouterr().out
    assert main.run(["prepare", "manifest", out, str(tmp_path / "store"), "--set", "data.size=32"]) == 0
    assert "subjects 2" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--lively"], "--lively is for long videos; add --long with their length in seconds"),
        (["--long", "30", "--difficulty", "hard"], "--difficulty is for clips, and --long draws long videos"),
        (["--long", "30", "--clips-per-subject", "3"], "--clips-per-subject is for clips"),
    ],
)
def test_options_of_clips_and_of_long_videos(tmp_path, capsys, options, said):
    assert main.run(["synth", str(tmp_path / "out"), *options]) == 1
    assert said in capsys.readouterr().err and not (tmp_path / "out").exists()
