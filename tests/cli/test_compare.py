"""``atm-gcn compare``: several models, one table."""

import csv
import json
import re
import shutil

import pytest

from atm_gcn.cli import main
from atm_gcn.errors import Interrupted
from atm_gcn.training.loop.trainer import Trainer
from tests.runs import TINY_SETS

MODELS = ("lstm", "majority", "resnet-apex")
WRITTEN = ("comparison.csv", "comparison.json", "peeking.csv", "peeking.md", "peeking.png", "ranks.png")
"""Files without seconds."""


OPTIONS = ["--device", "cpu", "--seeds", "2", "--budget", "equal", "--audit-peeking"]
OPTIONS += [part for word in TINY_SETS if word.startswith("train.") for part in ("--set", word)]
OF_LSTM = [word for word in TINY_SETS if word.startswith("model.") and not word.startswith("model.heads")]
OPTIONS += [part for word in OF_LSTM for part in ("--set-for", "lstm", word)]


def command(store, out, *more, models=MODELS):
    return ["compare", str(store), str(out), "--models", ",".join(models), *OPTIONS, *more]


@pytest.fixture(scope="module")
def finished(store, tmp_path_factory):
    out = tmp_path_factory.mktemp("comparison") / "out"
    assert main.run(command(store, out)) == 0
    return out


def rows_of(out):
    with (out / "comparison.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_table_has_the_scores_and_costs_of_the_runs(finished):
    rows = rows_of(finished)
    assert [row["model"] for row in rows] == list(MODELS)
    for row in rows:
        found = json.loads((finished / row["model"] / "metrics.json").read_text())
        assert float(row["uf1"]) == found["uf1"] and float(row["uf1_std"]) == found["std"]["uf1"]
    first, majority, resnet = rows
    assert first["uf1_difference"] == "" and float(majority["uf1_p_holm"]) >= float(majority["uf1_p"])
    assert (majority["parameters"], majority["settings"]) == ("", "fitted once")
    assert int(resnet["parameters"]) == 11_178_051 and float(resnet["gmac"]) > 0.01
    assert resnet["settings"] == first["settings"] == "2 epochs"
    tex = (finished / "comparison.tex").read_text()
    assert "ResNet-18, apex frame" in tex and r"\toprule" in tex


def test_the_audit_has_the_models_that_are_trained_in_epochs(finished):
    with (finished / "peeking.csv").open(newline="") as file:
        audited = {row["model"] for row in csv.DictReader(file)}
    assert audited == {"bidirectional LSTM", "ResNet-18, apex frame"}
    honest = {row["title"]: row["uf1"] for row in rows_of(finished)}
    with (finished / "peeking.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            if row["reading"] == "honest":
                assert float(row["uf1"]) == pytest.approx(float(honest[row["model"]]), abs=2e-6)


def test_killed_and_resumed_it_writes_equal_bytes(store, finished, tmp_path, monkeypatch):
    train, steps = Trainer._train, []

    def interrupted(trainer, batches):
        steps.append(1)
        if len(steps) == 20:
            raise Interrupted
        train(trainer, batches)

    monkeypatch.setattr(Trainer, "_train", interrupted)
    assert main.run(command(store, tmp_path / "out")) == 130
    assert not (tmp_path / "out" / "comparison.csv").exists()
    assert main.run(command(store, tmp_path / "out", "--resume")) == 0
    same = [*WRITTEN, *(f"{name}/{file}" for name in MODELS for file in ("predictions.csv", "metrics.json"))]
    for name in same:
        assert (tmp_path / "out" / name).read_bytes() == (finished / name).read_bytes(), name


def test_models_are_added_with_resume(store, finished, tmp_path):
    out = shutil.copytree(finished, tmp_path / "out")
    shutil.rmtree(out / "majority")
    record = json.loads((out / "comparison.json").read_text())
    record["models"] = [one for one in record["models"] if one["model"] != "majority"]
    (out / "comparison.json").write_text(json.dumps(record, indent=2), encoding="utf-8")
    assert main.run(command(store, out)) == 1
    assert main.run(command(store, out, "--resume")) == 0
    assert (out / "comparison.csv").read_bytes() == (finished / "comparison.csv").read_bytes()


def test_no_model_of_a_comparison_is_lost_by_resume(store, finished, tmp_path, capsys):
    out = shutil.copytree(finished, tmp_path / "out")
    assert main.run(command(store, out, "--resume", models=("lstm",))) == 1
    assert "also compares majority, resnet-apex; name all models of the comparison" in capsys.readouterr().err
    (out / "comparison.json").write_text('{\n  "format": 1,', encoding="utf-8")
    assert main.run(command(store, out, "--resume", models=("lstm",))) == 0, "a damaged record is written again"
    assert not (out / "ranks.png").exists() and (out / "peeking.png").exists()


def test_only_a_folder_of_its_own_is_written_to(store, finished, tmp_path, capsys):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "thesis.txt").write_text("mine", encoding="utf-8")
    for folder, inside in ((tmp_path / "own", "thesis.txt"), (store, ""), (finished / "majority", "config.yaml")):
        assert main.run(command(store, folder, "--resume")) == 1
        assert f"{folder}: holds {inside}" in capsys.readouterr().err
    assert main.run(command(store, tmp_path / "own" / "thesis.txt")) == 1
    assert "thesis.txt: is a file; name a folder" in capsys.readouterr().err


def test_a_comparison_that_was_stopped_says_how_it_goes_on(finished, tmp_path, capsys):
    out = shutil.copytree(finished, tmp_path / "out")
    shutil.rmtree(out / "majority")
    assert main.run(["report", str(out)]) == 1
    assert "majority: is not trained yet; go on with atm-gcn compare --resume" in capsys.readouterr().err
    shutil.copytree(finished / "lstm", out / "majority")
    assert main.run(["report", str(out)]) == 1
    assert "majority: holds a run of lstm, not of majority" in capsys.readouterr().err
    next((out / "lstm").rglob("folds/*/**/predictions.csv")).write_text("", encoding="utf-8")
    assert main.run(["report", str(out)]) == 1
    assert "train the fold again with atm-gcn compare --resume" in capsys.readouterr().err


def test_a_dry_run_times_every_model(store, tmp_path, capsys):
    assert main.run(command(store, tmp_path / "out", "--dry-run")) == 0
    lstm, majority, _, nothing = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"lstm: [\d,]+ parameters, \d+ steps of .* s: about .*, one fold at a time", lstm)
    assert majority.startswith("majority: 3 parameters, ") and nothing == "nothing was written"
    assert not (tmp_path / "out").exists()


