"""How far a run is: a line a fold without a terminal, a row a fold on one."""

import io
import itertools
import logging

import pytest
import torch

from atm_gcn.training.loop.fold import FoldResult
from atm_gcn.training.progress import Progress


@pytest.fixture
def result():
    log = [{"epoch": 3, "loss": 0.5}]
    return FoldResult("d/a", ["1", "2"], ["d/a", "d/a"], [0, 1], torch.eye(3)[[0, 0]], {}, log)


def train(progress, result, *labels):
    for label in labels:
        progress.begin(label)
    for epoch in (1, 2, 3):
        for label in labels:
            progress.epoch(label, {"epoch": epoch, "loss": 0.5})
    for label in labels:
        progress.end(label, result)


def test_without_a_terminal_it_is_a_line_a_fold(caplog, monkeypatch, result):
    monkeypatch.setattr("sys.stderr.isatty", lambda: False, raising=False)
    clock = itertools.count(step=1.0)
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    with caplog.at_level(logging.INFO, logger="atm_gcn"), Progress(2, 3) as progress:
        train(progress, result, "d/a", "d/b")
    assert len(caplog.messages) == 2
    assert caplog.messages[0].startswith("fold 1/2 (d/a): loss 0.5000, 1 of 2 held-out clips correct; ")
    assert caplog.messages[1] == "fold 2/2 (d/b): loss 0.5000, 1 of 2 held-out clips correct; 0 s left"


def test_without_a_terminal_long_folds_say_so_now_and_then(caplog, monkeypatch, result):
    monkeypatch.setattr("sys.stderr.isatty", lambda: False, raising=False)
    clock = itertools.count(step=40.0)
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    with caplog.at_level(logging.INFO, logger="atm_gcn"), Progress(1, 3) as progress:
        train(progress, result, "d/a")
    assert caplog.messages[0].startswith("d/a: epoch 2/3, loss 0.5000; ")
    assert caplog.messages[0].endswith(" s left")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_every_running_fold_has_a_row(monkeypatch, result):
    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    with Progress(3, 3) as progress:
        train(progress, result, "d/a", "d/b")
        assert progress.rows == {}
        progress.begin("d/c")
        progress.begin("d/c")  # its process was lost
        assert [-row.pos for row in progress.rows.values()] == [1]
    text = screen.getvalue()
    assert "0 of 3 folds done, 2 running:   0%" in text
    assert "2 of 3 folds done, 1 running:  67%" in text
    assert "d/b:  67%" in text and "epoch 2/3, loss 0.5000" in text
    assert "fold 1/3 (d/a): loss 0.5000, 1 of 2 held-out clips correct\n" in text
