"""Logs for TensorBoard."""

import resource
import sys

import pytest

from atm_gcn.errors import ATMGCNError
from atm_gcn.training.execution.tensorboard import TensorBoardLog
from atm_gcn.training.preflight import resolve
from atm_gcn.training.run import run_folds
from tests.runs import tiny_config


def curve(folder, name):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(folder))
    events.Reload()
    return [(event.step, event.value) for event in events.Scalars(name)]


def test_every_number_of_the_log_is_a_curve(store, tmp_path):
    asked = tiny_config(tensorboard=True)
    run_folds(resolve(asked, asked, store), store, tmp_path / "run")
    for fold in ("tiny__s0", "tiny__s2"):
        assert [step for step, _ in curve(tmp_path / "run" / "folds" / fold, "loss")] == [1, 2]


def test_an_epoch_trained_again_counts_once(tmp_path):
    for epochs in ((1, 2, 3), (2, 3, 4)):
        with TensorBoardLog(tmp_path) as scalars:
            for epoch in epochs:
                scalars({"epoch": epoch, "loss": epoch / 2})
    assert curve(tmp_path, "loss") == [(1, 0.5), (2, 1.0), (3, 1.5), (4, 2.0)]


def test_without_tensorboard_it_says_what_to_install(store, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    asked = tiny_config(tensorboard=True)
    with pytest.raises(
        ATMGCNError, match=r"train\.compute\.tensorboard needs tensorboard.*pip install -e '\.\[tensorboard\]'"
    ):
        run_folds(resolve(asked, asked, store), store, tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_one_sentence(tmp_path, capfd):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200, before[1]))
    try:
        with (
            pytest.raises(ATMGCNError, match=r"cannot be written \(File too large\)"),
            TensorBoardLog(tmp_path) as scalars,
        ):
            for epoch in range(1, 100):
                scalars({"epoch": epoch, "loss": epoch / 2})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "Traceback" not in capfd.readouterr().err
