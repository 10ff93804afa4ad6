"""A training that is left anywhere and taken up again ends as if it had not been."""

import errno
import json
import os
import shutil
from pathlib import Path

import pytest
import torch

from atm_gcn.errors import ATMGCNError, Interrupted
from atm_gcn.training.loop.checkpointing import CheckpointManager
from atm_gcn.training.loop.fold import train_fold
from atm_gcn.training.preflight import resolve
from atm_gcn.training.results.layout import STATE
from atm_gcn.training.run import run_folds
from tests.runs import tiny_config, with_train

FOLD = "tiny/s1"
STEPS = 2  # an epoch: 6 training clips, 4 a step


@pytest.fixture(scope="module")
def config(store):
    asked = tiny_config(epochs=3, lr=1e-2, save_every=1).merge({"model": {"dropout": 0.2}})
    return resolve(asked, asked, store)


@pytest.fixture(scope="module")
def whole(store, config, tmp_path_factory):
    """Folder of a finished run."""
    out = tmp_path_factory.mktemp("whole") / "run"
    run_folds(config, store, out)
    return out


@pytest.fixture(scope="module")
def undisturbed(store, config):
    return train_fold(config, store, FOLD)


class After:
    """Asks to stop once it was asked so often."""

    def __init__(self, steps: int) -> None:
        self.steps = steps

    def __call__(self) -> bool:
        self.steps -= 1
        return self.steps < 0


def left_after(steps: int, config, store, folder, every: int = 1) -> None:
    with pytest.raises(Interrupted):
        train_fold(config, store, FOLD, checkpoints=CheckpointManager(folder, every, After(steps)))


def same(one, two) -> bool:
    weights = all(torch.equal(one.state_dict[name], two.state_dict[name]) for name in two.state_dict)
    return weights and torch.equal(one.probabilities, two.probabilities)


def untimed(log):
    return [{key: value for key, value in record.items() if key != "seconds"} for record in log]


@pytest.mark.parametrize("steps", range(3 * STEPS - 1))
def test_left_after_any_step_it_ends_the_same(store, config, undisturbed, tmp_path, steps):
    left_after(steps, config, store, tmp_path)
    resumed = train_fold(config, store, FOLD, checkpoints=CheckpointManager(tmp_path, 1))
    assert same(resumed, undisturbed)
    assert untimed(resumed.log) == untimed(undisturbed.log)
    assert all(record["seconds"] > 0 for record in resumed.log)


def test_left_again_and_again_it_ends_the_same(store, config, undisturbed, tmp_path):
    for _ in range(3 * STEPS - 1):
        left_after(0, config, store, tmp_path)
    assert same(train_fold(config, store, FOLD, checkpoints=CheckpointManager(tmp_path, 1)), undisturbed)


def test_the_state_is_written_every_so_many_epochs(store, config, tmp_path):
    seen = []

    class Watched(CheckpointManager):
        def after_step(self, trainer):
            super().after_step(trainer)
            seen.append(self.state.exists())
            self.state.unlink(missing_ok=True)

    train_fold(config, store, FOLD, checkpoints=Watched(tmp_path, 2))
    assert seen == [False, False, False, True, False, False]
    assert [json.loads(line)["epoch"] for line in (tmp_path / "log.jsonl").read_text().splitlines()] == [1, 2, 3]


def test_what_a_judge_kept_is_kept_over_an_interruption(store, config, tmp_path):
    from atm_gcn.training.loop.trainer import EpochDecision

    def stopping_rule(model, log):
        return EpochDecision(keep=log[-1]["epoch"] == 1, stop=log[-1]["epoch"] == 2)

    whole = train_fold(config, store, FOLD, stopping_rule=stopping_rule)
    with pytest.raises(Interrupted):
        train_fold(
            config, store, FOLD, stopping_rule=stopping_rule, checkpoints=CheckpointManager(tmp_path, 1, After(STEPS))
        )
    assert same(
        train_fold(config, store, FOLD, stopping_rule=stopping_rule, checkpoints=CheckpointManager(tmp_path, 1)), whole
    )
    assert len(whole.log) == 2


def test_a_state_of_something_else_is_refused(store, config, tmp_path):
    left_after(1, config, store, tmp_path)
    with pytest.raises(ATMGCNError, match=r"state\.safetensors: was saved by a training with another seed; delete it"):
        train_fold(config, store, FOLD, seed=5, checkpoints=CheckpointManager(tmp_path, 1))
    wider = config.merge({"model": {"hidden_channels": 16}})
    with pytest.raises(ATMGCNError, match=r"state\.safetensors: does not fit the model \(.*\); delete it"):
        train_fold(wider, store, FOLD, checkpoints=CheckpointManager(tmp_path, 1))
    file = tmp_path / STATE
    file.write_bytes(file.read_bytes()[:-9])
    with pytest.raises(ATMGCNError, match=r"state\.safetensors: is damaged"):
        train_fold(config, store, FOLD, checkpoints=CheckpointManager(tmp_path, 1))


@pytest.mark.parametrize("name", ["state.safetensors", "log.jsonl", "model.safetensors", "predictions.csv"])
def test_a_full_disk_is_one_sentence_and_what_was_there_stays(store, config, whole, tmp_path, monkeypatch, name):
    run = shutil.copytree(whole, tmp_path / "run")
    shutil.rmtree(run / "folds" / "tiny__s2")
    (run / "metrics.json").unlink()
    before = {file: file.read_bytes() for file in run.rglob("*") if file.is_file()}

    def fsync(handle):
        if name in str(Path(f"/proc/self/fd/{handle}").readlink()):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as full:
        full.setattr("os.fsync", fsync)
        with pytest.raises(ATMGCNError, match=rf"{name}: cannot be written \(No space left on device\)"):
            run_folds(config, store, run, resume=True)
    assert {file: file.read_bytes() for file in before} == before
    assert not list(run.rglob("*.partial"))
    run_folds(config, store, run, resume=True)
    for file in ("metrics.json", "predictions.csv", "folds/tiny__s2/model.safetensors"):
        assert (run / file).read_bytes() == (whole / file).read_bytes()
    assert not list(run.rglob(STATE))


def test_leftovers_of_a_killed_process_are_cleared_up(store, config, tmp_path):
    config = with_train(config, epochs=1)
    (tmp_path / "run.json.7.partial").write_text("ha")
    (tmp_path / "run.json").write_text("{}")
    (tmp_path / "lock").write_text("process 7\n")
    run_folds(config, store, tmp_path)
    (tmp_path / "folds/tiny__s0/model.safetensors.7.partial").write_text("ha")
    (tmp_path / "folds/tiny__s0" / STATE).write_text("of a fold that is finished")
    run_folds(config, store, tmp_path, resume=True)
    assert not [file for file in tmp_path.rglob("*") if file.suffix == ".partial" or file.name in {STATE, "lock"}]
