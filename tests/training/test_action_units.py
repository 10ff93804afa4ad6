"""Runs on action units: learning, files, resuming, and what decides which units are learnt."""

import json
import shutil
from dataclasses import replace

import pytest
import torch

from atm_gcn import ATMGCNError
from atm_gcn.checkpoint import load_checkpoint
from atm_gcn.config import RunConfig
from atm_gcn.data import Clip, FrameStore, load_manifest, prepare
from atm_gcn.metrics import unit_scores
from atm_gcn.metrics.action_units import reference_f1
from atm_gcn.synth import synthesize
from atm_gcn.training import cross_validate, train_fold
from atm_gcn.training.protocol.splits import leave_one_subject_out
from atm_gcn.training.protocol.unit_choice import store_for, units_to_learn
from atm_gcn.training.results.run_results import RunResults
from atm_gcn.training.run import run_folds
from atm_gcn.training.settings import requested, resolve
from tests.runs import equal_runs, tiny_config, with_train
from tests.units import store_of, unit_clips, unit_config


@pytest.fixture(scope="module")
def frames(tmp_path_factory):
    folder = tmp_path_factory.mktemp("units")
    return store_of(unit_clips(folder / "clips"), folder / "store")


def resolved(frames, **train):
    config = unit_config(**train)
    store = store_for(config, [frames])
    return resolve(config, config, store), store


@pytest.fixture(scope="module")
def run(frames, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run") / "run"
    config, store = resolved(frames, epochs=30, lr=1e-2, batch_size=8)
    run_folds(config, store, folder)
    return folder


def test_units_of_held_out_people_are_recognised(run):
    metrics = RunResults(run).metrics
    assert metrics["class_names"] == ["AU4", "AU10", "AU17"]
    assert metrics["always_on"]["mean_f1"] == pytest.approx(0.5)
    assert metrics["mean_f1"] > 0.8
    assert [row["support"] for row in metrics["per_unit"]] == [3, 3, 3]
    assert (metrics["num_clips"], metrics["num_subjects"]) == (9, 3)
    assert [row["dataset"] for row in metrics["per_dataset"]] == ["tiny"]


def test_the_files_of_a_run(run):
    header, first = (run / "predictions.csv").read_text().splitlines()[:2]
    assert header == "clip,subject,label,predicted,AU4,AU10,AU17"
    assert first.startswith("tiny/s0/c0,tiny/s0,AU17,")
    _, config, metadata = load_checkpoint(run / "folds/tiny__s0")
    assert (config.task, config.names) == ("action-units", ["AU4", "AU10", "AU17"])
    assert metadata["card"]["data"]["clips_per_class"] == {"AU4": 2, "AU10": 2, "AU17": 2}
    assert metadata["card"]["scores"].keys() == {"held_out_clips", "uf1", "uar", "acc", "mean_f1"}
    assert (run / "confusion.png").is_file()


def test_changed_predictions_are_noticed(run, tmp_path):
    metrics = json.loads((run / "metrics.json").read_text())
    metrics["mean_f1"] = 0.123
    copy = shutil.copytree(run, tmp_path / "run")
    (copy / "metrics.json").write_text(json.dumps(metrics))
    with pytest.raises(ATMGCNError, match=r"mean_f1 is 0\.123, but the folds' predictions give"):
        _ = RunResults(copy).metrics


def test_a_resumed_run_has_the_same_bytes(frames, tmp_path):
    config, store = resolved(frames)
    run_folds(config, store, tmp_path / "whole")
    run_folds(config, store, tmp_path / "other")
    shutil.rmtree(tmp_path / "other/folds/tiny__s1")
    (tmp_path / "other/metrics.json").unlink()
    run_folds(config, store, tmp_path / "other", resume=True)
    assert equal_runs(tmp_path / "whole", tmp_path / "other")


def test_the_held_out_person_decides_nothing(frames, tmp_path):
    """Whatever units are annotated of the person who is held out, the model of the fold is the same."""
    clips = unit_clips(tmp_path / "clips")
    changed = [replace(clip, action_units="4+17") if clip.subject == "s0" else clip for clip in clips]
    states = []
    for name, own in {"one": clips, "other": changed}.items():
        config, store = resolved(store_of(own, tmp_path / name))
        states.append(train_fold(config, store, "tiny/s0").state_dict)
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


def test_rare_units_are_chosen_by_training_clips():
    """Unit 4 is in three clips, of which one person has two; without that person one is left."""
    clips = [replace(clip, subject=f"s{number // 2}") for number, clip in enumerate([_clip(n) for n in range(8)])]
    states = [(1, 0), (1, 0), (1, 0), (0, 1), (0, 1), (0, 0), (0, 1), (0, 0)]
    folds = leave_one_subject_out(clips)
    assert units_to_learn(states, folds, [4, 12], 3) == [4, 12]
    assert units_to_learn(states, folds, [4, 12], 4) == []


def _clip(number):
    return Clip("d", "s", f"c{number}", 0, None, 5, 30.0)


def test_units_with_few_training_clips_are_not_predicted(frames, caplog):
    config, store = resolved(frames, epochs=20, lr=1e-2, units=[4, 17, 12], least_unit_clips=1)
    with pytest.raises(ATMGCNError, match=r"class 'AU12' has no clip; leave it out of train.protocol.units"):
        run_folds(config, store, "unused")
    config, store = resolved(frames, epochs=20, lr=1e-2, units=[4, 17], least_unit_clips=3)
    result = train_fold(config, store, "tiny/s0")
    assert (result.probabilities < 0.5).all()
    assert "fold tiny/s0: AU17 has 2 training clips, and is learnt from 3 on" in caplog.messages
    config, store = resolved(frames, units=[4, 17], least_unit_clips=3, class_weights=None)
    with pytest.raises(ATMGCNError, match=r"0 of the action units .* have 50 training clips in a fold, and two are"):
        store_for(unit_config(least_unit_clips=50), [frames])


def test_validation_people_choose_the_epoch_by_mean_f1(frames):
    config, store = resolved(frames, validation_subjects=1, epochs=3, least_unit_clips=1)
    from atm_gcn.training.protocol.tasks import tasks_of

    result = train_fold(config, store, tasks_of(config, store)[0].fold)
    assert all(0 <= record["val_uf1"] <= 1 and record["val_loss"] > 0 for record in result.log)


def test_one_dataset_is_held_out_at_a_time(frames, tmp_path):
    others = [replace(clip, label=f"b{clip.label}") for clip in unit_clips(tmp_path / "clips", 5, dataset="zoo")[9:]]
    config = unit_config(kind="lodo")
    store = store_for(config, [frames, store_of(others, tmp_path / "store")])
    metrics = run_folds(resolve(config, config, store), store, tmp_path / "run")
    assert [(row["dataset"], row["num_clips"]) for row in metrics["per_dataset"]] == [("tiny", 9), ("zoo", 6)]
    assert sorted(path.name for path in (tmp_path / "run/folds").iterdir()) == ["tiny", "zoo"]
    rows = RunResults(tmp_path / "run").folds[1].predictions()
    assert {row.subject for row in rows} == {"zoo/s3", "zoo/s4"}
    with pytest.raises(ATMGCNError, match="leave-one-dataset-out needs clips of two datasets"):
        store_for(config, [frames])


@pytest.mark.parametrize("name", ["majority", "resnet-pair", "c3d", "lstm"])
def test_peers_learn_units(frames, tmp_path, name):
    base = tiny_config(epochs=1, least_unit_clips=2)
    config, base = requested(base, model=name, budget="equal", task="action-units")
    store = store_for(config, [frames])
    metrics = run_folds(resolve(config, base, store), store, tmp_path / "run")
    assert 0 <= metrics["mean_f1"] <= 1 and metrics["class_names"] == ["AU4", "AU10", "AU17"]
    if name == "majority":
        assert metrics["mean_f1"] == 0  # no unit is in more than half of the clips


def test_weights_are_balanced_unless_said_otherwise():
    base = tiny_config()
    assert requested(base, task="action-units")[0].train.optim.class_weights == "balanced"
    assert (
        requested(base, overrides=["train.optim.class_weights=null"], task="action-units")[0].train.optim
        == base.train.optim
    )
    assert requested(base)[0].train.optim.class_weights is None
    with pytest.raises(
        ATMGCNError, match=r"--task is emotion, but model\.task is action-units; leave one of the two out"
    ):
        requested(base, overrides=["model.task=action-units"], task="emotion")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"train": {"protocol": {"audit_peeking": True}}}, "train.protocol.audit_peeking is for classes"),
        ({"model": {"name": "bdcnn"}}, "the model bdcnn augments the features of every class"),
    ],
)
def test_what_is_for_classes_alone_is_refused(frames, changes, said):
    from atm_gcn.training.preflight import check_units

    config, store = resolved(frames)
    with pytest.raises(ATMGCNError, match=said):
        check_units(config.merge(changes), store)


