"""The commands on a manifest of precomputed features."""

import csv
import json

import pytest

from atm_gcn.cli import main
from atm_gcn.training import cross_validate
from tests.data.sequences.feature_files import write_features
from tests.sharing import made_once


@pytest.fixture(scope="module")
def features(tmp_path_factory):
    """Folder with a manifest of features."""
    return made_once(tmp_path_factory, "features", write_features)


@pytest.fixture(scope="module")
def run(features, tiny_sets, tmp_path_factory):
    """A finished run on them."""

    def train(out):
        assert main.run(["train", str(features / "features.csv"), str(out), "--device", "cpu", *tiny_sets]) == 0

    return made_once(tmp_path_factory, "features-run", train)


@pytest.fixture
def command(tiny_sets, capsys):
    def call(*arguments, settings=True):
        code = main.run([*map(str, arguments), *(["--device", "cpu", *tiny_sets] if settings else [])])
        return (code, *capsys.readouterr())

    return call


def test_train_holds_every_subject_out(run):
    with (run / "predictions.csv").open(newline="") as file:
        assert [row["clip"] for row in csv.DictReader(file)] == [f"data/s{i}/c{j}" for i in range(3) for j in range(3)]


def test_python_gives_the_same(features, run, tiny_sets):
    overrides = [*tiny_sets[1::2], "train.compute.device=cpu"]
    found = cross_validate(features / "features.csv", overrides=overrides)
    assert (found.folder / "predictions.csv").read_bytes() == (run / "predictions.csv").read_bytes()


def test_train_resumes(features, run, command):
    assert command("train", features / "features.csv", run, "--resume")[0] == 0
    code, _, err = command("train", features / "features.csv", run)
    assert code == 1 and "holds a run already" in err


def test_dry_run(features, tmp_path, command):
    code, out, _ = command("train", features / "features.csv", tmp_path / "run", "--dry-run")
    assert code == 0 and "3 folds over 9 clips of 3 classes" in out and "nothing was written" in out


def test_report_and_info(run, tmp_path, command):
    code, out, err = command("report", run, "--out", tmp_path / "page.html", settings=False)
    assert code == 0 and "UF1" in out
    assert "no pictures of clips: the clips are features that were computed beforehand" in err
    assert "features.csv" in (tmp_path / "page.html").read_text(encoding="utf-8")
    code, out, _ = command("info", run, settings=False)
    assert code == 0 and "6 features per frame, computed beforehand" in out
    assert json.loads(command("info", run, "--json", settings=False)[1])["parameters"]["encoder"] == 0


def test_ablate_leaves_out_what_features_lack(features, tmp_path, command):
    code, out, _ = command("ablate", features / "features.csv", tmp_path / "out", "--set", "model.heads=1")
    assert code == 0
    assert [line.split("|")[1].strip() for line in out.splitlines()[2:5]] == ["full", "w/o GCN", "w/o ATM"]


def test_test_on_other_features(features, tmp_path, command):
    other = write_features(tmp_path / "other", people=2).rename(tmp_path / "other/b.csv")
    other.write_text(other.read_text().replace("data,", "second,"))
    for path in other.parent.glob("*.npz"):
        changed(path)
    code, out, _ = command("train", features / "features.csv", tmp_path / "run", "--test", other)
    assert code == 0 and "6 clips of 2 subjects" in out


def changed(path):
    import numpy as np

    rows = np.load(path)["x"]
    np.savez(path, x=rows + np.random.default_rng(len(path.name)).normal(size=rows.shape))


def test_one_recording_of_two_people_is_refused(tmp_path, command):
    manifest = write_features(tmp_path)
    text = manifest.read_text()
    line = next(line for line in text.splitlines() if "s0-c1.npz" in line)
    manifest.write_text(text + line.replace("data,s0,c1", "data,s1,c9") + "\n")
    code, _, err = command("train", manifest, tmp_path / "run")
    assert code == 1 and "they share frames of" in err and "correct the subjects" in err


@pytest.mark.parametrize("source", ["", "../clips/s0/c0"])
def test_predict_names_what_the_model_reads(run, store, command, source):
    code, _, err = command("predict", store / source, "--model", run, settings=False)
    assert code == 1 and "its models read features that were computed beforehand, and " in err


def test_a_manifest_of_features_is_not_prepared(features, tmp_path, command):
    code, _, err = command("prepare", "manifest", features / "features.csv", tmp_path / "store", settings=False)
    assert code == 1 and "atm-gcn train" in err


def test_check_names_the_command_that_checks_features(features, command):
    code, out, err = command("check", "manifest", features / "features.csv", settings=False)
    assert (code, out) == (1, "")
    assert "features.csv: its 9 clips are files of features; check them with atm-gcn train " in err


def test_info_names_no_preset(run, command):
    out = command("info", run, settings=False)[1]
    assert "features per frame" in out and "preset" not in out
