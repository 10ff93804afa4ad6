"""The background of a map stays uncoloured, whatever its level, and all maps share one scale."""

import numpy as np
import pytest

from atm_gcn.explain.attention_scale import above_background, attention_scale


@pytest.fixture
def maps():
    """Noise about another level in each map; in the last one, a patch of 2 % of the pixels stands out."""
    rng = np.random.default_rng(0)
    noisy = np.array([0.3, 0.5, 0.6])[:, None, None] + rng.normal(0, 0.01, (3, 50, 50))
    noisy[2, :10, :5] += 0.2
    return noisy


def test_the_background_of_each_map_has_no_colour(maps):
    above = above_background(maps)
    assert (above[:2] > 0).mean() < 0.01
    assert (above[2, 10:] > 0).mean() < 0.01
    assert (above[2, :10, :5] > 0.1).all()


def test_all_maps_share_the_scale_of_the_strongest(maps):
    assert attention_scale(maps) == pytest.approx(0.2 - 3 * 0.01, abs=0.02)
    assert (above_background(maps[:2]) / attention_scale(maps)).max() < 0.2


def test_noise_alone_stays_dark(maps):
    drawn = above_background(maps[:2]) / attention_scale(maps[:2])
    assert np.quantile(drawn, 0.99) < 0.1 and drawn.max() < 0.6


def test_a_map_shows_something_where_the_whole_head_moved():
    moved = np.random.default_rng(0).uniform(0.4, 1, (1, 50, 50))
    assert 0.1 < (above_background(moved) > 0).mean() < 0.3
    assert above_background(moved).max() / attention_scale(moved) > 0.9


def test_a_map_of_one_value(explained):
    assert not above_background(np.full((1, 4, 4), 0.3)).any()
    assert attention_scale(np.full((1, 4, 4), 0.3)) > 0
    flat = np.full((len(explained.frames) - 1, 4, 4), 0.5)
    picture = explained.overlay(flat, 3, attention_scale(flat))
    assert (picture[..., 0] == picture[..., 1]).all() and (picture[..., 1] == picture[..., 2]).all()  # grey
