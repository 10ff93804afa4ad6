"""The model that is the mean of the last epochs: its weights, the statistics of batch norm, and resuming."""

import pytest
import torch
from torch.optim.swa_utils import AveragedModel, update_bn
from torch_geometric.loader import DataLoader

from atm_gcn.building import build
from atm_gcn.data import MERDataset
from atm_gcn.errors import ATMGCNError, Interrupted
from atm_gcn.training.loop.averaging import averaged_before, load_mean, updated_mean
from atm_gcn.training.loop.checkpointing import CheckpointManager
from atm_gcn.training.loop.fold import train_fold
from atm_gcn.training.loop.state import load_state
from atm_gcn.training.loop.trainer import EpochDecision, Trainer
from atm_gcn.training.preflight import resolve
from tests.runs import tiny_config, with_train

FOLD = "tiny/s1"
STEPS = 2  # an epoch: 6 training clips, 4 a step


@pytest.fixture(scope="module")
def config(store):
    asked = tiny_config(epochs=3, lr=1e-2, save_every=1, average_epochs=2, adaptive_lr=3.0)
    asked = asked.merge({"model": {"dropout": 0.2, "forgetting_rate": "learnable"}})
    return resolve(asked, asked, store)


@pytest.fixture(scope="module")
def undisturbed(store, config):
    return train_fold(config, store, FOLD)


def is_equal(one, other) -> bool:
    return all(torch.equal(tensor, other.state_dict[name]) for name, tensor in one.state_dict.items()) and torch.equal(
        one.probabilities, other.probabilities
    )


def test_the_model_is_the_mean_of_the_last_epochs(store, config, undisturbed, monkeypatch):
    each = []
    end = Trainer._end_epoch
    monkeypatch.setattr(
        Trainer,
        "_end_epoch",
        lambda self, *given: (end(self, *given), each.append({n: p.clone() for n, p in self.model.named_parameters()})),
    )
    result = train_fold(config, store, FOLD)
    assert is_equal(result, undisturbed)
    for name, last in each[2].items():
        torch.testing.assert_close(result.state_dict[name], (each[1][name] + last) / 2)
    assert [len(each), result.log[-1]["epoch"]] == [3, 3]


def test_the_mean_is_that_of_torch():
    torch.manual_seed(0)
    model, mean = torch.nn.Linear(3, 2), None
    averaged = AveragedModel(model)
    for count in range(4):
        torch.nn.init.normal_(model.weight)
        averaged.update_parameters(model)
        mean = updated_mean(mean, model, count)
    torch.testing.assert_close(mean["weight"], averaged.module.weight.detach())


def test_batch_norm_has_the_statistics_of_the_training_clips(store, config):
    """Over batches of equally many frames they are those of torch's update_bn."""
    clips = MERDataset(store, subjects=["tiny/s0"])
    models = [build(config.model).eval() for _ in range(2)]
    models[1].load_state_dict(models[0].state_dict())
    update_bn(DataLoader(clips, batch_size=1), models[0])
    load_mean(models[1], updated_mean(None, models[1], 0), DataLoader(clips, batch_size=1))
    expected, found = (model.state_dict() for model in models)
    assert sum("running" in name for name in found) > 2
    for name, tensor in found.items():
        torch.testing.assert_close(tensor, expected[name])
    assert not models[1].training
    assert all(norm.momentum == 0.1 for norm in models[1].modules() if isinstance(norm, torch.nn.BatchNorm2d))


def test_batches_count_by_their_frames():
    norm = torch.nn.BatchNorm1d(1)
    model = torch.nn.Sequential(norm)

    class Batch:
        def __init__(self, values):
            self.x, self.num_nodes = torch.tensor(values).view(-1, 1), len(values)

        def to(self, device):
            return self

    model.forward = lambda batch: norm(batch.x)
    load_mean(model, updated_mean(None, model, 0), [Batch([1.0, 3.0]), Batch([5.0, 6.0, 7.0, 6.0])])
    assert norm.running_mean.item() == pytest.approx((2 * 2 + 4 * 6) / 6)


@pytest.mark.parametrize("steps", range(3 * STEPS - 1))
def test_left_after_any_step_it_ends_the_same(store, config, undisturbed, tmp_path, steps):
    answers = iter([False] * steps + [True])
    with pytest.raises(Interrupted):
        train_fold(config, store, FOLD, checkpoints=CheckpointManager(tmp_path, 1, lambda: next(answers)))
    saved = load_state(CheckpointManager(tmp_path, 1).state).tensors
    assert any(name.startswith("mean.") for name in saved) == (steps + 1 >= 2 * STEPS)
    assert is_equal(train_fold(config, store, FOLD, checkpoints=CheckpointManager(tmp_path, 1)), undisturbed)


def test_a_state_without_the_mean_that_it_needs_is_refused(store, config, tmp_path):
    answers = iter([False] * (2 * STEPS) + [True])
    without = with_train(config, average_epochs=0)
    with pytest.raises(Interrupted):
        train_fold(without, store, FOLD, checkpoints=CheckpointManager(tmp_path, 1, lambda: next(answers)))
    with pytest.raises(ATMGCNError, match="the mean of its weights has other tensors"):
        train_fold(config, store, FOLD, checkpoints=CheckpointManager(tmp_path, 1))


def test_passes_and_more_epochs_than_there_are(store, config):
    result = train_fold(with_train(config, average_epochs=99, epochs=2, frames_per_pass=4), store, FOLD)
    assert all(tensor.isfinite().all() for tensor in result.state_dict.values())
    assert [averaged_before(epoch, with_train(config, average_epochs=99).train.optim) for epoch in (1, 2, 4)] == [
        0,
        1,
        3,
    ]
    assert [averaged_before(epoch, config.train.optim) for epoch in (1, 2, 3, 4)] == [0, 0, 1, 2]


def test_a_stopping_rule_beside_it_is_refused(store, config):
    with pytest.raises(ATMGCNError, match=r"average_epochs takes the mean .* a stopping rule chooses one epoch"):
        train_fold(config, store, FOLD, stopping_rule=lambda model, log: EpochDecision())
    with pytest.raises(ATMGCNError, match=r"optim\.average_epochs takes .* protocol\.validation_subjects chooses"):
        with_train(config, validation_subjects=1)
