"""The spotters of a finished run search other recordings, and those of the run as the run did."""

import csv
import json
import shutil

import cv2
import pytest
import torch

from atm_gcn.cli import main
from atm_gcn.errors import ATMGCNError
from atm_gcn.inference.ensemble import Ensemble
from atm_gcn.media.sources import open_source
from atm_gcn.media.video.writer import VideoWriter
from atm_gcn.spotting import FittedSpotters
from atm_gcn.spotting.fitted import searched_recording
from atm_gcn.spotting.held_out.spotters import Sought
from atm_gcn.synth import Liveliness, synthesize_long_dataset

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def stranger(tmp_path_factory):
    """A video of somebody whom the run does not know."""
    folder = tmp_path_factory.mktemp("stranger")
    people = Liveliness(macros=3.75, macro_duration=(0.7, 1.0))
    synthesize_long_dataset(folder, 1, 12.0, size=64, lively=people, per_minute=15, seed=9)
    return folder / "s01.mp4"


def search(run, source, spotter=None):
    spotters = FittedSpotters(run, spotter)
    ensemble = Ensemble.open(spotters.classifiers)
    return spotters.search(ensemble.for_source(source), source, CPU)


MOMENTS = ("onset", "apex", "offset")


def moments_of(rows):
    return [tuple(int(row[name]) for name in MOMENTS) for row in rows]


def rows_of(run, spotter, subject, kind="micro"):
    with (run / f"{spotter}.csv").open() as file:
        return [row for row in csv.DictReader(file) if (row["subject"], row["type"]) == (subject, kind)]


@pytest.mark.parametrize("spotter", ["learnt", "threshold"])
def test_a_recording_of_the_run_is_searched_as_in_the_run(long_folder, finished, spotter):
    scores = json.loads((finished / "scores.json").read_text())["spotters"]
    count = slow_count = 0
    for number in (1, 2, 3):
        found = search(finished, long_folder / f"videos/s0{number}.mp4", spotter)
        rows = rows_of(finished, spotter, f"synth-long/s0{number}")
        threshold = scores[spotter]["settings"][f"synth-long/s0{number}"]["threshold"]
        moments = [(one.onset, one.apex, one.offset) for one in found.candidates]
        count += len(moments)
        assert moments == moments_of(rows)
        for one, row in zip(found.candidates, rows, strict=True):
            expected = [float(row[name]) for name in found.class_names]
            assert one.probabilities == pytest.approx(expected, abs=1e-5)
            assert one.strength * threshold == pytest.approx(float(row["strength"]), abs=1e-5)
        assert f"fold synth-long/s0{number}, which held the 4 clips of this recording out" in found.notes[-1]
        slower, macro = rows_of(finished, "learnt", f"synth-long/s0{number}", "macro"), found.macro_expressions
        assert [tuple(getattr(one, name).frame for name in MOMENTS) for one in macro] == moments_of(slower)
        assert [one.score for one in macro] == pytest.approx([float(row["strength"]) for row in slower], abs=1e-6)
        slow_count += len(macro)
    assert slow_count
    assert count or spotter == "threshold"  # which finds nothing in videos as short as these


def test_a_recording_that_the_classifiers_do_not_know_is_known_by_its_person(long_folder, finished):
    spotters = FittedSpotters(finished)
    unknown = Ensemble.open(spotters.classifiers).for_source("/absent")
    assert len(unknown.files) == 3
    found = spotters.search(unknown, long_folder / "videos/s02.mp4", CPU)
    assert "of fold synth-long/s02, which held" in found.notes[-1]
    assert found.to_prediction().models["count"] == 1


