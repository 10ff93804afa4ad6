"""A whole run: its folder, its scores, twice the same bytes, and what it refuses."""

import json
import shutil
from dataclasses import replace

import pytest
import yaml

from atm_gcn.config import RunConfig
from atm_gcn.data import FrameStore
from atm_gcn.errors import ATMGCNError
from atm_gcn.metrics import scores
from atm_gcn.training.loop.fold import train_fold
from atm_gcn.training.preflight import dry_run, resolve
from atm_gcn.training.results.predictions import predictions_of, read_predictions
from atm_gcn.training.run import run_folds
from tests.runs import CLASSES, tiny_config, tiny_store, with_train

FILES = ["config.yaml", "confusion.png", "folds", "metrics.json", "predictions.csv", "run.json"]


def content(folder):
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_the_folder_holds_what_was_found(finished, config):
    assert sorted(file.name for file in finished.iterdir()) == FILES
    assert sorted(file.name for file in (finished / "folds").iterdir()) == ["tiny__s0", "tiny__s1", "tiny__s2"]
    assert RunConfig.load(finished / "config.yaml") == config
    assert yaml.safe_load((finished / "config.yaml").read_text())["model"]["class_names"] == list(CLASSES)
    log = [json.loads(line) for line in (finished / "folds/tiny__s0/log.jsonl").read_text().splitlines()]
    assert [record["epoch"] for record in log] == [1, 2]
    assert log[1]["lr"] == pytest.approx(log[0]["lr"] * config.train.optim.lr_decay)


def test_the_scores_are_pooled_over_the_folds(finished):
    rows = read_predictions(finished / "predictions.csv")
    metrics = json.loads((finished / "metrics.json").read_text())
    assert [row.clip for row in rows] == [f"tiny/s{person}/c{clip}" for person in range(3) for clip in range(3)]
    assert all(sum(row.probabilities) == pytest.approx(1, abs=5e-6) for row in rows)
    pooled = scores(*([CLASSES.index(getattr(row, key)) for row in rows] for key in ("label", "predicted")), 3)
    assert metrics["confusion"] == pooled.confusion.tolist()
    assert metrics["uf1"] == pytest.approx(pooled.uf1, abs=1e-6)
    assert (metrics["num_clips"], metrics["num_subjects"], metrics["class_names"]) == (9, 3, list(CLASSES))
    assert metrics["per_subject_mean"].keys() == {"uf1", "uar", "acc"}


def test_the_same_seed_gives_the_same_bytes(finished, store, config, tmp_path):
    run_folds(config, store, tmp_path / "again")
    again, once = content(tmp_path / "again"), content(finished)
    assert again.keys() == once.keys()
    differ = {name for name in once if once[name] != again[name]}
    assert {name for name in differ if not name.endswith("log.jsonl")} == set()


def test_a_fold_alone_equals_the_fold_in_the_run(finished, store, config):
    alone = predictions_of(train_fold(config, store, "tiny/s2"), list(CLASSES))
    in_run = read_predictions(finished / "folds/tiny__s2/predictions.csv")
    assert [row.clip for row in alone] == [row.clip for row in in_run]
    for one, other in zip(alone, in_run, strict=True):
        assert one.probabilities == pytest.approx(other.probabilities, abs=5e-7)


def test_resuming_trains_what_is_missing_and_ends_the_same(run, finished, store, config):
    shutil.rmtree(run / "folds" / "tiny__s1")
    (run / "metrics.json").unlink()
    kept = (run / "folds/tiny__s0/model.safetensors").stat().st_mtime_ns
    run_folds(with_train(config, num_workers=1), store, run, resume=True)
    assert (run / "folds/tiny__s0/model.safetensors").stat().st_mtime_ns == kept
    for name in ("metrics.json", "predictions.csv", "folds/tiny__s1/model.safetensors"):
        assert (run / name).read_bytes() == (finished / name).read_bytes()


def refused(run, config, store, resume, message):
    before = content(run)
    with pytest.raises(ATMGCNError, match=message):
        run_folds(config, store, run, resume)
    assert content(run) == before


def test_a_run_is_not_overwritten(run, store, config):
    refused(run, config, store, False, "holds a run already; add --resume")


def test_other_settings_are_named(run, store, config):
    other = with_train(config, lr=0.5)
    refused(run, other, store, True, r"train\.optim\.lr was 0\.001 and is 0\.5")


def test_another_store_is_named(run, config, tmp_path):
    refused(run, config, tiny_store(tmp_path, subjects=2), True, "begun with other clips")


def test_a_foreign_folder_is_left_alone(store, config, tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    refused(tmp_path, config, store, True, "exists and is no run")
    with pytest.raises(ATMGCNError, match=r"thesis\.txt: is a file"):
        run_folds(config, store, tmp_path / "thesis.txt")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"model": {"num_classes": 5}}, r"num_classes is 5, but .*store has 3 classes \(down, left, still\)"),
        ({"model": {"class_names": ["a", "b", "c"]}}, "class_names is .'a', 'b', 'c'., but the classes of"),
        ({"data": {"size": 64}}, r"data\.size is 64, but .*store was prepared with 32"),
        ({"data": {"fps": 30.0}}, r"data\.fps is 30\.0, but .*store was prepared without it"),
    ],
)
def test_settings_against_the_store_are_named(store, settings, message):
    with pytest.raises(ATMGCNError, match=message):
        resolve(tiny_config().merge(settings), tiny_config(), store)


def test_a_rate_that_is_switched_off_is_not_ignored(store):
    resampled = FrameStore(store.path, store.meta | {"config": store.config.model_dump() | {"fps": 30.0}}, store.clips)
    with pytest.raises(ATMGCNError, match=r"data\.fps is null, but .*store was prepared with 30\.0"):
        resolve(tiny_config(), tiny_config().merge({"data": {"fps": 30.0}}), resampled)


def test_data_settings_of_a_preset_give_way_to_the_store(store):
    preset = RunConfig.preset("demo")
    resolved = resolve(preset, preset, store)
    assert (resolved.data.size, resolved.data.fps, resolved.model.num_classes) == (32, None, 3)


@pytest.mark.parametrize("begin", [dry_run, lambda config, store: run_folds(config, store, "never")])
def test_what_cannot_be_trained_is_said_first(store, config, begin, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    alone = FrameStore(store.path, store.meta, store.clips[:3])
    with pytest.raises(ATMGCNError, match="two subjects or more, and there is only 'tiny/s0'"):
        begin(config, alone)
    without = [replace(stored, clip=replace(stored.clip, label="left")) for stored in store.clips]
    with pytest.raises(ATMGCNError, match="class 'down' has no clip"):
        begin(config, FrameStore(store.path, store.meta, without))
    with pytest.raises(ATMGCNError, match=r"train\.compute\.device \(--device\) must be auto, cpu"):
        begin(with_train(config, device="toaster"), store)
    assert list(tmp_path.iterdir()) == []
