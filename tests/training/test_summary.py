"""Scores as a dictionary, as text and as a picture."""

import itertools
import logging
import sys

import pytest
import torch

from atm_gcn.training.fold import FoldResult
from atm_gcn.training.predictions import Prediction
from atm_gcn.training.progress import Progress
from atm_gcn.training.summary import draw_confusion, summarize, to_text

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


def test_progress_without_a_terminal_is_a_line_a_fold(caplog, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: False, raising=False)
    clock = itertools.count(step=10.0)
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    result = FoldResult(
        "d/a", ["1", "2"], ["d/a", "d/a"], [0, 1], torch.eye(3)[[0, 0]], {}, [{"epoch": 3, "loss": 0.5}]
    )
    with caplog.at_level(logging.INFO, logger="atm_gcn"), Progress(2, 3) as progress:
        progress.begin_fold("d/a")
        for epoch in (1, 2, 3):
            progress.end_epoch({"epoch": epoch, "loss": 0.5})
        progress.end_fold(result)
    assert len(caplog.messages) == 1
    assert caplog.messages[0].startswith("fold 1/2 (d/a): loss 0.5000, 1 of 2 held-out clips right; ")
    assert caplog.messages[0].endswith(" left")
