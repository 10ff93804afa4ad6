"""A step in parts is the step of all its clips; memory that does not suffice is said in one line."""

import copy
from functools import partial

import pytest
import torch

from atm_gcn import ATMGCN
from atm_gcn.data import MERDataset
from atm_gcn.errors import ATMGCNError
from atm_gcn.losses import FocalLoss
from atm_gcn.training.loop import step
from atm_gcn.training.loop.augment import Augment
from atm_gcn.training.loop.loader import TrainingLoader, evaluation_loader
from atm_gcn.training.loop.step import predict, train_step
from atm_gcn.training.preflight import resolve
from tests.runs import tiny_config


def gradients(model, batches, loss, augment=lambda batch: batch):
    totals = train_step(model, batches, loss, torch.optim.SGD(model.parameters(), lr=0.0), augment)
    return totals, [parameter.grad.clone() for parameter in model.parameters()]


def steps(store, **train):
    return list(TrainingLoader(MERDataset(store), tiny_config(batch_size=9, **train).train, 0))


@pytest.fixture
def model(store):
    """Batch norm in evaluation mode, where it does not tell one batch from several."""
    config = resolve(tiny_config(), tiny_config(), store)
    torch.manual_seed(0)
    model = ATMGCN(config.model).double()
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.train = lambda mode=True, module=module: module
            module.training = False
    return model


@pytest.mark.parametrize("weight", [None, torch.tensor([0.2, 1.0, 3.0], dtype=torch.float64)])
def test_parts_add_up_to_the_whole(store, model, weight):
    (whole,), (parts,) = steps(store), steps(store, frames_per_pass=8)
    assert len(whole) == 1 and len(parts) > 4
    as_double = lambda batch: batch.update({k: batch[k].double() / 255 for k in ("frames", "onset_frame")})  # noqa: E731
    loss = FocalLoss(2.0, weight)
    one, expected = gradients(copy.deepcopy(model), whole, loss, as_double)
    other, given = gradients(copy.deepcopy(model), parts, loss, as_double)
    for mine, theirs in zip(given, expected, strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-6, atol=1e-9)
    assert one.averages() == pytest.approx(other.averages())
    assert float(other.clips) == 9


def test_augmentation_does_not_see_the_parts(store):
    (whole,), (parts,) = steps(store), steps(store, frames_per_pass=8)
    seen = []
    for batches in (whole, parts):
        augment = partial(Augment(crop=0.2, flip=True), generator=torch.Generator().manual_seed(3))
        seen.append(torch.cat([augment(batch).frames for batch in batches]))
    assert torch.equal(*seen)


def test_the_gradient_is_of_the_mean_loss(store, model):
    (batches,) = steps(store, frames_per_pass=8)
    _, given = gradients(copy.deepcopy(model.float()), batches, FocalLoss())
    logits = torch.cat([model(batch) for batch in batches])
    FocalLoss()(logits, torch.cat([batch.y for batch in batches])).backward()
    for mine, parameter in zip(given, model.parameters(), strict=True):
        torch.testing.assert_close(mine, parameter.grad, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
        RuntimeError("[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: can't allocate memory: ..."),
    ],
)
def test_too_little_memory_names_the_setting(store, model, error):
    (batches,) = steps(store)

    def fail(batch):
        raise error

    with pytest.raises(
        ATMGCNError, match=r"out of memory with 36 frames at once: .* train\.compute\.frames_per_pass=18"
    ):
        gradients(model, batches, FocalLoss(), fail)


def test_real_exhaustion_is_recognised(store, model):
    def exhaust(batch):
        torch.empty(1 << 60, dtype=torch.uint8)

    with pytest.raises(ATMGCNError, match=r"train\.compute\.frames_per_pass"):
        gradients(model, steps(store)[0], FocalLoss(), exhaust)


def test_other_errors_pass(store, model):
    def fail(batch):
        raise RuntimeError("shapes do not match")

    with pytest.raises(RuntimeError, match="shapes do not match"):
        gradients(model, steps(store)[0], FocalLoss(), fail)


def test_scarce_memory_is_returned_after_every_step_and_every_batch(model, store, monkeypatch):
    calls = []
    monkeypatch.setattr(step, "return_if_scarce", calls.append)
    (batches, *_) = steps(store)
    gradients(model.float(), batches, FocalLoss())
    assert calls == [torch.device("cpu")]
    loader = evaluation_loader(MERDataset(store), tiny_config(batch_size=2).train)
    predict(model, loader)
    assert len(calls) == 1 + len(loader) > 2
