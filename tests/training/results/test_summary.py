"""Scores as a dictionary, as text and as a picture."""

import sys
from itertools import product

import numpy as np
import pytest

from atm_gcn.metrics import score_interval
from atm_gcn.training.results.predictions import Prediction
from atm_gcn.training.results.summary import draw_confusion, ensemble_scores, summarize, summarize_seeds, to_text

CLASSES = ["negative", "positive", "surprise"]


@pytest.fixture
def metrics():
    pairs = [("a", 0, 0), ("a", 1, 1), ("b", 0, 1), ("b", 1, 1)]
    rows = [Prediction(f"{s}/{i}", s, CLASSES[t], CLASSES[p], (1, 0, 0)) for i, (s, t, p) in enumerate(pairs)]
    return summarize(rows, CLASSES, seed=7, protocol="everyone once")


def test_all_classes_count(metrics):
    assert metrics["uf1"] == pytest.approx((2 / 3 + 4 / 5 + 0) / 3)
    assert metrics["confusion"] == [[1, 1, 0], [0, 2, 0], [0, 0, 0]]
    assert metrics["seed"] == 7
    assert (metrics["num_clips"], metrics["num_subjects"]) == (4, 2)


def test_text_has_every_table(metrics):
    lines = [line.split() for line in to_text(metrics).splitlines()]
    assert ["pooled", "0.4889", "0.5000", "0.7500"] in lines
    assert ["positive", "0.6667", "1.0000", "0.8000", "2"] in lines
    assert ["negative", "1", "1", "0"] in lines


def test_intervals_and_chance_stand_beside_the_scores(metrics):
    assert all(low < metrics[key] < high for key, (low, high) in metrics["interval"].items())
    assert metrics["chance"]["uar"] == metrics["largest_class"]["uar"] == pytest.approx(1 / 3)
    assert metrics["chance"]["acc"] == metrics["largest_class"]["acc"] == 0.5
    low, high = metrics["interval"]["acc"]
    text = to_text(metrics)
    assert f"{low:.2f}-{high:.2f}" in next(line for line in text.splitlines() if line.startswith("95 % interval"))
    assert ["chance", "0.3083", "0.3333", "0.5000"] in [line.split() for line in text.splitlines()]
    assert "With only 2 subjects, UF1 over all people may be" in text


def test_every_seed_has_the_same_chance_level():
    """Two seeds: a subject's predictions with both stay together, so the interval is that of two subjects."""
    rows = [
        Prediction(f"{subject}/{label}", subject, label, guess, (1, 0, 0), seed)
        for seed, guess in enumerate(("negative", "positive"))
        for subject, label in product("ab", CLASSES)
    ]
    metrics = summarize_seeds(rows, CLASSES, 0, "everyone once")
    assert metrics["chance"] == summarize(rows[:6], CLASSES, 0, "")["chance"]
    assert metrics["interval"].keys() == metrics["chance"].keys() == {"uf1", "uar", "acc"}


def of_seeds() -> list[Prediction]:
    """Two clips of each of two people, with two seeds of which each is wrong where it is not sure."""
    right = {"a/1": ("x", (0.9, 0.4)), "a/2": ("y", (0.6, 0.1)), "b/1": ("x", (0.8, 0.45)), "b/2": ("y", (0.7, 0.6))}
    return [
        Prediction(clip, clip[0], label, "x" if share > 0.5 else "y", (share, 1 - share), seed)
        for seed in (0, 1)
        for clip, (label, shares) in right.items()
        for share in shares[seed : seed + 1]
    ]


def test_the_ensemble_of_seeds_by_hand():
    """The means are 0.65, 0.35, 0.625 and 0.65: the last clip is wrong."""
    metrics = summarize_seeds(of_seeds(), ["x", "y"], 0, "everyone once")
    assert (metrics["acc"], [one["acc"] for one in metrics["seeds"]]) == (0.375, [0.5, 0.25])
    ensemble = metrics["seed_ensemble"]
    assert (ensemble["acc"], ensemble["uar"], ensemble["num_seeds"]) == (0.75, 0.75, 2)
    assert ensemble["uf1"] == pytest.approx((4 / 5 + 2 / 3) / 2)
    counts = np.array([[[[1, 0], [0, 1]]], [[[1, 0], [1, 0]]]])  # of persons a and b
    assert ensemble["interval"] == {key: pytest.approx(ends) for key, ends in score_interval(counts).items()}


def test_the_ensemble_of_one_seed_is_that_seed():
    first = [row for row in of_seeds() if row.seed == 0]
    ensemble, alone = ensemble_scores(first, ["x", "y"]), summarize(first, ["x", "y"], 0, "")
    assert ensemble["num_seeds"] == 1
    assert [ensemble[key] for key in ("uf1", "uar", "acc")] == pytest.approx([alone[k] for k in ("uf1", "uar", "acc")])
    assert ensemble["interval"] == alone["interval"]
    assert "seed_ensemble" not in alone


def test_the_ensemble_has_rows_of_its_own():
    text = to_text(summarize_seeds(of_seeds(), ["x", "y"], 0, "everyone once"))
    lines = text.splitlines()
    row = next(number for number, line in enumerate(lines) if line.startswith("2-seed ensemble"))
    assert lines[row].split() == ["2-seed", "ensemble", "0.7333", "0.7500", "0.7500"]
    assert lines[row - 1].startswith("Each clip by the mean of the probabilities of 2 models, one per seed")
    assert lines[row + 1].startswith("  95 % interval")
    assert text.splitlines()[3].split() == ["pooled", "0.2667", "0.3750", "0.3750"]


def test_picture(metrics, tmp_path, monkeypatch, caplog):
    draw_confusion(metrics, tmp_path / "confusion.png")
    assert (tmp_path / "confusion.png").read_bytes().startswith(b"\x89PNG")
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    draw_confusion(metrics, tmp_path / "other.png")
    assert "pip install -e '.[train]'" in caplog.text
    assert not (tmp_path / "other.png").exists()


@pytest.mark.parametrize("name", [r"$\bad{$", "$x$"])
def test_names_are_no_formulas(name, tmp_path):
    rows = [Prediction("a/1", "a", name, name, (1.0, 0.0)), Prediction("a/2", "a", "b", "b", (0.0, 1.0))]
    draw_confusion(summarize(rows, [name, "b"], seed=7, protocol="everyone once"), tmp_path / "confusion.png")
    assert (tmp_path / "confusion.png").read_bytes().startswith(b"\x89PNG")
