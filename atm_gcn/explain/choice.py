"""Which of a run's models explains a clip: the one that has never seen it."""

from dataclasses import dataclass
from pathlib import Path

from atm_gcn.checkpoint import FILE_NAME
from atm_gcn.data import FrameStore
from atm_gcn.errors import ATMGCNError
from atm_gcn.training.predictions import read_predictions
from atm_gcn.training.run_folder import RunFolder


@dataclass(frozen=True)
class Choice:
    """A model file, and in words why it was taken."""

    file: Path
    reason: str


def choose_model(run: str | Path, clip: str | None = None) -> Choice:
    """The model of the fold that held a clip out; without such a fold, the run's first.

    Args:
        run: Folder of a run or of a fold, or a checkpoint.
        clip: The clip's key, None if it is none of the run's.
    """
    run = Path(run)
    models = sorted(run.glob(f"folds/**/{FILE_NAME}"))
    if run.is_file() or (run / FILE_NAME).is_file() or not models:
        return Choice(run, "the model that was named")
    for model in models if clip is not None else ():
        if clip in _held_out(model.parent / "predictions.csv"):
            return Choice(model, f"fold {_name(run, model)}, which held this clip out")
    return Choice(models[0], f"fold {_name(run, models[0])}, the first of {len(models)}; none held this clip out")


def key_of_recording(run: str | Path, source: str | Path) -> str | None:
    """The key of the clip that was prepared from this folder of frames or video, if a run knows one."""
    try:
        store = FrameStore.open(RunFolder(run).store_path)
    except ATMGCNError:  # no run, or its store is gone: then nothing is known of this recording
        return None
    here = Path(source).absolute()
    return next((stored.clip.key for stored in store.clips if Path(stored.clip.source) == here), None)


def _held_out(predictions: Path) -> set[str]:
    """Keys of the clips of a fold; of one that is not finished, none."""
    return {row.clip for row in read_predictions(predictions)} if predictions.is_file() else set()


def _name(run: Path, model: Path) -> str:
    return str(model.parent.relative_to(run / "folds"))
