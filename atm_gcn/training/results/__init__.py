"""The files of a run, and the only code that writes and reads them.

Names are imported when they are first used: the rooms that these modules use take file names from :mod:`.layout`.
"""

from typing import TYPE_CHECKING

from atm_gcn._lazy import lazy_names

if TYPE_CHECKING:
    from atm_gcn.training.results.prediction_table import predictions_from_dataframe, predictions_to_dataframe
    from atm_gcn.training.results.predictions import Prediction, read_predictions
    from atm_gcn.training.results.run_folder import RunFolder
    from atm_gcn.training.results.run_results import FinishedFold, RunResults

__all__ = [
    "FinishedFold",
    "Prediction",
    "RunFolder",
    "RunResults",
    "predictions_from_dataframe",
    "predictions_to_dataframe",
    "read_predictions",
]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "FinishedFold": "run_results",
        "Prediction": "predictions",
        "RunFolder": "run_folder",
        "RunResults": "run_results",
        "predictions_from_dataframe": "prediction_table",
        "predictions_to_dataframe": "prediction_table",
        "read_predictions": "predictions",
    },
)
