"""What goes into the page, against counts by hand."""

import pytest

from atm_gcn.report.content import confusion_cells, duration, subject_rows
from atm_gcn.report.curves import charts_of, steps_to
from atm_gcn.report.mistakes import worst_mistakes
from atm_gcn.training.results.predictions import Prediction

NAMES = ["a", "b"]


def row(clip, label, probability, seed=None):
    """Called a with this probability."""
    called = "a" if probability > 0.5 else "b"
    return Prediction(clip, "d/" + clip[0], label, called, (probability, 1 - probability), seed)


def test_mistakes_are_ordered_by_how_far_the_wrong_class_is_ahead():
    rows = [row("s1", "a", 0.4), row("s2", "b", 0.9), row("s3", "a", 0.9), row("t1", "a", 0.1)]
    mistakes = worst_mistakes(rows, NAMES, count=2)
    assert [(m.clip, m.label, m.predicted) for m in mistakes] == [("s2", "b", "a"), ("t1", "a", "b")]
    assert [m.margin for m in mistakes] == pytest.approx([0.8, 0.8])


def test_seeds_are_averaged_before_a_clip_counts_as_wrong():
    rows = [row("s1", "a", 0.4, 0), row("s2", "a", 0.45, 0), row("s1", "a", 0.7, 1), row("s2", "a", 0.51, 1)]
    assert [(m.clip, m.probabilities) for m in worst_mistakes(rows, NAMES, 5)] == [("s2", {"a": 0.48, "b": 0.52})]


def test_subjects():
    table = subject_rows([row("s1", "a", 0.9), row("s2", "b", 0.9), row("t1", "a", 0.9)], NAMES)
    assert [(r["subject"], r["clips"], r["correct"], r["acc"]) for r in table] == [("d/s", 2, 1, 0.5), ("d/t", 1, 1, 1)]
    assert [r["uf1"] for r in table] == pytest.approx([(2 / 3) / 2, 0.5])  # a class that is not shown counts 0
    two = subject_rows([row("s1", "a", 0.9, 0), row("s1", "a", 0.1, 1)], NAMES)
    assert (two[0]["clips"], two[0]["correct"]) == (1, 0.5)


def test_shares_of_the_confusion_matrix():
    assert confusion_cells([[1, 3], [0, 0]]) == [[(1, 0.25), (3, 0.75)], [(0, 0.0), (0, 0.0)]]


@pytest.mark.parametrize(("seconds", "text"), [(12.4, "12 s"), (185, "3 min 05 s"), (3720, "1 h 02 min")])
def test_durations(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("high", "steps"),
    [
        (1.0, [0, 0.25, 0.5, 0.75, 1]),
        (0.57, [0, 0.2, 0.4, 0.6]),
        (9, [0, 2.5, 5, 7.5, 10]),
        (0.03, [0, 0.01, 0.02, 0.03]),
    ],
)
def test_scales_have_round_steps(high, steps):
    assert steps_to(high) == steps


def test_charts_show_what_was_logged():
    folds = {"x": [0.5, 0.25], "y/seed-1": [1.0, 0.0]}
    logs = {
        name: [{"epoch": i + 1, "loss": loss, "val_uf1": 0.5} for i, loss in enumerate(losses)]
        for name, losses in folds.items()
    }
    loss, val = charts_of(logs)
    assert (loss.title, [line.name for line in loss.lines]) == ("Training loss", ["x", "y/seed-1"])
    assert [line.points for line in loss.lines] == ["44.0,108.0 412.0,157.0", "44.0,10.0 412.0,206.0"]
    assert (val.title, len(val.lines)) == ("UF1 of validation subjects", 2)


def test_losses_that_are_no_numbers_leave_a_gap():
    logs = {"x": [{"epoch": 1, "loss": float("nan")}, {"epoch": 2, "loss": 1.0}]}
    assert charts_of(logs)[0].lines[0].points == "412.0,10.0"
    assert charts_of({"x": [{"epoch": 1}]}) == []
