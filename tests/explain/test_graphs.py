import numpy as np

from atm_gcn.explain.graphs import _ellipses
from atm_gcn.explain.palette import weight_scale


def test_forward_edges_are_above_and_end_where_they_should():
    forward, backward = _ellipses(np.array([0.0, 5.0]), np.array([4.0, 3.0]))
    assert forward[0].tolist() == [0, 0] and np.allclose(forward[-1], [4, 0])
    assert forward[:, 1].max() == 1 and backward[:, 1].min() < 0
    assert np.allclose(sorted(backward[[0, -1], 0]), [3, 5])


def test_weights_below_zero_get_a_scale_with_a_middle():
    assert (weight_scale(0.1, 0.9)[1].vmin, weight_scale(0.1, 0.9)[1].vmax) == (0, 0.9)
    assert weight_scale(-0.5, 0.9)[1].vmin == -0.9
