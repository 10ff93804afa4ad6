"""Holm's correction."""

import numpy as np
import pytest

from atm_gcn.metrics import holm


@pytest.mark.parametrize(
    ("p_values", "adjusted"),
    [
        ([], []),
        ([0.03], [0.03]),
        ([0.01, 0.04, 0.03], [0.03, 0.06, 0.06]),  # 3 x 0.01; 2 x 0.03; 0.04 is raised to the one before it
        ([0.5, 0.02, 0.6, 0.02], [1.0, 0.08, 1.0, 0.08]),
    ],
)
def test_by_hand(p_values, adjusted):
    assert holm(p_values) == pytest.approx(adjusted)


def test_it_rejects_what_the_step_down_procedure_rejects():
    rng = np.random.default_rng(0)
    for _ in range(100):
        p_values = rng.random(rng.integers(1, 9)) ** 4
        rejected = np.zeros(len(p_values), bool)
        for step, number in enumerate(np.argsort(p_values)):
            if p_values[number] > 0.05 / (len(p_values) - step):
                break
            rejected[number] = True
        assert (np.array(holm(p_values)) <= 0.05).tolist() == rejected.tolist()


def test_adjusted_values_keep_the_order_and_are_between_the_given_ones_and_bonferroni():
    p_values = np.random.default_rng(1).random(20) ** 3
    adjusted = np.array(holm(p_values))
    assert (np.diff(adjusted[np.argsort(p_values)]) >= 0).all()
    assert (adjusted >= p_values).all() and (adjusted <= np.minimum(1, 20 * p_values)).all()
