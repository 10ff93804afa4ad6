"""Rows, scores and words of runs on action units."""

import pytest

from atm_gcn.report.units import unit_subject_rows, worst_unit_mistakes
from atm_gcn.training.results.outcomes import OUTCOMES, scores_text
from atm_gcn.training.results.outcomes.unit_summary import summarize_units
from atm_gcn.training.results.predictions import Prediction, read_predictions, write_predictions

NAMES = ["AU1", "AU4"]
UNITS = OUTCOMES["action-units"]


def row(clip, label, first, second, seed=None):
    subject = clip.rpartition("/")[0]
    return Prediction(clip, subject, label, UNITS.predicted((first, second), NAMES), (first, second), seed)


ROWS = [
    row("a/p/1", "AU1", 0.9, 0.2),
    row("a/p/2", "AU1+AU4", 0.4, 0.6),
    row("b/q/1", "none", 0.8, 0.1),
    row("b/q/2", "AU1+AU4?", 0.7, 0.9),
]


def test_scores_by_hand():
    metrics = summarize_units(ROWS, NAMES, 0, "everyone once")
    assert [one["f1"] for one in metrics["per_unit"]] == [pytest.approx(2 / 3), 1.0]
    assert metrics["mean_f1"] == pytest.approx(5 / 6)
    first, second = metrics["per_dataset"]
    assert (first["mean_f1"], first["num_units"]) == (pytest.approx(5 / 6), 2)
    assert (second["f1"], second["num_units"]) == ({"AU1": pytest.approx(2 / 3), "AU4": None}, 1)
    text = scores_text(metrics)
    lines = [line.split() for line in text.splitlines()]
    assert ["AU1", "0.6667", "0.6667", "0.6667", "3"] in lines
    assert ["b", "0.6667", "0.6667", "0.6667", "-", "2"] in lines


def test_several_seeds_are_averaged():
    other = [row("a/p/1", "AU1", 0.1, 0.2, 1), *(row(one.clip, one.label, *one.probabilities, 1) for one in ROWS[1:])]
    both = [row(one.clip, one.label, *one.probabilities, 0) for one in ROWS] + other
    metrics = summarize_units(both, NAMES, 0, "everyone once")
    each = [summarize_units(rows, NAMES, 0, "")["mean_f1"] for rows in (ROWS, other)]
    assert [one["mean_f1"] for one in metrics["seeds"]] == each and each[0] != each[1]
    assert metrics["mean_f1"] == pytest.approx(sum(each) / 2) and metrics["num_clips"] == 4
    assert "seed 1" in scores_text(metrics)


def test_files_are_read_as_they_were_written(tmp_path):
    write_predictions(tmp_path / "p.csv", ROWS, NAMES)
    assert read_predictions(tmp_path / "p.csv", UNITS.check) == ROWS


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (Prediction("c", "s", "AU7", "none", (0.1, 0.1)), "does not name units"),
        (Prediction("c", "s", "AU1", "AU1", (0.1, 0.1)), "the prediction of AU1 in clip c is not that"),
        (Prediction("c", "s", "AU1", "AU1?", (0.9, 0.1)), "the prediction of AU1 in clip c is not that"),
        (Prediction("c", "s", "AU1", "AU1", (1.9, 0.1)), "no probability from 0 to 1"),
        (Prediction("c", "s", "AU1", "AU1", (0.9,)), "no probability from 0 to 1"),
    ],
)
def test_rows_that_cannot_be_predictions(wrong, said):
    with pytest.raises(ValueError, match=said):
        UNITS.check(wrong, NAMES)
    UNITS.check(Prediction("c", "s", "AU1?", "AU4", (0.5, 0.500001)), NAMES)


def test_the_worst_mistakes_are_wrong_by_most():
    mistakes = worst_unit_mistakes(ROWS, NAMES, 5)
    assert [(one.clip, round(one.margin, 6)) for one in mistakes] == [("b/q/1", 0.8), ("a/p/2", 0.6)]
    table = unit_subject_rows(ROWS, NAMES)
    assert [(one["subject"], one["present"], one["predicted"]) for one in table] == [("a/p", 3, 2), ("b/q", 1, 2)]


def test_figure(tmp_path):
    UNITS.draw(summarize_units(ROWS, NAMES, 0, ""), tmp_path / "f.png")
    assert (tmp_path / "f.png").read_bytes().startswith(b"\x89PNG")
