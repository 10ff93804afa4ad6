"""Training and testing: one fold, or all folds of a run by the rules of a protocol.

Names are imported when they are first used, because the rooms inside this one import each other's modules.
"""

from typing import TYPE_CHECKING

from atm_gcn._lazy import lazy_names

if TYPE_CHECKING:
    from atm_gcn.training.cross_validation import cross_validate
    from atm_gcn.training.loop.fold import FoldResult, train_fold
    from atm_gcn.training.preflight import check_run, dry_run
    from atm_gcn.training.result import Result
    from atm_gcn.training.run import run_folds
    from atm_gcn.training.settings import resolve

__all__ = ["FoldResult", "Result", "check_run", "cross_validate", "dry_run", "resolve", "run_folds", "train_fold"]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "FoldResult": "loop.fold",
        "Result": "result",
        "check_run": "preflight",
        "cross_validate": "cross_validation",
        "dry_run": "preflight",
        "resolve": "settings",
        "run_folds": "run",
        "train_fold": "loop.fold",
    },
)
