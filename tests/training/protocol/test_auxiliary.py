"""Clips of other data that train along: whose they are, what they weigh, and that they are never tested."""

import json

import pytest
import torch

from atm_gcn.cli import main
from atm_gcn.config import DataConfig
from atm_gcn.data import Clip, FrameStore, prepare
from atm_gcn.data.store import AuxiliaryStore
from atm_gcn.errors import ATMGCNError
from atm_gcn.losses import FocalLoss
from atm_gcn.training.loop.fold import train_fold
from atm_gcn.training.preflight import resolve
from atm_gcn.training.protocol.tasks import tasks_of
from tests.runs import CLASSES, SIZE, TINY_SETS, tiny_config, write_clip


@pytest.fixture(scope="module")
def others(tmp_path_factory) -> FrameStore:
    """Clips of two people of the store, s1 and s2, and of one who is not in it."""
    folder, clips = tmp_path_factory.mktemp("others"), []
    for number, person in enumerate(("s1", "s2", "s9")):
        for label in CLASSES:
            source = write_clip(folder / person / label, label, 1000 + 10 * number + CLASSES.index(label))
            clips.append(Clip("tiny", person, f"m-{label}", 0, 3, 4, 30.0, label=label, source=str(source)))
    return prepare(clips, folder / "store", DataConfig(size=SIZE))


def fold_people(store, task, side):
    return sorted({store.clips[position].clip.subject for position in getattr(task.fold, side)})


@pytest.mark.parametrize("settings", [{}, {"kind": "kfold", "folds": 3}, {"validation_subjects": 1}])
def test_the_held_out_take_their_other_clips_along(store, others, settings):
    both = AuxiliaryStore(store, others)
    tasks = tasks_of(tiny_config(**settings), both)
    assert len(tasks) == 3
    for task in tasks:
        assert all(position < both.boundary for position in (*task.fold.test, *task.fold.validation))
        apart = {*fold_people(both, task, "test"), *fold_people(both, task, "validation")}
        extra = [both.clips[position].clip.subject for position in task.fold.train if position >= both.boundary]
        assert sorted(set(extra)) == sorted({"s1", "s2", "s9"} - apart) and len(extra) == 3 * len(set(extra))
        assert not apart & set(fold_people(both, task, "train"))


def test_a_model_of_all_clips_takes_all(store, others):
    (task,) = tasks_of(tiny_config(kind="all"), AuxiliaryStore(store, others))
    assert len(task.fold.train) == len(store) + len(others)


def test_recordings_of_the_held_out_under_another_name_are_found(store, tmp_path):
    clips = [
        Clip("tiny", "s7", f"x{n}", 0, 3, 3, 30.0, label=label, source=str(write_clip(tmp_path / label, label, n, 4)))
        for n, label in enumerate(CLASSES)
    ]  # the pictures of s0
    again = prepare(clips, tmp_path / "store", DataConfig(size=SIZE))
    with pytest.raises(ATMGCNError, match="s0"):
        tasks_of(tiny_config(), AuxiliaryStore(store, again))


@pytest.mark.parametrize("gamma", [0.0, 2.0])
@pytest.mark.parametrize("weight", [None, torch.tensor([0.5, 2.0, 1.0])])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_a_clip_of_weight_two_counts_as_two(gamma, weight, smoothing):
    loss = FocalLoss(gamma, weight, smoothing)
    logits, target = torch.randn(4, 3), torch.tensor([0, 2, 1, 1])
    twice = torch.tensor([0, 1, 1, 2, 3])
    weights = torch.tensor([1.0, 2.0, 1.0, 1.0])
    torch.testing.assert_close(loss(logits, target, weights), loss(logits[twice], target[twice]))
    torch.testing.assert_close(loss.mass(target, weights), loss.mass(target[twice]))
    torch.testing.assert_close(loss(logits, target, torch.ones(4)), loss(logits, target))


def test_a_run_with_other_data(store, others, tmp_path, capsys):
    sets = [part for setting in TINY_SETS for part in ("--set", setting)]
    command = ["train", str(store.path), str(tmp_path / "run"), *sets, "--quiet"]
    more = ["--with", str(others.path), "--set", "train.optim.auxiliary_weight=0.5"]
    assert main.run([*command, *more]) == 0
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert metrics["num_clips"] == len(store) and metrics["num_subjects"] == 3
    assert "with other clips of" in metrics["protocol"]
    rows = (tmp_path / "run" / "predictions.csv").read_text().splitlines()
    assert len(rows) == len(store) + 1 and not any("m-" in row for row in rows)
    capsys.readouterr()
    assert main.run([*command, "--resume"]) == 1
    assert "was begun with other settings, train.optim.auxiliary_weight was 0.5" in capsys.readouterr().err
    assert main.run([*command, *more, "--resume"]) == 0
    alone = tmp_path / "alone"
    assert main.run(["train", str(store.path), str(alone), "--config", str(tmp_path / "run" / "config.yaml")]) == 1
    assert f"give --with {others.path}, or set it to null" in capsys.readouterr().err and not alone.exists()


def test_the_weight_changes_the_training(store, others):
    both = AuxiliaryStore(store, others)
    asked = [tiny_config(auxiliary_weight=weight) for weight in (1.0, 1.0, 1e-3)]
    models = [
        train_fold(resolve(one, one, both), both, "tiny/s0").state_dict["readout.classifier.weight"] for one in asked
    ]
    assert torch.equal(models[0], models[1]) and not torch.equal(models[0], models[2])
