"""The focal loss against its formula, and the weights of unequal classes."""

import pytest
import torch
import torch.nn.functional as F

from atm_gcn.errors import BatchError
from atm_gcn.losses import FocalLoss, class_weights, focal_loss


@pytest.fixture
def batch():
    generator = torch.Generator().manual_seed(0)
    return torch.randn(7, 3, generator=generator, dtype=torch.float64), torch.tensor([0, 0, 0, 1, 1, 2, 0])


@pytest.mark.parametrize("gamma", [0.5, 1.0, 2.0, 5.0])
def test_is_the_formula(batch, gamma):
    logits, target = batch
    p = logits.softmax(dim=1)[torch.arange(7), target]
    torch.testing.assert_close(focal_loss(logits, target, gamma), ((1 - p) ** gamma * -p.log()).mean())


def test_gamma_zero_is_cross_entropy(batch):
    weight = torch.tensor([0.5, 1.0, 2.0], dtype=torch.float64)
    torch.testing.assert_close(focal_loss(*batch, gamma=0.0), F.cross_entropy(*batch))
    torch.testing.assert_close(focal_loss(*batch, gamma=0.0, weight=weight), F.cross_entropy(*batch, weight=weight))


def test_weights_enter_as_in_cross_entropy(batch):
    weight = torch.tensor([0.5, 1.0, 2.0], dtype=torch.float64)
    nearly = focal_loss(*batch, gamma=1e-9, weight=weight)
    torch.testing.assert_close(nearly, F.cross_entropy(*batch, weight=weight), rtol=1e-6, atol=0)


def test_gradient(batch):
    logits, target = batch
    weight = torch.tensor([0.5, 1.0, 2.0], dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda x: focal_loss(x, target, 2.0, weight), logits.requires_grad_())


@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("far", [30.0, -30.0, 1e4, -1e4])
def test_finite_for_certain_clips(gamma, far):
    logits = torch.tensor([[far, 0.0]], requires_grad=True)
    loss = focal_loss(logits, torch.tensor([0]), gamma)
    loss.backward()
    assert loss.isfinite()
    assert logits.grad.isfinite().all()


def test_class_weights_are_inverse_to_frequency_with_mean_one():
    labels = [0, 0, 0, 1, 2, 2]
    weights = class_weights(labels, 3)
    torch.testing.assert_close(weights, torch.tensor([6 / 9, 6 / 3, 6 / 6]))
    assert weights[labels].mean().item() == pytest.approx(1)


def test_a_class_without_clips_weighs_nothing():
    torch.testing.assert_close(class_weights([0, 0, 2], 4), torch.tensor([3 / 4, 0.0, 3 / 2, 0.0]))


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ([0, 3], "y holds class 3, and the model has the classes 0 to 2; number them from 0"),
        ([-1, 0], "y holds class -1, and the model has the classes 0 to 2"),
        ([[0], [1]], r"y must be one class per clip, \[2\], not \[2, 1\]"),
        ([0], r"y must be one class per clip, \[2\], not \[1\]"),
    ],
)
def test_classes_that_the_model_lacks(target, said):
    for gamma in (0.0, 2.0):
        with pytest.raises(BatchError, match=said):
            focal_loss(torch.zeros(2, 3), torch.tensor(target), gamma)


@pytest.mark.parametrize("weight", [None, torch.tensor([0.5, 1.0, 2.0], dtype=torch.float64)])
def test_smoothed_labels_are_those_of_cross_entropy(batch, weight):
    expected = F.cross_entropy(*batch, weight=weight, label_smoothing=0.1)
    torch.testing.assert_close(focal_loss(*batch, 0.0, weight, 0.1), expected)
    torch.testing.assert_close(focal_loss(*batch, 1e-12, weight, 0.1), expected)


def test_smoothed_labels_are_the_formula(batch):
    logits, target = batch
    weight, smoothing = torch.tensor([0.5, 1.0, 2.0], dtype=torch.float64), 0.2
    p = logits.softmax(dim=1)
    soft = (1 - smoothing) * F.one_hot(target, 3) + smoothing / 3
    each = (1 - p[torch.arange(7), target]) ** 2 * -(soft * weight * p.log()).sum(dim=1)
    torch.testing.assert_close(focal_loss(*batch, 2.0, weight, smoothing), each.sum() / weight[target].sum())


@pytest.mark.parametrize("weight", [None, torch.tensor([0.5, 1.0, 2.0], dtype=torch.float64)])
def test_parts_weighted_by_their_mass_add_up_with_smoothed_labels(batch, weight):
    logits, target = batch
    loss = FocalLoss(2.0, weight, 0.1)
    parts = [(logits[:3], target[:3]), (logits[3:], target[3:])]
    total = sum(loss(*part) * loss.mass(part[1]) for part in parts) / loss.mass(target)
    torch.testing.assert_close(total, loss(logits, target))
