"""The measurements of registration, on next to nothing."""

import numpy as np
import pytest
from click.testing import CliRunner

from benchmarks.common.machine import describe
from benchmarks.method import registration, registration_uf1


@pytest.fixture(scope="module")
def clip():
    return next(registration.draw(96, 6.0, subjects=1, clips=1))


def test_the_true_path_aligns_the_drawn_frames(clip):
    whole, last = registration.PictureTransform.whole((96, 96)), clip.frames[-1]
    onset = clip.frames[0].astype(float)
    before, after = (np.abs(whole.picture(last, 96, m) - onset).mean() for m in (registration.IDENTITY, clip.truth[-1]))
    assert after < 0.6 * before
    assert registration.survival(clip, clip.truth[clip.apex]) == pytest.approx(1, abs=0.05)


def test_registration_leaves_less_motion_than_none(clip):
    none, similarity = (registration.measure([clip], 96, 6.0, kind, [1.0]) for kind in ("none", "similarity"))
    assert similarity.refused == 0 and similarity.frames == len(clip.frames) - 1
    assert similarity.residual[0] < 0.3 < none.residual[0]
    assert similarity.survival == pytest.approx(1, abs=0.15)


def test_rows_are_added_and_never_measured_twice(tmp_path, monkeypatch):
    measured = []

    def run(folder, results, drift, kind, seed):
        if len(measured) == 3:
            raise KeyboardInterrupt
        measured.append((drift, kind, seed))
        return registration_uf1.Row(
            drift=drift, turn=0, kind=kind, seed=seed, clips=1, unregistered=0, uf1=0.5, uar=0.5, acc=0.5
        )

    monkeypatch.setattr(registration_uf1, "run", run)
    command = [str(tmp_path), "--out", str(tmp_path / "rows.json"), "--seeds", "1", "--drift", "1", "--drift", "0"]
    assert CliRunner().invoke(registration_uf1.main, command).exit_code == 1
    measured.pop()
    finished = CliRunner().invoke(registration_uf1.main, command)
    assert finished.exit_code == 0
    assert finished.output.endswith("| 1 px, 0.38° | 0.500 (0.500) | 0.500 (0.500) | 0 |\n")
    results = registration_uf1.Results.read(tmp_path / "rows.json")
    assert [(row.drift, row.kind) for row in results.rows] == [
        (0, "none"),
        (0, "similarity"),
        (1, "none"),
        (1, "similarity"),
    ]
    assert results.machine == describe()
