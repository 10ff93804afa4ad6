"""``atm-gcn train`` with every protocol: what it writes, prints and refuses."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest

from atm_gcn import ATMGCN
from atm_gcn.cli import main
from atm_gcn.config import DataConfig
from atm_gcn.data import prepare
from tests.runs import tiny_clips


@pytest.fixture
def train(store, tiny_sets, capsys):
    """Run ``atm-gcn train`` and return its exit code, stdout and stderr."""

    def run(out, *options, data=store):
        code = main.run(["train", str(data), str(out), "--device", "cpu", *tiny_sets, *options])
        return (code, *capsys.readouterr())

    return run


def metrics_of(run):
    return json.loads((run / "metrics.json").read_text())


def rows_of(run):
    with (run / "predictions.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_several_seeds(train, tmp_path):
    code, out, _ = train(tmp_path / "run", "--seeds", "3")
    assert code == 0
    metrics, rows = metrics_of(tmp_path / "run"), rows_of(tmp_path / "run")
    each = [seed["uf1"] for seed in metrics["seeds"]]
    assert [seed["seed"] for seed in metrics["seeds"]] == [0, 1, 2]
    assert metrics["uf1"] == pytest.approx(np.mean(each), abs=1e-6)
    assert metrics["std"]["uf1"] == pytest.approx(np.std(each, ddof=1), abs=1e-6)
    assert np.mean([row["f1"] for row in metrics["per_class"]]) == pytest.approx(metrics["uf1"], abs=1e-6)
    assert (metrics["num_clips"], np.sum(metrics["confusion"])) == (9, 27)
    assert [row["seed"] for row in rows] == ["0"] * 9 + ["1"] * 9 + ["2"] * 9
    assert (tmp_path / "run/folds/tiny__s1/seed-2/predictions.csv").is_file()
    assert "+- over seeds" in out


def test_the_first_of_several_seeds_is_the_run_of_one(train, tmp_path):
    train(tmp_path / "one")
    train(tmp_path / "two", "--seeds", "2")
    one, two = rows_of(tmp_path / "one"), rows_of(tmp_path / "two")
    assert [{**row, "seed": "0"} for row in one] == two[:9]
    assert one != [{key: row[key] for key in one[0]} for row in two[9:]]


def test_folds_are_a_quick_look(train, tmp_path):
    assert train(tmp_path / "run", "--folds", "2")[0] == 0
    assert sorted(folder.name for folder in (tmp_path / "run/folds").iterdir()) == ["fold-1", "fold-2"]
    assert len(rows_of(tmp_path / "run")) == 9
    assert metrics_of(tmp_path / "run")["protocol"].startswith("2 folds by subject, a quick look and not leave-one-")


def other_store(tmp_path, **config):
    """Frame store of two people of another dataset."""
    clips = [replace(clip, dataset="other") for clip in tiny_clips(tmp_path / "clips", subjects=5)[9:]]
    return prepare(clips, tmp_path / "other", DataConfig(**{"size": 32, **config})).path


def test_another_store_is_tested(train, tmp_path):
    code, out, _ = train(tmp_path / "run", "--test", str(other_store(tmp_path)))
    assert code == 0
    assert out.startswith("6 clips of 2 subjects")
    assert {row["subject"] for row in rows_of(tmp_path / "run")} == {"other/s3", "other/s4"}
    assert metrics_of(tmp_path / "run")["protocol"].startswith("trained on other datasets than the tested frame store")


def test_stores_that_differ_are_refused(train, tmp_path):
    smaller = other_store(tmp_path, size=16)
    assert "was prepared with size 16, and " in train(tmp_path / "run", "--test", str(smaller))[2]
    two = prepare(tiny_clips(tmp_path / "b", labels=("down", "left")), tmp_path / "two", DataConfig(size=32)).path
    message = train(tmp_path / "run", "--test", str(two))[2]
    assert "has the classes down, left, and " in message and message.count("\n") == 1
    assert "--test must name a frame store, or a dataset of " in train(tmp_path / "run", "--test", "absent")[2]


def test_a_store_tested_on_itself_is_a_leak(train, store, tmp_path):
    code, _, err = train(tmp_path / "run", "--test", str(store))
    assert code == 1
    assert "trains and clip tiny/s0/c0 is held out, but they are one clip" in err


def test_all_makes_the_model_to_ship(train, store, tmp_path, capsys):
    code, out, _ = train(tmp_path / "model", "--all")
    assert code == 0
    assert out == "a model of down, left, still: 9 clips, trained on all clips, not tested, last epoch\n"
    assert ATMGCN.from_pretrained(tmp_path / "model").config.class_names == ["down", "left", "still"]
    assert "uf1" not in metrics_of(tmp_path / "model")
    assert main.run(["predict", str(store), "--model", str(tmp_path / "model"), "--json"]) == 0
    assert [json.loads(line)["num_models"] for line in capsys.readouterr().out.splitlines()] == [1] * 9


def test_validation_subjects_choose_the_epoch(train, tmp_path):
    code, _, _ = train(
        tmp_path / "run", "--validation-subjects", "1", "--patience", "1", "--set", "train.optim.epochs=9"
    )
    assert code == 0
    for subject in range(3):
        lines = (tmp_path / f"run/folds/tiny__s{subject}/log.jsonl").read_text().splitlines()
        log = [json.loads(line) for line in lines]
        best = min(log, key=lambda record: (-record["val_uf1"], record["val_loss"]))["epoch"]
        assert len(log) == min(best + 1, 9)
    assert "epoch of highest UF1 on 1 of the training subjects" in metrics_of(tmp_path / "run")["protocol"]


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (["--folds", "2", "--all"], 2, "--folds and --all are two protocols; give only one"),
        (["--folds", "7"], 1, "train.protocol.folds (--folds) must be at most 3, the number of subjects, not 7"),
        (
            ["--patience", "2"],
            1,
            "train.protocol.patience needs validation_subjects of at least 1: only they may choose the epoch",
        ),
        (["--validation-subjects", "2"], 1, "must be less than 2, the number of training subjects in fold tiny/s0"),
        (["--all", "--seeds", "2"], 1, "train.protocol.seeds must be 1 if kind is all, which trains one model, not 2"),
        (["--set", "train.protocol.kind=cross"], 1, "name datasets in train.protocol.test, or give --test"),
        (["--test", "tiny"], 1, "all clips are of tiny, which is the test data"),
    ],
)
def test_what_does_not_go_together_is_said(train, tmp_path, options, code, message):
    got, out, err = train(tmp_path / "run", *options)
    assert (got, out) == (code, "")
    assert message in err
    assert not (tmp_path / "run").exists()
