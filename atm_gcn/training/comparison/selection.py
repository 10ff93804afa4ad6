"""Which models are compared, and with which settings."""

import logging
from collections.abc import Callable, Sequence

from atm_gcn.config import MODELS, RunConfig
from atm_gcn.data import ClipStore
from atm_gcn.errors import ATMGCNError, MissingPackageError, UnsuitableClipsError, did_you_mean, either

log = logging.getLogger(__name__)

Load = Callable[[str, Sequence[str]], tuple[RunConfig, ClipStore]]  # model, its own assignments


def select(models: Sequence[str], own: Sequence[tuple[str, str]], load: Load) -> tuple[dict[str, RunConfig], ClipStore]:
    """The settings of every model, and the clips.

    Args:
        models: Names of :data:`~atm_gcn.config.peers.MODELS`; none for all that can read the clips.
        own: Pairs of a model and an assignment that holds for it alone.
        load: Checks and gives the settings of a model and the clips.

    Raises:
        ATMGCNError: If a named model cannot read the clips or lacks a package, or ``own`` names a model that is not
            compared.
    """
    named = list(models) or list(MODELS)
    for model, assignment in own:
        if model not in named:
            raise ATMGCNError(
                f"--set-for {model} {assignment}: the models compared are {either(named)}{did_you_mean(model, named)}"
            )
        if assignment.partition("=")[0].strip() == "model.name":
            raise ATMGCNError(f"--set-for {model} {assignment}: leave it out, and name the model in --models")
    configs: dict[str, RunConfig] = {}
    store: ClipStore | None = None
    for model in named:
        mine = [assignment for of, assignment in own if of == model]
        try:
            config, found = load(model, mine)
        except (UnsuitableClipsError, MissingPackageError) as error:
            if models or model == named[0]:
                raise
            log.info("%s is left out: %s", model, error)
            continue
        except ATMGCNError as error:
            if mine and str(error).startswith("--set"):
                raise ATMGCNError(str(error).replace("--set", f"--set or --set-for {model}", 1)) from error
            raise
        configs[model], store = config, store or found
    assert store is not None  # the first model is never left out
    return configs, store
