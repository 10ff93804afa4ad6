"""The choice of the model of a run that explains a clip: the one that was not trained on it."""

from dataclasses import dataclass
from pathlib import Path

from atm_gcn.data import FrameStore
from atm_gcn.errors import ATMGCNError
from atm_gcn.training.results.fold_record import check_named_model
from atm_gcn.training.results.run_folder import RunFolder
from atm_gcn.training.results.run_results import RunResults


@dataclass(frozen=True)
class ChosenModel:
    """A model file, and in words why it was chosen."""

    file: Path
    reason: str


def choose_model(run: str | Path, clip: str | None = None) -> ChosenModel:
    """Choose the model of the fold that held a clip out; without such a fold, the first one of the run.

    Args:
        run: Folder of a run or of a fold, or a checkpoint.
        clip: The clip's key; None if it is not in the run's store.

    Raises:
        ATMGCNError: If no fold is finished, or a file of one was changed.
    """
    results = RunResults(run)
    if not results.folder.is_begun:
        return ChosenModel(check_named_model(Path(run)), "the model that was named")
    folds = results.folds
    if not folds:
        raise ATMGCNError(f"{run}: none of its folds is finished; go on with atm-gcn train --resume")
    for fold in folds if clip is not None else ():
        if any(row.clip == clip for row in fold.predictions()):
            return ChosenModel(fold.model(), f"fold {fold.name}, which held this clip out")
    if len(folds) == 1:
        return ChosenModel(folds[0].model(), "the run's only model")
    return ChosenModel(folds[0].model(), f"fold {folds[0].name}, the first of {len(folds)}; none held this clip out")


def find_clip_key(run: str | Path, source: str | Path) -> str | None:
    """The key of the clip in a run's store that was prepared from this folder or video; None if there is none."""
    try:
        store = FrameStore.open(RunFolder(run).record.store.path)
    except ATMGCNError:  # no run, or its store is gone
        return None
    path = Path(source).absolute()
    return next((stored.clip.key for stored in store.clips if Path(stored.clip.source) == path), None)
