"""Cross-validation of any model on any clips, by the protocol of ``atm-gcn train``."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from atm_gcn.building import Builder
from atm_gcn.config import RunConfig
from atm_gcn.data import ClipStore, MERDataset, from_dataset, open_clips
from atm_gcn.data.sequences.apex import Apex
from atm_gcn.defaults import Budget, Task
from atm_gcn.errors import ATMGCNError
from atm_gcn.training.execution import Executor, PoolExecutor
from atm_gcn.training.protocol.unit_choice import store_for
from atm_gcn.training.result import Result
from atm_gcn.training.run import run_folds
from atm_gcn.training.settings import requested, resolve, with_view_of


def cross_validate(
    data: Any,
    build_model: Builder | None = None,
    config: RunConfig | str | Path | None = None,
    out: str | Path | None = None,
    *,
    model: str | None = None,
    budget: Budget = "authors",
    task: Task | None = None,
    preset: str = "small",
    overrides: Sequence[str] = (),
    class_names: Sequence[str] | None = None,
    apex: Apex = "largest",
    resume: bool = False,
    jobs: int | None = None,
    executor: Executor | None = None,
) -> Result:
    """Hold every subject out once, train on all others, and score the predictions together.

    What is held out, the seeds, validation subjects and all else are settings, as for ``atm-gcn train``: by default,
    leave-one-subject-out with one seed and the model of the last epoch. Before the first fold, clips that must not be
    on two sides of a fold are searched for.

    Args:
        data: One of

            - a dataset of PyG or a list of :class:`~torch_geometric.data.Data`, see
              :func:`~atm_gcn.data.from_dataset` for what they hold;
            - a :class:`~atm_gcn.data.ClipStore`, such as that of :func:`~atm_gcn.data.load_features`, or a
              :class:`~atm_gcn.data.MERDataset`;
            - a path: a frame store, or a manifest of features.
        build_model: Called with ``config.model`` for every fold, returns the model: an :class:`~atm_gcn.ATMGCN` with
            custom parts, or any :class:`torch.nn.Module` that takes a batch of clips and returns logits ``[B, C]``.
            It must be at the top level of a module. By default, the model that the settings name.
        config: The settings, or a YAML file with those that differ from the preset. What the data determine is filled
            in: ``num_classes``, ``class_names`` and, for features, ``motion_channels``.
        out: Folder of the run, which :func:`Result.save` would copy to; by default a temporary one, which is deleted
            with the result.
        model: Instead of ATM-GCN, one of :data:`~atm_gcn.peers.registry.PEERS`, such as ``"ststnet"``.
        budget: Whether a peer is trained as its ``"authors"`` published, or with settings ``"equal"`` to those that
            ATM-GCN would be trained with. A whole :class:`~atm_gcn.RunConfig` is taken as it is.
        task: ``"emotion"``, one class per clip, or ``"action-units"``, which of several units are present; None for
            that of ``config``.
        preset: Settings to start from, without ``config`` or below a file: ``"small"``, ``"large"``, ``"plus"``,
            ``"laptop"`` or ``"demo"``.
        overrides: Single settings over all of these: ``["train.optim.epochs=5", "train.protocol.seeds=3"]``.
        class_names: For a dataset of PyG, the names of its classes 0, 1, ...
        apex: For a dataset of PyG, the global node of clips without ``global_index``.
        resume: Resume the run in ``out``; a finished one is only read.
        jobs: Number of folds trained in parallel, each in a process of its own, with the same result. A
            script then needs ``if __name__ == "__main__":`` around the call.
        executor: Where folds are trained, instead of ``jobs``.

    Raises:
        ATMGCNError: Before the first fold if data, model and settings do not fit together, naming the clip or setting.
        Interrupted: After Ctrl-C or SIGTERM, once the state of the run is saved.
    """
    if jobs is not None and (jobs < 1 or executor is not None):
        raise ATMGCNError(f"jobs must be 1 or more, and None with an executor, not {jobs}")
    if resume and out is None:
        raise ATMGCNError("resume=True needs the folder of the run to resume; name it with out=")
    if isinstance(overrides, str):
        raise ATMGCNError(f"overrides must be a list, such as [{overrides!r}], not text")
    store = clips_of(data, class_names, apex)
    settings, base = _settings(config, preset, overrides, store, model, budget, task)
    store = store_for(settings, [store])
    settings = resolve(settings, base, store, overrides)
    if jobs is not None and jobs > 1:
        executor = PoolExecutor(jobs)
    folder = Path(mkdtemp(prefix="atm-gcn-")) / "run" if out is None else Path(out)
    try:
        run_folds(settings, store, folder, resume, executor, build_model)
    except BaseException:
        if out is None:
            shutil.rmtree(folder.parent, ignore_errors=True)
        raise
    return Result(folder, temporary=out is None)


def clips_of(data: Any, class_names: Sequence[str] | None = None, apex: str = "largest") -> ClipStore:
    """The clips that :func:`cross_validate` reads for its argument ``data``.

    Raises:
        ATMGCNError: If it is nothing that holds clips, or a clip does not fit.
    """
    if isinstance(data, str | Path):
        return open_clips(Path(data), apex)
    if isinstance(data, MERDataset) and data.transform is None and len(data) == len(data.store):
        return data.store
    if hasattr(data, "clips") and hasattr(data, "item"):
        return data
    if class_names is not None and not all(isinstance(name, str) for name in class_names):
        raise ATMGCNError(f"class_names must be texts, such as ['negative', 'positive'], not {list(class_names)}")
    if isinstance(data, Mapping) or not hasattr(data, "__getitem__") or not hasattr(data, "__len__"):
        raise ATMGCNError(
            f"data must be a path, a frame store, a dataset of PyG or a list of Data, not a {type(data).__name__}"
        )
    return from_dataset(data, class_names, apex)


def _settings(
    config: RunConfig | str | Path | None,
    preset: str,
    overrides: Sequence[str],
    store: ClipStore,
    model: str | None,
    budget: Budget,
    task: Task | None,
) -> tuple[RunConfig, RunConfig]:
    """The requested settings, and those below them."""
    if isinstance(config, RunConfig):
        if model is not None:
            raise ATMGCNError(f"model is {model!r}, and config is a whole RunConfig; set config.model.name instead")
        if task not in (None, config.model.task):
            raise ATMGCNError(f"task is {task!r}, and config is a whole RunConfig; set config.model.task instead")
        return with_view_of(store, config).override(overrides), config
    if config is not None and not isinstance(config, str | Path):
        raise ATMGCNError(f"config must be a RunConfig or a YAML file, not a {type(config).__name__}")
    base = with_view_of(store, RunConfig.preset(preset))
    return requested(base, config, overrides, model, budget, task)