def test_the_report_shows_the_comparison(finished, tmp_path, capsys):
    assert main.run(["report", str(finished), "--out", str(tmp_path / "page.html")]) == 0
    page, printed = (tmp_path / "page.html").read_text(), capsys.readouterr().out
    assert page.count("data:image/png;base64,") == 2 and "bidirectional LSTM" in page
    assert (
        "Only the column honest is a score" in page
        and "largest class" in printed
        and "best_epoch_per_subject" in printed
    )
    assert main.run(["report", str(finished / "majority"), "--out", str(tmp_path / "run.html")]) == 0


@pytest.mark.parametrize("option", ["--store", "--build-model"])
def test_options_that_a_comparison_does_not_read_are_refused(finished, capsys, option):
    assert main.run(["report", str(finished), option, "a:b"]) == 1
    assert f"{option} is for the report of a run" in capsys.readouterr().err


def test_all_leaves_out_what_cannot_read_the_clips(store, tmp_path, caplog, monkeypatch):
    chosen = {}
    monkeypatch.setattr(
        "atm_gcn.training.comparison.models.compare_models",
        lambda configs, *_: chosen.update(configs) or (_ for _ in ()).throw(Interrupted),
    )
    small = ["--device", "cpu", "--set-for", "lstm", "model.motion_channels=8"]
    assert main.run(["compare", str(store), str(tmp_path / "out"), "--models", "all", *small]) == 130
    assert "ststnet" not in chosen and "htnet" not in chosen and "resnet-rgbd" not in chosen
    assert {"atm-gcn", "majority", "lstm", "c3d", "resnet-pair"} <= chosen.keys()
    assert "ststnet is left out: the model ststnet reads optical flow" in caplog.text
    assert "resnet-rgbd is left out:" in caplog.text


@pytest.mark.parametrize(
    ("models", "more", "said"),
    [
        ("majority,ststnet", [], "the model ststnet reads optical flow, and .* has none"),
        ("majority,lstm", ["--set-for", "htnet", "train.optim.epochs=1"], "--set-for htnet train.optim.epochs=1: the"),
        ("majority,lstm", ["--set-for", "lstn", "train.optim.epochs=1"], "did you mean 'lstm'?"),
        ("majority,lstm", ["--set-for", "lstm", "model.name=bdcnn"], "leave it out, and name the model in --models"),
        ("majority,lstm", ["--set", "train.protocol.folds=2"], "has no effect without train.protocol.kind=kfold"),
        ("majority,lstm", ["--set-for", "lstm", "model.window=2"], "model.window is a setting of atm-gcn"),
        ("majority", ["--set", "train.protocol.kind=all"], 'the protocol "all" has none'),
        ("majority,lstm", ["--set-for", "lstm", "train.protocol.seed=5"], "train.protocol of lstm differs"),
        (
            "all",
            ["--set-for", "lstm", "train.optim.epoch=5"],
            "--set or --set-for lstm: unknown key",
        ),
        ("all", ["--set", "model.num_layers=1"], "model.num_layers is a setting of atm-gcn, not of this model"),
    ],
)
def test_what_cannot_be_compared_is_refused_at_once(store, tmp_path, capsys, models, more, said):
    out = tmp_path / "out"
    assert main.run(["compare", str(store), str(out), "--models", models, "--device", "cpu", *more]) == 1
    assert re.search(said, capsys.readouterr().err) and not out.exists()


def test_tables_that_are_not_its_own_are_kept(store, tmp_path, capsys):
    (tmp_path / "out").mkdir()
    for name, content in (("comparison.md", b"mine"), ("ranks.png", b"\x89PNG mine"), ("comparison.json", b'{"a": 1}')):
        file = tmp_path / "out" / name
        file.write_bytes(content)
        assert main.run(command(store, tmp_path / "out")) == 1
        assert f"{name}: is no table that this command wrote" in capsys.readouterr().err
        assert file.read_bytes() == content
        file.unlink()


@pytest.mark.parametrize("change", [{"format": 2}, {"models": []}, {"models": [{"model": "../x"}]}, {"other": 1}])
def test_a_damaged_record_is_refused(finished, tmp_path, capsys, change):
    record = json.loads((finished / "comparison.json").read_text())
    if change.get("models"):
        change = {"models": [record["models"][0] | change["models"][0]]}
    (tmp_path / "comparison.json").write_text(json.dumps(record | change))
    assert main.run(["report", str(tmp_path)]) == 1
    assert "comparison.json: is damaged or of another version" in capsys.readouterr().err