@pytest.fixture(scope="module")
def fast(stranger, tmp_path_factory):
    """The first three seconds of the stranger's video at 60 frames per second, as a video and as a folder."""
    folder = tmp_path_factory.mktemp("fast")
    images = list(open_source(stranger).read(range(90)))
    (folder / "frames").mkdir()
    with VideoWriter(folder / "fast.mp4", 60) as out:
        for number, image in enumerate(image for pair in zip(images, images, strict=True) for image in pair):
            out.write(image)
            cv2.imwrite(str(folder / "frames" / f"{number:03d}.png"), cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    return folder


def test_a_fast_recording_is_searched_at_thirty_frames_per_second(finished, fast, capsys):
    assert main.run(["predict", str(fast / "fast.mp4"), "--model", str(finished), "--spot"]) == 0
    assert "3.0 s, 90 frames used of a recording at 60 frames per second (video)" in capsys.readouterr().out
    found = search(finished, fast / "fast.mp4").to_prediction()
    assert (found.training_fps, found.resampled, found.num_frames) == (None, False, 90)


def test_a_folder_of_frames_needs_a_rate(finished, fast, capsys):
    command = ["predict", str(fast / "frames"), "--model", str(finished), "--spot"]
    assert main.run(command) == 1
    assert "--fps" in capsys.readouterr().err
    assert main.run([*command, "--fps", "60"]) == 0
    assert "3.0 s, 90 frames used of a recording at 60 frames per second (given)" in capsys.readouterr().out


def test_what_cannot_be_classified_is_said(finished, long_folder, monkeypatch):
    monkeypatch.setattr(searched_recording, "read_interval", lambda *_: None)
    found = search(finished, long_folder / "videos/s01.mp4", "learnt").to_prediction()
    assert found.status == "nothing-found" and found.reason.startswith("what was found cannot be read as a clip: fra")
    assert any(note.startswith("moves in frames ") for note in found.notes)


@pytest.mark.parametrize("spotter", ["learnt", "threshold"])
def test_an_unknown_recording_is_searched_with_settings_of_all_people(finished, stranger, spotter):
    spotters = FittedSpotters(finished, spotter)
    found = search(finished, stranger, spotter).to_prediction()
    which = "the mean of the 3 learnt spotters" if spotter == "learnt" else "the threshold"
    assert found.notes[-1].startswith(f"was searched by {which} of {finished} (F1 {spotters.f1:.2f} on people held")
    assert (found.mode, found.spotter, found.num_models) == ("spotting", spotter, 3)
    scores = json.loads((finished / "scores.json").read_text())["spotters"][spotter]
    assert spotters.f1 == scores["overall"]["f1"]
    chosen = {one["threshold"] for one in scores["settings"].values()}
    assert min(chosen) / 2 < spotters._settings_for(Sought(spotter), spotters._folds).threshold < 2 * max(chosen)


def test_the_spotter_with_the_higher_f1_is_taken(finished):
    scores = json.loads((finished / "scores.json").read_text())["spotters"]
    best = max(("learnt", "threshold"), key=lambda name: scores[name]["overall"]["f1"])
    assert FittedSpotters(finished).spotter == best


def test_predict_with_the_run(finished, stranger, tmp_path, capsys):
    outputs = ["--csv", tmp_path / "a.csv", "--curve", tmp_path / "a.json", "--plot", tmp_path / "a.png"]
    command = ["predict", stranger, "--model", finished, "--json", *outputs, "--annotate", tmp_path / "a.mp4"]
    assert main.run([*map(str, command)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["mode"] == "spotting" and found["windows"] == [] and found["dropped"] == []
    assert found["spotter"] in ("learnt", "threshold") and found["model"] == str(finished / "recognition")
    assert sum(1 for _ in (tmp_path / "a.csv").open()) == 1 + max(1, len(found["movements"]))
    curve = json.loads((tmp_path / "a.json").read_text())
    assert len(curve["motion"]) == found["num_frames"] == 360
    assert main.run(["predict", str(stranger), "--model", str(finished)]) == 0
    assert "was searched by the" in capsys.readouterr().out


def test_what_the_spotters_cannot_do_is_said(finished, stranger, tmp_path, capsys):
    for more, complaint in (
        (["--face-choice", "all"], "read one face of a whole recording; for --face-choice all, name its classifiers"),
        (["--stride", "1"], "--stride is for other runs"),
    ):
        assert main.run(["predict", str(stranger), "--model", str(finished), *more]) == 2
        assert complaint in capsys.readouterr().err
    assert main.run(["predict", "0", "--model", str(finished)]) == 2
    assert "for a camera, name its classifiers" in capsys.readouterr().err
    run = tmp_path / "run"
    shutil.copytree(finished, run)
    shutil.rmtree(run / "motion")
    with pytest.raises(ATMGCNError, match=r"motion/.*is gone or damaged; copy the run's folder again"):
        search(run, stranger)
    (run / "scores.json").write_text("{}")
    with pytest.raises(ATMGCNError, match=r"scores\.json: is damaged; copy the run's folder again"):
        FittedSpotters(run)
    (run / "scores.json").unlink()
    with pytest.raises(ATMGCNError, match="the run is not finished; go on with the same command and --resume"):
        FittedSpotters(run)


def test_a_run_of_one_spotter(finished, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(finished, run)
    scores = json.loads((run / "scores.json").read_text())
    del scores["spotters"]["learnt"]
    (run / "scores.json").write_text(json.dumps(scores))
    assert FittedSpotters(run).spotter == "threshold"
    with pytest.raises(ATMGCNError, match="has no learnt spotter, only threshold; name that one"):
        FittedSpotters(run, "learnt")
