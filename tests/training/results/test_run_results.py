"""A file that was changed after a run is not believed by any reader, and a resumed run repairs it."""

import json
import shutil

import pytest

from atm_gcn.checkpoint import load_checkpoint
from atm_gcn.errors import ATMGCNError
from atm_gcn.inference.ensemble import Ensemble
from atm_gcn.inference.known_clips import Query
from atm_gcn.inference.model_choice import choose_models
from atm_gcn.inference.model_info import describe_model
from atm_gcn.training.results.run_results import RunResults
from atm_gcn.training.run import run_folds
from tests.runs import with_train


def folds(run):
    return RunResults(run).folds


def predictions(run):
    return RunResults(run).predictions


def metrics(run):
    return RunResults(run).metrics


def choose(run):
    return choose_models(run, Query(key="tiny/s1/c0", subject="tiny/s1"))


def cut(file):
    file.write_bytes(file.read_bytes()[:-30])


def remove_a_row(file):
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(lines[:-1]))


def of_another_fold(file):
    shutil.copyfile(file.parent.parent / "tiny__s0" / file.name, file)


CHANGES = [
    ("predictions.csv", cut),
    ("predictions.csv", remove_a_row),
    ("predictions.csv", of_another_fold),
    ("model.safetensors", cut),
    ("model.safetensors", of_another_fold),
    ("model.safetensors", lambda file: file.unlink()),
    ("log.jsonl", remove_a_row),
    ("fold.json", cut),
    ("fold.json", of_another_fold),
    ("fold.json", lambda file: file.write_text(json.dumps(json.loads(file.read_text()) | {"format": 7}))),
]


@pytest.mark.parametrize(("name", "change"), CHANGES)
def test_a_changed_fold_is_trained_again(store, config, finished, run, caplog, name, change):
    change(run / "folds/tiny__s1" / name)
    run_folds(config, store, run, resume=True)
    assert "the fold is trained again" in caplog.text and "tiny__s1" in caplog.text
    for file in ("folds/tiny__s1/fold.json", "folds/tiny__s1/model.safetensors", "predictions.csv", "metrics.json"):
        assert (run / file).read_bytes() == (finished / file).read_bytes()


@pytest.mark.parametrize(("name", "change"), [CHANGES[1], CHANGES[4], CHANGES[8]])
def test_no_reader_believes_a_changed_fold(run, name, change):
    change(run / "folds/tiny__s1" / name)
    readers = {
        "predictions.csv": [predictions, metrics, choose],
        "model.safetensors": [Ensemble.open, describe_model, choose],
        "fold.json": [folds, Ensemble.open, metrics, describe_model],
    }
    for read in readers[name]:
        with pytest.raises(ATMGCNError, match=rf"tiny__s1/{name}: (was changed|is the record of fold 'tiny/s0')"):
            read(run)


def test_a_whole_fold_of_another_subject_is_not_taken(store, config, finished, run):
    shutil.rmtree(run / "folds/tiny__s1")
    shutil.copytree(run / "folds/tiny__s0", run / "folds/tiny__s1")
    with pytest.raises(ATMGCNError, match="is the record of fold 'tiny/s0' with seed 0, not of fold 'tiny/s1'"):
        choose(run)
    run_folds(config, store, run, resume=True)
    assert load_checkpoint(run / "folds/tiny__s1")[2]["held_out"] == "tiny/s1"
    assert (run / "predictions.csv").read_bytes() == (finished / "predictions.csv").read_bytes()


def test_a_fold_of_another_run_is_not_taken(store, config, run, tmp_path):
    other = with_train(config, lr=1e-2)
    run_folds(other, store, tmp_path / "other")
    shutil.rmtree(run / "folds/tiny__s2")
    shutil.copytree(tmp_path / "other/folds/tiny__s2", run / "folds/tiny__s2")
    with pytest.raises(ATMGCNError, match=r"tiny__s2/fold\.json: is the record of another run"):
        predictions(run)