def test_cross_validation_from_python(frames, tmp_path):
    config = with_train(tiny_config(), epochs=1, least_unit_clips=2)
    overrides = ["train.compute.threads=1"]
    result = cross_validate(frames, config=config.merge({"model": {"task": "action-units"}}), overrides=overrides)
    assert result.scores["task"] == "action-units" and "mean F1" in str(result)
    assert list(result.predictions.columns[4:]) == ["AU4", "AU10", "AU17"]
    with pytest.raises(ATMGCNError, match="is a run on action units, and only runs on classes are compared"):
        result.compare(result)


def test_folds_start_from_models_of_the_same_units(frames, tmp_path):
    others = unit_clips(tmp_path / "clips", 6, dataset="zoo")[9:]
    store_of(others, tmp_path / "store")
    source = FrameStore.open(tmp_path / "store")
    for name, units in {"same": [4, 17], "other": [4, 10]}.items():
        config = unit_config(epochs=1, units=units)
        first = store_for(config, [source])
        run_folds(resolve(config, config, first), first, tmp_path / name)
    config, store = resolved(frames, epochs=1, units=[4, 17], init_from=str(tmp_path / "same"))
    assert run_folds(config, store, tmp_path / "run")["num_clips"] == 9
    config, store = resolved(frames, epochs=1, units=[4, 17], init_from=str(tmp_path / "other"))
    with pytest.raises(ATMGCNError, match=r"its models predict AU4, AU10, and this run learns AU4, AU17; train both"):
        run_folds(config, store, tmp_path / "wrong")


@pytest.mark.slow
def test_units_of_drawn_clips_are_recognised_in_a_held_out_person(tmp_path):
    manifest = synthesize(tmp_path / "clips", subjects=5, clips_per_subject=9, size=96)
    base = RunConfig.preset("demo")
    frames = prepare(load_manifest(manifest), tmp_path / "store", base.data)
    overrides = ["train.compute.compile=false", "train.compute.threads=1", "train.protocol.least_unit_clips=5"]
    config, base = requested(base, overrides=overrides, task="action-units")
    store = store_for(config, [frames])
    assert store.classes == ["AU1", "AU2", "AU4", "AU6", "AU9", "AU12"]
    result = train_fold(resolve(config, base, store), store, "synth/s01")
    found = unit_scores(result.labels, result.probabilities > 0.5)
    assert found.mean_f1 > 0.7 > reference_f1(found.counts)["always_on"] + 0.15
