import numpy as np
import pytest

from atm_gcn.explain.flow_scale import FlowScale


def test_frames_share_the_scale_and_single_pixels_do_not_count():
    flow = np.zeros((2, 40, 40, 3))
    flow[1, :, :20] = (3, 4, 2)
    flow[0, 0, 0] = (90, 90, 90)
    scale = FlowScale.of(flow)
    assert (scale.reach, scale.strain) == pytest.approx((5, 2))
    assert (scale.strain_picture(flow[1])[0, [0, 39], 0] == [0, 255]).all()
    assert (scale.flow_picture(flow[1])[0, 39] == 255).all()


def test_no_movement_is_white():
    flow = np.zeros((1, 4, 4, 3))
    scale = FlowScale.of(flow)
    assert (scale.flow_picture(flow[0]) == 255).all() and (scale.strain_picture(flow[0]) == 255).all()
