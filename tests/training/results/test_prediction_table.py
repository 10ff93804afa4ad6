"""Predictions go to pandas and back unchanged."""

import pytest

from atm_gcn import ATMGCNError
from atm_gcn.training.results import Prediction, predictions_from_dataframe, predictions_to_dataframe

pandas = pytest.importorskip("pandas")
NAMES = ["label", "négatif"]
ROWS = [
    Prediction("d/01/a", "d/01", "label", "label", (0.75, 0.25)),
    Prediction("d/02/b", "d/02", "label", "négatif", (0.25, 0.75)),
]
SEEDS = [Prediction("d/01/a", "d/01", "label", "label", (0.75, 0.25), seed) for seed in (0, 1)]


@pytest.mark.parametrize("rows", [ROWS, SEEDS], ids=["one seed", "two seeds"])
def test_there_and_back(rows):
    table = predictions_to_dataframe(rows, NAMES)
    assert list(table.columns[:6]) == ["clip", "subject", "label", "predicted", *NAMES]
    assert ("seed" in table.columns) == (rows is SEEDS)
    assert predictions_from_dataframe(table) == rows


def test_what_is_said_of_another_table():
    table = predictions_to_dataframe(ROWS, ["label", "b"])
    with pytest.raises(
        ATMGCNError, match="the table must have the columns clip, subject, label, predicted and one per"
    ):
        predictions_from_dataframe(table.drop(columns="subject"))
    with pytest.raises(ATMGCNError, match="the table: clip d/02/b has a class that is no column"):
        predictions_from_dataframe(table)
