"""The spotters of a finished run search other recordings, and those of the run as the run did."""

import csv
import json
import shutil

import pytest
import torch

from atm_gcn.cli import main
from atm_gcn.errors import ATMGCNError
from atm_gcn.inference.ensemble import Ensemble
from atm_gcn.spotting import FittedSpotters
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


def rows_of(run, spotter, subject):
    with (run / f"{spotter}.csv").open() as file:
        return [row for row in csv.DictReader(file) if row["subject"] == subject]


@pytest.mark.parametrize("spotter", ["learnt", "threshold"])
def test_a_recording_of_the_run_is_searched_as_in_the_run(long_folder, finished, spotter):
    scores = json.loads((finished / "scores.json").read_text())["spotters"]
    for number in (1, 3):
        found = search(finished, long_folder / f"videos/s0{number}.mp4", spotter)
        rows = rows_of(finished, spotter, f"synth-long/s0{number}")
        threshold = scores[spotter]["settings"][f"synth-long/s0{number}"]["threshold"]
        moments = [(one.onset, one.apex, one.offset) for one in found.candidates]
        assert moments == [tuple(int(row[name]) for name in ("onset", "apex", "offset")) for row in rows]
        for one, row in zip(found.candidates, rows, strict=True):
            expected = [float(row[name]) for name in found.class_names]
            assert one.probabilities == pytest.approx(expected, abs=1e-5)
            assert one.strength * threshold == pytest.approx(float(row["strength"]), abs=1e-5)
        assert f"fold synth-long/s0{number}, which held the 3 clips of this recording out" in found.notes[-1]


def test_a_recording_without_a_clip_for_the_classifiers_is_known_by_its_person(long_folder, finished, tmp_path):
    """As one of the run that shows macro-expressions only."""
    run = tmp_path / "run"
    shutil.copytree(finished, run)
    record = json.loads((run / "recognition/run.json").read_text())
    spotters = FittedSpotters(run)
    ensemble = Ensemble.open(spotters.classifiers)
    unknown = ensemble.for_source("/absent")
    assert record["store"]["origins"] and len(unknown.files) == 3
    found = spotters.search(unknown, long_folder / "videos/s02.mp4", CPU)
    assert "of fold synth-long/s02, which held" in found.notes[-1]
    assert found.to_prediction().models["count"] == 1


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
    assert min(chosen) / 2 < spotters._settings.threshold < 2 * max(chosen)


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
