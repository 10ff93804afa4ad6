"""How far the run in a folder is, and what training into that folder would do."""

from atm_gcn.config import RunConfig
from atm_gcn.data import ClipStore
from atm_gcn.errors import ATMGCNError
from atm_gcn.training.results.run_folder import RunFolder
from atm_gcn.training.results.run_results import RunResults


def describe_state(folder: RunFolder, config: RunConfig, store: ClipStore, resume: bool) -> str:
    """What ``train`` would find in a folder, and would do with it; empty if it would begin a run there.

    Args:
        folder: The folder.
        config: From :func:`~atm_gcn.training.settings.resolve`.
        store: The clips.
        resume: Whether a run that was begun may be resumed.

    Raises:
        ATMGCNError: If no run can be trained in the folder, whether ``resume`` is given or not; or, with ``resume``,
            if the run in it cannot be resumed.
    """
    if resume or not folder.is_begun:
        folder.check(config, store, resume)
    if not folder.is_begun:
        return ""
    difference = folder.difference(config, store)
    state, rest = _progress(folder)
    if resume:
        return f"{folder.path} holds {state}: this command would {rest}"
    refusal = "without --dry-run, this command would refuse to train there"
    if difference:
        return f"{folder.path} holds {state}, begun with {difference}: {refusal}; name another folder"
    return f"{folder.path} holds {state}: {refusal}; with --resume, it would {rest}"


def _progress(folder: RunFolder) -> tuple[str, str]:
    """How far a run is, and what resuming it would do."""
    results = RunResults(folder.path)
    try:
        done, number = len(results.folds), results.num_folds
    except ATMGCNError:
        return "a run with damaged files", "train the damaged folds again"
    if done < number:
        return f"a run with {done} of {number} folds finished", f"train the other {number - done}"
    return "a finished run", "train nothing and print its scores"
