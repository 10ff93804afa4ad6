"""The benchmark of optical flow, on small faces."""

import numpy as np
import pytest
from click.testing import CliRunner

from atm_gcn.media.optical_flow import METHODS, strain
from benchmarks.data.optical_flow import NONE, Results, drawn_pair, errors, forward, main


def test_the_truth_is_where_pixels_go():
    y, x = np.mgrid[:32, :32].astype(np.float32)
    field = np.dstack([3 * np.exp(-((x - 16) ** 2 + (y - 16) ** 2) / 50), 0 * x])
    found, places = forward(field)[16, :, 0], np.arange(32)
    assert found == pytest.approx(
        np.interp(places + found, places, field[16, :, 0]), abs=0.02
    )  # OpenCV interpolates in steps of 1/32 pixel


def test_the_truth_itself_has_no_error():
    pair = drawn_pair(0, "surprise", 2.0, 64, 0.0)
    assert np.linalg.norm(pair.truth, axis=-1).max() == pytest.approx(2, rel=0.1)
    exact = errors(pair.truth, strain(pair.truth), pair)
    assert (exact.moved, exact.face, exact.recovered) == pytest.approx((0, 0, 1), abs=1e-6)
    assert exact.strain_correlation == pytest.approx(1)
    assert errors(np.zeros_like(pair.truth), np.zeros((64, 64)), pair).recovered == 0


@pytest.mark.slow
def test_every_algorithm_finds_movement(tmp_path):
    options = ["--size", "96", "--peak", "2", "--people", "1", "--rounds", "1", "--out", str(tmp_path / "r.json")]
    outcome = CliRunner().invoke(main, options, catch_exceptions=False)
    results = Results.read(tmp_path / "r.json")
    found = {case.method: case.full for case in results.cases}
    assert set(found) == {NONE, *METHODS} and set(results.seconds) == set(METHODS)
    assert all(found[method].moved < 0.8 * found[NONE].moved for method in METHODS)
    assert "| 2 | dis |" in outcome.output
