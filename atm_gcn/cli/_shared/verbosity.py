"""``--quiet`` and ``--verbose``, which every command has: the messages and the progress on stderr."""

import logging
import platform
from importlib.metadata import version
from typing import Any

import click

from atm_gcn.terminal.progress import show_progress
from atm_gcn.version import __version__

log = logging.getLogger(__name__)

LEVELS = {"quiet": logging.WARNING, "verbose": logging.DEBUG}


def verbosity_options() -> list[click.Option]:
    """Both options; they take effect before any other option is read."""
    flags: dict[str, Any] = {"is_flag": True, "is_eager": True, "expose_value": False, "callback": _set_level}
    return [
        click.Option(["-q", "--quiet"], help="Show no progress, and only warnings and errors beside results.", **flags),
        click.Option(["-v", "--verbose"], help="Also log details, such as how a model computes.", **flags),
    ]


def reset_verbosity() -> None:
    """Log what an option neither hides nor adds."""
    logging.getLogger("atm_gcn").setLevel(logging.INFO)
    show_progress(True)


def _set_level(ctx: click.Context, option: click.Parameter, given: bool) -> None:
    if not given:
        return
    name = str(option.name)
    if ctx.meta.setdefault(__name__, name) != name:
        raise click.UsageError("--quiet and --verbose contradict each other; give only one", ctx)
    logging.getLogger("atm_gcn").setLevel(LEVELS[name])
    show_progress(name != "quiet")
    log.debug("atm-gcn %s, Python %s, torch %s", __version__, platform.python_version(), version("torch"))
