"""Scores as a dictionary, as text and as a picture."""

import sys

import pytest

from atm_gcn.training.results.predictions import Prediction
from atm_gcn.training.results.summary import draw_confusion, summarize, to_text

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


def test_picture(metrics, tmp_path, monkeypatch, caplog):
    draw_confusion(metrics, tmp_path / "confusion.png")
    assert (tmp_path / "confusion.png").read_bytes().startswith(b"\x89PNG")
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    draw_confusion(metrics, tmp_path / "other.png")
    assert "pip install 'atm-gcn[train]'" in caplog.text
    assert not (tmp_path / "other.png").exists()


@pytest.mark.parametrize("name", [r"$\bad{$", "$x$"])
def test_names_are_no_formulas(name, tmp_path):
    rows = [Prediction("a/1", "a", name, name, (1.0, 0.0)), Prediction("a/2", "a", "b", "b", (0.0, 1.0))]
    draw_confusion(summarize(rows, [name, "b"], seed=7, protocol="everyone once"), tmp_path / "confusion.png")
    assert (tmp_path / "confusion.png").read_bytes().startswith(b"\x89PNG")