def test_scores_that_the_predictions_do_not_give_are_refused(run):
    scores = json.loads((run / "metrics.json").read_text())
    for change in ({"uf1": 0.999999}, {"num_clips": 10}, {"uar": None}):
        (run / "metrics.json").write_text(json.dumps(scores | change))
        with pytest.raises(ATMGCNError, match=rf"metrics\.json: {next(iter(change))} is .*, but the folds'"):
            metrics(run)
    for text in ("[]", "{", '{"uf1": NaN}', '{"uf1": 1e999}', "[" * 100_000):
        (run / "metrics.json").write_text(text)
        with pytest.raises(ATMGCNError, match=r"metrics\.json: is damaged"):
            metrics(run)


def test_settings_that_were_changed_are_refused(run):
    text = (run / "config.yaml").read_text()
    (run / "config.yaml").write_text(text.replace("epochs: 2", "epochs: 9"))
    with pytest.raises(ATMGCNError, match=r"config\.yaml: was changed after the run had begun"):
        metrics(run)


def test_a_run_record_that_was_changed_is_refused(run):
    record = json.loads((run / "run.json").read_text())
    for change in ({"atm_gcn": "9.9"}, {"folds": record["folds"][:-1]}, {"folds": []}):
        (run / "run.json").write_text(json.dumps(record | change))
        with pytest.raises(ATMGCNError, match=r"run\.json: was changed after the run had begun"):
            folds(run)


@pytest.mark.parametrize("folder", ["../../elsewhere", "/etc", "", "a/../../b"])
def test_no_fold_lies_outside_the_run(run, folder):
    record = json.loads((run / "run.json").read_text())
    record["folds"][0]["folder"] = folder  # the digest does not matter: no such folder is looked at
    (run / "run.json").write_text(json.dumps(record))
    with pytest.raises(ATMGCNError, match=r"run\.json: is damaged at 'folds\.0\.folder'"):
        folds(run)


def as_an_earlier_version_wrote(run):
    for file in run.glob("folds/*/fold.json"):
        file.unlink()
    record = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps({key: record[key] for key in ("atm_gcn", "store")}))


def test_a_run_of_an_earlier_version_is_read_and_gone_on_with(store, config, finished, run):
    as_an_earlier_version_wrote(run)
    assert metrics(run) == json.loads((finished / "metrics.json").read_text())
    assert choose(run).reason.startswith("fold tiny__s1, which held this clip out")
    before = (run / "folds/tiny__s1/model.safetensors").stat().st_mtime_ns
    run_folds(config, store, run, resume=True)
    assert (run / "folds/tiny__s1/model.safetensors").stat().st_mtime_ns == before
    assert (run / "run.json").read_bytes() == (finished / "run.json").read_bytes()
    assert (run / "folds/tiny__s1/fold.json").read_bytes() == (finished / "folds/tiny__s1/fold.json").read_bytes()


@pytest.mark.parametrize("change", [remove_a_row, of_another_fold, cut])
def test_a_damaged_fold_of_an_earlier_version_is_trained_again(store, config, finished, run, change):
    as_an_earlier_version_wrote(run)
    change(run / "folds/tiny__s1/predictions.csv")
    run_folds(config, store, run, resume=True)
    assert (run / "predictions.csv").read_bytes() == (finished / "predictions.csv").read_bytes()


def test_folds_that_are_not_finished_are_said(run, caplog):
    shutil.rmtree(run / "folds/tiny__s2")
    assert len(Ensemble.open(run).files) == 2
    assert "2 of 3 folds are finished; the others are left out" in caplog.text
    with pytest.raises(ATMGCNError, match="is not finished, 2 of 3 folds are; go on with atm-gcn train --resume"):
        predictions(run)


def test_a_model_that_is_named_is_the_one_of_its_fold(run):
    of_another_fold(run / "folds/tiny__s1/model.safetensors")
    for name in ("folds/tiny__s1", "folds/tiny__s1/model.safetensors"):
        for read in (Ensemble.open, choose_models, describe_model):
            with pytest.raises(ATMGCNError, match=r"tiny__s1/model\.safetensors: was changed after the fold had ended"):
                read(run / name)


def test_a_record_without_its_format_is_no_earlier_one(run):
    record = json.loads((run / "run.json").read_text())
    del record["format"]
    (run / "run.json").write_text(json.dumps(record))
    with pytest.raises(ATMGCNError, match=r"run\.json: has format version None"):
        folds(run)
