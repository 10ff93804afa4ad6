"""Predictions as a table: rows come back, and no spreadsheet takes a name for a formula."""

import pytest

from atm_gcn.errors import ATMGCNError
from atm_gcn.training.results.predictions import Prediction, mean_over_seeds, read_predictions, write_predictions


@pytest.mark.parametrize("seed", [None, 7])
def test_rows_come_back(tmp_path, seed):
    names = ["=1+1", "-1", "a,b", "'=x", "plain"]
    rows = [Prediction(f"d/{name}", name, name, names[0], (0.5, 0.0, 0.25, 0.125, 0.125), seed) for name in names]
    write_predictions(tmp_path / "p.csv", rows, names)
    assert read_predictions(tmp_path / "p.csv") == rows
    lines = (tmp_path / "p.csv").read_text().splitlines()
    assert lines[0].startswith("clip,subject,label,predicted,'=1+1,'-1,\"a,b\",''=x,plain")
    assert lines[1].startswith("d/=1+1,'=1+1,'=1+1,'=1+1,0.500000,0.000000,0.250000")


def test_a_table_of_something_else_is_one_sentence(tmp_path):
    (tmp_path / "p.csv").write_text("a,b\n1,2\n")
    with pytest.raises(ATMGCNError, match=r"p\.csv: "):
        read_predictions(tmp_path / "p.csv")


def test_seeds_are_averaged_by_their_probabilities():
    """The class of the highest mean is the most probable one of neither seed."""
    shares = {0: (0.5, 0.4, 0.1), 1: (0.1, 0.4, 0.5)}
    rows = [Prediction("d/1/a", "d/1", "y", "xyz"[2 * seed], share, seed) for seed, share in shares.items()]
    (mean,) = mean_over_seeds(rows, ["x", "y", "z"])
    assert (mean.clip, mean.predicted, mean.seed) == ("d/1/a", "y", None)
    assert mean.probabilities == pytest.approx((0.3, 0.4, 0.3))
    (first,) = mean_over_seeds(rows[:1], ["x", "y", "z"])
    assert (first.predicted, first.probabilities) == ("x", rows[0].probabilities)
