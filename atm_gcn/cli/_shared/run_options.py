"""The options that ``train`` and ``ablate`` share, and the settings that they stand for."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from atm_gcn.cli._shared.types import PATH, OneOf, Whole, option_group
from atm_gcn.config import MODELS, PRESETS, RunConfig
from atm_gcn.defaults import BUDGETS, TASKS, Budget
from atm_gcn.errors import ATMGCNError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable

    from atm_gcn.data import ClipStore

run_options = option_group(
    click.option(
        "--preset", default="small", show_default=True, type=OneOf(list(PRESETS)), help="Settings to start from."
    ),
    click.option("--config", "file", type=PATH, help="YAML file with settings that override the preset."),
    click.option(
        "--set",
        "overrides",
        multiple=True,
        metavar="KEY=VALUE",
        help="One setting, such as train.optim.epochs=3; repeatable.",
    ),
    click.option("--device", help="auto, cpu, cuda, cuda:1, ...; overrides train.compute.device."),
    click.option("--seeds", type=Whole(1), help="Number of seeds per fold; scores are means over them."),
    click.option("--folds", type=Whole(2), help="K-fold by subject instead of leave-one-subject-out; faster."),
    click.option("--test", metavar="B", multiple=True, help="Test on the data B, or on a dataset in DATA."),
    click.option(
        "--and", "others", metavar="STORE", multiple=True, help="A further frame store, read as one with DATA."
    ),
    click.option("--leave-dataset-out", is_flag=True, help="Hold out one dataset at a time instead of one subject."),
    click.option(
        "--task",
        type=OneOf(list(TASKS)),
        help="What to learn: one emotion per clip, or which action units are present.",
    ),
    click.option(
        "--with", "auxiliary", metavar="STORE", help="Also train on the clips of STORE, without held-out people."
    ),
    click.option(
        "--init-from", metavar="RUN", help="Start each fold from a model of RUN not trained on the people held out."
    ),
    click.option(
        "--validation-subjects", type=Whole(1), help="Number of training subjects by which the epoch is chosen."
    ),
    click.option("--patience", type=Whole(1), help="Epochs without improvement before training stops."),
)
"""The options of :func:`load_run`."""
budget_option = click.option(
    "--budget",
    default="authors",
    show_default=True,
    type=OneOf(list(BUDGETS)),
    help="Train models other than atm-gcn as their authors did, or with settings equal to those of atm-gcn.",
)
model_options = option_group(
    click.option("--model", type=OneOf(list(MODELS)), help="A model other than atm-gcn; docs/peers.md describes them."),
    budget_option,
)
"""Further options of :func:`load_run`, of commands that train one model."""
KINDS = {"folds": "kfold", "test": "cross", "leave_dataset_out": "lodo", "all_clips": "all"}
PROTOCOL_OPTIONS = ("seeds", "folds", "init_from", "validation_subjects", "patience")
COMPUTE_OPTIONS = ("device", "devices", "tensorboard")


def load_run(
    data: Path,
    preset: str,
    file: Path | None,
    overrides: tuple[str, ...],
    model: str | None = None,
    budget: Budget = "authors",
    select: "Callable[[ClipStore], ClipStore] | None" = None,
    **options: Any,
) -> "tuple[RunConfig, ClipStore]":
    """The config and the frame store for given options.

    Args:
        data: The frame store, or a manifest of features.
        preset: ``--preset``.
        file: ``--config``, which overrides the preset.
        overrides: ``--set``, which overrides the file.
        model: ``--model``.
        budget: ``--budget``.
        select: Takes the clips of DATA that are trained on; None takes all.
        **options: The other options, which override all of these; None where they were not given.

    Raises:
        ATMGCNError: If settings, data and protocol do not go together.
    """
    from atm_gcn.data import open_clips
    from atm_gcn.data.store import AuxiliaryStore, JoinedStore
    from atm_gcn.training.protocol.unit_choice import store_for
    from atm_gcn.training.settings import requested, resolve, with_view_of

    base, others, join = RunConfig.preset(preset), options.pop("others", ()), JoinedStore
    first = open_clips(data)
    stores = [first if select is None else select(first), *map(open_clips, others)]
    tests, auxiliary = options.pop("test", ()), options.pop("auxiliary", None)
    datasets = {stored.clip.dataset for store in stores for stored in store.clips}
    protocol = {key: options[key] for key in PROTOCOL_OPTIONS if options.get(key)} | kind_of(options, tests)
    compute = {key: options[key] for key in COMPUTE_OPTIONS if options.get(key)}
    if len(tests) == 1 and tests[0] not in datasets:
        if not Path(tests[0]).exists():
            known = sorted(datasets)
            raise ATMGCNError(
                f"--test must name a frame store, or a dataset of {data} ({', '.join(known)}), not {tests[0]!r}"
                f"{did_you_mean(tests[0], known)}"
            )
        if others:
            raise click.UsageError("--test must name a dataset if --and is given, not another frame store")
        stores.append(open_clips(tests[0]))
    elif tests:
        protocol["test"] = list(tests)
    if auxiliary:
        if len(stores) > 1:
            raise click.UsageError("--with cannot be given together with --and, or --test of another frame store")
        stores.append(open_clips(auxiliary))
        join, protocol["auxiliary"] = AuxiliaryStore, auxiliary
    base = with_view_of(stores[0], base)
    wanted, base = requested(base, file, overrides, model, budget, options.pop("task", None))
    wanted = wanted.merge({"train": {"protocol": protocol, "compute": compute}}, where="options")
    store = store_for(wanted, stores, join)
    return resolve(wanted, base, store, overrides), store


def kind_of(options: dict[str, Any], tests: tuple[str, ...]) -> dict[str, Any]:
    """The kind of protocol that ``--folds``, ``--test`` or ``--all`` selects; only one of them can be given."""
    given = [name for name in KINDS if options.get(name) or (name == "test" and tests)]
    if len(given) > 1:
        first, second = (f"--{name.removesuffix('_clips').replace('_', '-')}" for name in given[:2])
        raise click.UsageError(f"{first} and {second} are two protocols; give only one")
    return {"kind": KINDS[given[0]]} if given else {}
