"""Predictions as a DataFrame of pandas, and back; needs the extra ``pandas``."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from atm_gcn.defaults import Task
from atm_gcn.errors import ATMGCNError, require
from atm_gcn.training.results.outcomes import OUTCOMES
from atm_gcn.training.results.predictions import COLUMNS, SEED, Prediction

if TYPE_CHECKING:
    import pandas


def predictions_to_dataframe(predictions: Iterable[Prediction], class_names: Sequence[str]) -> "pandas.DataFrame":
    """The rows and columns of ``predictions.csv``.

    Args:
        predictions: Of a run.
        class_names: In the order of the probabilities.

    Returns:
        ``clip``, ``subject``, ``label``, ``predicted``, the probability of each class, and in a run of several seeds
        ``seed``.

    Raises:
        ATMGCNError: If pandas is not installed.
    """
    pandas = require("pandas", "pandas", "a DataFrame")
    predictions = list(predictions)
    rows = [(row.clip, row.subject, row.label, row.predicted, *row.probabilities) for row in predictions]
    table = pandas.DataFrame(rows, columns=[*COLUMNS, *class_names])
    table = table.astype({name: "str" for name in COLUMNS})
    if any(row.seed is not None for row in predictions):
        table[SEED] = [row.seed for row in predictions]
    return table


def predictions_from_dataframe(table: "pandas.DataFrame", task: Task = "emotion") -> list[Prediction]:
    """The predictions in a table as :func:`predictions_to_dataframe` makes it, for instance of another program.

    Args:
        table: With a row per clip and seed.
        task: What is predicted.

    Raises:
        ATMGCNError: If the columns are others, or a row cannot be a prediction.
    """
    columns = [str(name) for name in table.columns]
    names = columns[len(COLUMNS) : len(columns) - (columns[-1:] == [SEED])]
    if tuple(columns[: len(COLUMNS)]) != COLUMNS or len(names) < 2:
        raise ATMGCNError(f"the table must have the columns {', '.join(COLUMNS)} and one per class, not {columns}")
    predictions = []
    for row in table.itertuples(index=False):
        clip, subject, label, predicted = map(str, row[: len(COLUMNS)])
        probabilities = tuple(map(float, row[len(COLUMNS) : len(COLUMNS) + len(names)]))
        seed = int(row[-1]) if columns[-1] == SEED else None
        prediction = Prediction(clip, subject, label, predicted, probabilities, seed)
        try:
            OUTCOMES[task].check(prediction, names)
        except ValueError as error:
            raise ATMGCNError(f"the table: {error}") from error
        predictions.append(prediction)
    return predictions
