"""Validation clips choose the epoch, and nobody else does."""

import pytest
import torch
from torch import nn

from atm_gcn.training.loop import early_stopping as validation
from atm_gcn.training.loop.early_stopping import best_epoch, validate, validation_stopping_rule
from atm_gcn.training.loop.fold import train_fold
from atm_gcn.training.preflight import resolve
from atm_gcn.training.protocol.splits import clips_and_labels, fold_of, with_validation
from tests.runs import tiny_config

RIGHT, WRONG, UNSURE = [[0.9, 0.1]], [[0.1, 0.9]], [[0.6, 0.4]]


def judged(monkeypatch, epochs, select="uf1", patience=None):
    """Decisions after each epoch, with these probabilities of one clip of class 0."""
    settings = tiny_config(validation_subjects=1, patience=patience, select=select).train.protocol
    stopping_rule, log, decisions = validation_stopping_rule(None, [0], settings), [], []
    for number, probabilities in enumerate(epochs, start=1):
        monkeypatch.setattr(validation, "predict", lambda *_, p=probabilities: torch.tensor(p))
        log.append({"epoch": number})
        decisions.append(tuple(stopping_rule(nn.Identity(), log)))
    return decisions


def test_a_better_epoch_is_kept(monkeypatch):
    decisions = judged(monkeypatch, [UNSURE, WRONG, RIGHT, RIGHT])
    assert decisions == [(True, False), (False, False), (True, False), (False, False)]


def test_training_stops_after_so_many_worse_epochs(monkeypatch):
    decisions = judged(monkeypatch, [WRONG, RIGHT, WRONG, UNSURE], patience=2)
    assert [stop for _, stop in decisions] == [False, False, False, True]


def test_the_loss_can_choose():
    log = [
        {"epoch": 1, "val_uf1": 0.5, "val_loss": 0.3},
        {"epoch": 2, "val_uf1": 0.6, "val_loss": 0.4},
        {"epoch": 3, "val_uf1": 0.6, "val_loss": 0.35},
    ]
    assert (best_epoch(log, "uf1"), best_epoch(log, "loss")) == (3, 1)


def test_scores_of_validation_clips():
    found = validate(torch.tensor([[0.5, 0.5, 0.0], [0.2, 0.8, 0.0]]), [0, 1])
    assert found["val_loss"] == pytest.approx((0.6931472 + 0.2231436) / 2)
    assert found["val_uf1"] == pytest.approx(2 / 3)
    assert torch.tensor(validate(torch.tensor([[0.0, 1.0]]), [0])["val_loss"]).isfinite()


def test_the_model_of_the_best_epoch_is_the_one_that_remains(store):
    """Stopping at the best epoch of a longer training, and training only so long, give one model."""
    clips, _ = clips_and_labels(store)

    def trained(**train):
        settings = {"validation_subjects": 1, "select": "loss", "epochs": 6, "lr": 0.3, **train}
        config = resolve(tiny_config(**settings), tiny_config(), store)
        return train_fold(config, store, with_validation(fold_of(clips, "tiny/s1"), clips, 1, seed=0))

    longer = trained()
    best = best_epoch(longer.log, "loss")
    assert len(longer.log) == 6
    again = trained(epochs=best)
    assert all(torch.equal(again.state_dict[name], longer.state_dict[name]) for name in again.state_dict)
    assert torch.equal(again.probabilities, longer.probabilities)
    assert best < 6  # otherwise this test shows nothing
