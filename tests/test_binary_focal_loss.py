"""The loss of action units, its weights and the probabilities of logits."""

import pytest
import torch
import torch.nn.functional as F

from atm_gcn.encoders.views import mean_logits
from atm_gcn.errors import BatchError
from atm_gcn.losses import BinaryFocalLoss, binary_focal_loss, probabilities_of, unit_weights

LOGITS = torch.tensor([[2.0, -1.0, 0.5], [-0.3, 4.0, -2.0]])
TARGET = torch.tensor([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]])


def test_without_gamma_it_is_binary_cross_entropy():
    expected = F.binary_cross_entropy_with_logits(LOGITS, TARGET)
    assert torch.allclose(binary_focal_loss(LOGITS, TARGET, gamma=0), expected)


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_the_equation(smoothing):
    weight, clip_weight = torch.tensor([[0.5, 1.0, 2.0], [3.0, 1.5, 0.7]]), torch.tensor([1.0, 0.25])
    target = TARGET.clone()
    target[0, 2] = -1
    total = mass = 0.0
    for k in range(2):
        for u in range(3):
            if target[k, u] < 0:
                continue
            p = float(LOGITS[k, u].sigmoid())
            q, w = (p, weight[1, u]) if target[k, u] else (1 - p, weight[0, u])
            q_, w = torch.tensor(q), float(w) * float(clip_weight[k])
            one = -(1 - smoothing / 2) * q_.log() - smoothing / 2 * (1 - q_).log()
            total, mass = total + w * (1 - q) ** 2 * float(one), mass + w
    loss = BinaryFocalLoss(2.0, weight, smoothing)
    assert float(loss(LOGITS, target, clip_weight)) == pytest.approx(total / mass, rel=1e-5)
    assert float(loss.mass(target, clip_weight)) == pytest.approx(mass)


def test_unknown_states_have_no_gradient():
    logits, target = LOGITS.clone().requires_grad_(), TARGET.clone()
    target[1] = -1
    binary_focal_loss(logits, target).backward()
    assert (logits.grad[1] == 0).all() and (logits.grad[0] != 0).all()
    alone = binary_focal_loss(LOGITS, torch.full_like(TARGET, -1))
    assert alone == 0


def test_the_parts_of_a_step_add_up():
    loss = BinaryFocalLoss(2.0, unit_weights(TARGET))
    parts = [(LOGITS[:1], TARGET[:1]), (LOGITS[1:], TARGET[1:])]
    total = sum(loss(*part) * loss.mass(part[1]) for part in parts) / loss.mass(TARGET)
    assert torch.allclose(total, loss(LOGITS, TARGET))


def test_gradients():
    logits = LOGITS.double().requires_grad_()
    assert torch.autograd.gradcheck(lambda x: binary_focal_loss(x, TARGET.double(), 1.5), logits)
    extreme = torch.tensor([[1000.0, -1000.0]], requires_grad=True)
    binary_focal_loss(extreme, torch.tensor([[1.0, 1.0]]), gamma=0.5).backward()
    assert extreme.grad.isfinite().all()


def test_states_must_fit_the_logits():
    with pytest.raises(BatchError, match=r"one state per clip and unit, \[2, 3\], not \[2\]"):
        binary_focal_loss(LOGITS, torch.zeros(2))


def test_weights_balance_the_states_and_leave_out_rare_units():
    states = [(1, 0, 1), (0, 0, -1), (0, 1, 0), (0, 0, 0)]
    weights = unit_weights(states)
    table = torch.tensor(states)
    for unit in range(3):
        sides = [float(weights[state, unit] * (table[:, unit] == state).sum()) for state in (0, 1)]
        assert sides[0] == pytest.approx(sides[1]) and sum(sides) == pytest.approx(float((table[:, unit] >= 0).sum()))
    assert unit_weights(states, balanced=False).tolist() == [[1, 1, 1], [1, 1, 1]]
    assert unit_weights(states, balanced=False, least=2).tolist() == [[1, 1, 1], [0, 0, 0]]


def test_right_is_the_share_of_known_states():
    target = torch.tensor([[1.0, 0.0, 0.0], [-1.0, 1.0, 1.0]])
    assert float(BinaryFocalLoss().right(LOGITS, target)) == pytest.approx(2 / 3 + 1 / 2)


def test_probabilities():
    assert torch.equal(probabilities_of(LOGITS, "action-units"), LOGITS.sigmoid())
    assert torch.allclose(probabilities_of(LOGITS).sum(dim=1), torch.ones(2))
    mean = mean_logits(LOGITS, 2 * LOGITS, task="action-units").sigmoid()
    assert torch.allclose(mean, (LOGITS.sigmoid() + (2 * LOGITS).sigmoid()) / 2)
