"""Prediction of one recording from Python."""

import json

import pytest

from atm_gcn import ATMGCNError, predict_video
from atm_gcn.cli import main
from tests.runs import write_clip


def printed(capsys, source, run, *options):
    capsys.readouterr()
    assert main.run(["predict", str(source), "--model", str(run), "--device", "cpu", "--json", *options]) == 0
    return json.loads(capsys.readouterr().out)


def test_it_returns_what_the_command_prints(tiny_run, tmp_path, capsys):
    frames = write_clip(tmp_path / "frames", "left", seed=5, length=9)
    own = predict_video(frames, tiny_run, fps=50.0, apex=4, device="cpu")
    assert json.loads(json.dumps(own)) == printed(capsys, frames, tiny_run, "--fps", "50", "--apex", "4")
    assert own["predicted"] in own["probabilities"]


def test_a_long_video_is_searched(tiny_run, long_video, capsys):
    path, _ = long_video
    own = predict_video(path, tiny_run, stride=0, device="cpu")
    assert own["mode"] == "spotting"
    assert json.loads(json.dumps(own)) == printed(capsys, path, tiny_run, "--stride", "0")


def test_a_recording_that_cannot_be_read(tiny_run, tmp_path):
    with pytest.raises(ATMGCNError, match="there is no such folder of frames or video"):
        predict_video(tmp_path / "absent.mp4", tiny_run)
