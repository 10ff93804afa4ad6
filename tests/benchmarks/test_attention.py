"""The check of the attention maps: its measures by hand, and the whole on a run of drawn faces."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from atm_gcn.cli import main as atm_gcn
from benchmarks.method.attention import SIDES, Results, main, measures, summarize, to_markdown

MOVED = np.zeros((4, 4), bool)
MOVED[0, :2] = True


def test_measures_by_hand():
    heat = np.full((4, 4), 0.5)
    heat[0, 0] = 1.0
    share, area, _, hit = measures(heat, MOVED)
    assert (share, area, hit) == (pytest.approx(1.5 / 8.5), 0.125, 1.0)
    assert measures(MOVED + 0.1, MOVED)[2] == 1.0
    assert measures(1.1 - MOVED, MOVED)[2:] == (0.0, 0.0)


def test_noise_is_at_chance():
    rng = np.random.default_rng(0)
    values = []
    for clip in range(200):
        moved = rng.uniform(size=(24, 24)) < 0.1
        values.append((f"s{clip % 5}", *measures(rng.uniform(size=(24, 24)), moved)))
    row = summarize(1, "trained", values)
    assert row.ratio == pytest.approx(1, abs=0.03) and row.auc == pytest.approx(0.5, abs=0.02)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("attention")
    settings = [
        "train.optim.epochs=1",
        "model.stem_channels=[4, 4]",
        "model.block_channels=[4, 4, 4, 4]",
        "train.compute.device=cpu",
    ]
    sets = [part for setting in settings for part in ("--set", setting)]
    for arguments in (
        ["synth", str(folder / "clips"), "--subjects", "2", "--clips-per-subject", "3", "--size", "64"],
        ["prepare", "manifest", str(folder / "clips"), str(folder / "store"), "--set", "data.size=64"],
        ["train", str(folder / "store"), str(folder / "run"), "--preset", "demo", "--set", "data.size=64", *sets],
    ):
        assert atm_gcn.run(arguments) == 0
    return folder


def test_every_side_is_measured(run, tmp_path):
    outcome = CliRunner().invoke(main, [str(run / "run"), str(run / "clips"), "--out", str(tmp_path / "a.json")])
    assert outcome.exit_code == 0, outcome.output
    results = Results.model_validate_json((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert [(row.block, row.side) for row in results.rows] == [(block, side) for block in (1, 2) for side in SIDES]
    assert (results.clips, results.subjects) == (6, 2)
    for row in results.rows:
        assert 0 < row.share < 1 and row.low <= row.ratio <= row.high
    assert outcome.output.count("\n| ") == 10


def test_clips_of_another_set_are_refused(run, tmp_path):
    (tmp_path / "truth.json").write_text("{}")
    outcome = CliRunner().invoke(main, [str(run / "run"), str(tmp_path)])
    assert outcome.exit_code == 1 and "name the clips of the run" in outcome.output


def test_kept_results_follow_the_schema_and_are_those_of_the_page():
    root = Path(__file__).parents[2]
    results = Results.model_validate_json((root / "benchmarks/results/attention-demo.json").read_text(encoding="utf-8"))
    assert to_markdown(results) in (root / "docs/explain.md").read_text(encoding="utf-8")
