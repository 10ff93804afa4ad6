"""Models of another run to start from: which fold takes which, and what is refused."""

import json
import shutil
from pathlib import Path

import pytest
import torch

from atm_gcn.checkpoint import load_checkpoint
from atm_gcn.cli import main
from atm_gcn.config import DataConfig
from atm_gcn.data import Clip, FrameStore, prepare
from atm_gcn.errors import ATMGCNError
from atm_gcn.training import run_folds
from atm_gcn.training.initial_models import with_initial_models
from atm_gcn.training.loop.fold import train_fold
from atm_gcn.training.preflight import resolve
from atm_gcn.training.protocol.tasks import tasks_of
from tests.runs import CLASSES, SIZE, TINY_SETS, tiny_config, write_clip

SETS = [part for setting in (*TINY_SETS, "model.num_layers=1", "model.window=2") for part in ("--set", setting)]


def prepared(folder: Path, people: tuple[str, ...], seed: int = 1000) -> FrameStore:
    """Clips of these people, of each class one."""
    clips = []
    for number, person in enumerate(people):
        for label in CLASSES:
            source = write_clip(folder / person / label, label, seed + 10 * number + CLASSES.index(label))
            clips.append(Clip("tiny", person, f"m-{label}", 0, 3, 4, 30.0, label=label, source=str(source)))
    return prepare(clips, folder / "store", DataConfig(size=SIZE))


def train(store: FrameStore, out: Path, **settings) -> Path:
    config = tiny_config(**settings)
    run_folds(resolve(config, config, store), store, out)
    return out


@pytest.fixture(scope="module")
def others(tmp_path_factory) -> FrameStore:
    """Clips of two people of the store, s1 and s2, and of one who is not in it."""
    return prepared(tmp_path_factory.mktemp("others"), ("s1", "s2", "s9"))


@pytest.fixture(scope="module")
def earlier(others, tmp_path_factory) -> Path:
    """A run that held each of them out once."""
    return train(others, tmp_path_factory.mktemp("earlier") / "run", save_models=True)


def tasks_from(store, run, model=None, **settings):
    config = tiny_config(init_from=str(run), **settings).merge({"model": model or {}})
    config = resolve(config, config, store)
    return with_initial_models(tasks_of(config, store), config, store)


def test_each_fold_starts_from_a_model_that_did_not_see_its_people(store, earlier):
    chosen = {task.fold.name: task.initial.parent.name for task in tasks_from(store, earlier)}
    assert chosen == {"tiny/s0": "tiny__s1", "tiny/s1": "tiny__s1", "tiny/s2": "tiny__s2"}


def test_people_who_choose_the_epoch_count_as_held_out(others, earlier):
    with pytest.raises(ATMGCNError, match=r"each of its models was trained on some of the people held out in fold"):
        tasks_from(others, earlier, validation_subjects=1)


def test_the_same_seed_is_preferred(store, others, tmp_path):
    run = train(others, tmp_path / "run", save_models=True, seeds=2)
    for task in tasks_from(store, run, seeds=2):
        assert task.initial.parent.name == f"seed-{task.seed}"


def test_a_model_of_everyone_suits_other_people_only(store, others, tmp_path):
    run = train(others, tmp_path / "run", kind="all")
    with pytest.raises(ATMGCNError, match=r"held out in fold tiny/s1 \(tiny/s1\); train it with the same folds"):
        tasks_from(store, run)
    strangers = prepared(tmp_path / "strangers", ("s7", "s8"), seed=2000)
    run = train(strangers, tmp_path / "strangers-run", kind="all")
    assert len({task.initial for task in tasks_from(store, run)}) == 1


def test_recordings_of_the_held_out_under_another_name_are_found(store, tmp_path):
    clips = [
        Clip("tiny", "s7", f"x{n}", 0, 3, 3, 30.0, label=label, source=str(write_clip(tmp_path / label, label, n, 4)))
        for n, label in enumerate(CLASSES)
    ]  # the pictures of s0
    run = train(prepare(clips, tmp_path / "store", DataConfig(size=SIZE)), tmp_path / "run", kind="all")
    with pytest.raises(ATMGCNError, match="s0"):
        tasks_from(store, run)


def test_training_starts_from_its_weights(store, earlier):
    config = tiny_config(epochs=1, lr=1e-30)
    config = resolve(config, config, store)
    model = earlier / "folds" / "tiny__s1"
    weights = load_checkpoint(model)[0]["readout.classifier.weight"]
    started = train_fold(config, store, "tiny/s1", initial=model).state_dict["readout.classifier.weight"]
    torch.testing.assert_close(started, weights)
    assert not torch.allclose(train_fold(config, store, "tiny/s1").state_dict["readout.classifier.weight"], weights)


def test_a_run_from_the_command_line(store, earlier, tmp_path, capsys):
    command = ["train", str(store.path), str(tmp_path / "run"), *SETS, "--quiet", "--init-from", str(earlier)]
    assert main.run(command) == 0
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert f"starting from the models of {earlier}" in metrics["protocol"]
    shutil.rmtree(tmp_path / "run" / "folds" / "tiny__s1")
    assert main.run([*command, "--resume"]) == 0
    assert json.loads((tmp_path / "run" / "metrics.json").read_text()) == metrics
    assert main.run([*command[:3], *SETS, "--quiet", "--resume"]) == 1
    assert "train.protocol.init_from was" in capsys.readouterr().err


def test_what_cannot_be_started_from_is_refused(store, others, earlier, tmp_path):
    def refused(run, message, **settings):
        with pytest.raises(ATMGCNError, match=message):
            tasks_from(store, run, **settings)

    refused(tmp_path / "nothing", "is not the folder of a run")
    refused(train(others, tmp_path / "bare", save_models=False), "has no model, for the run was begun with")
    refused(earlier, r"its encoder has other sizes or parts than that of this run", model={"motion_channels": 12})
    unfinished = tmp_path / "unfinished"
    shutil.copytree(earlier, unfinished)
    (unfinished / "folds" / "tiny__s9" / "fold.json").unlink()
    refused(unfinished, "is not finished")
    second = tmp_path / "second"
    config = tiny_config(init_from=str(earlier), save_models=True)
    run_folds(resolve(config, config, store), store, second)
    refused(second, "was itself trained with --init-from")


def test_the_clips_of_the_earlier_run_must_be_there(store, tmp_path):
    strangers = prepared(tmp_path / "strangers", ("s7", "s8"), seed=2000)
    run = train(strangers, tmp_path / "run", kind="all")
    shutil.rmtree(strangers.path)
    with pytest.raises(ATMGCNError, match=r"strangers/store is gone or damaged, so that the people it was trained on"):
        tasks_from(store, run)
