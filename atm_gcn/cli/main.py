"""The command ``atm-gcn``: finds its subcommands in this folder and turns errors into exit codes.

A subcommand NAME is the attribute ``NAME`` of ``atm_gcn/cli/NAME.py``, or of a folder of that name; where NAME has
hyphens, they have underscores. These modules import heavy packages inside
functions only, because the help text imports them all.
"""

import errno
import importlib
import logging
import os
import pkgutil
import sys
import traceback
from contextlib import suppress

import click

import atm_gcn.cli
from atm_gcn.cli._shared.verbosity import reset_verbosity, verbosity_options
from atm_gcn.errors import ATMGCNError, Interrupted, is_out_of_memory
from atm_gcn.files.escaping import escape
from atm_gcn.files.limits import PIXELS
from atm_gcn.version import __version__

NOT_COMMANDS = {"main"}


class CommandFolder(click.Group):
    """A group whose commands are the modules of :mod:`atm_gcn.cli`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        names = {module.name for module in pkgutil.iter_modules(atm_gcn.cli.__path__)}
        return sorted(name.replace("_", "-") for name in names - NOT_COMMANDS if not name.startswith("_"))

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in self.list_commands(ctx):
            return None
        module = name.replace("-", "_")
        command = getattr(importlib.import_module(f"atm_gcn.cli.{module}"), module)
        for one in [command, *getattr(command, "commands", {}).values()]:
            if not any(parameter.name == "debug" for parameter in one.params):
                one.params += common_options()  # so that they may come before or after the command
        return command


def common_options() -> list[click.Parameter]:
    """The options of every command; :func:`run` searches for ``--debug`` among the arguments."""
    debug = click.Option(["--debug"], is_flag=True, expose_value=False, help="Show the traceback of an error.")
    return [*verbosity_options(), debug]


@click.group(cls=CommandFolder, params=common_options(), context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="atm-gcn", message="%(prog)s %(version)s")
def atm_gcn_command() -> None:
    """Recognise micro-expressions with an adaptive temporal motion guided graph convolution network."""


def main() -> None:
    """Run the command line and exit with its exit code."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command; results go to stdout, everything else to stderr.

    Returns:
        0 done, 1 error, 2 usage error, 130 interrupted, 143 terminated, or the code passed to ``ctx.exit``.
    """
    # Spinning threads make training ten times slower on a machine that is shared.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # read once, when torch is first imported
    log_to_stderr()
    debug = "--debug" in arguments
    try:
        # Read once, when OpenCV is first imported: should a decoder find a picture larger than its header says.
        os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(PIXELS.value))
        code = atm_gcn_command.main(arguments, prog_name="atm-gcn", standalone_mode=False)
    except Interrupted as error:
        click.echo(f"atm-gcn: {escape(str(error))}", err=True)
        return 128 + error.signal
    except click.ClickException as error:
        _show(error)
        return error.exit_code
    except click.Abort:  # which is a RuntimeError
        click.echo("atm-gcn: interrupted", err=True)
        return 130
    except (ATMGCNError, OSError, MemoryError, ImportError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and not is_out_of_memory(error):
            raise
        if debug:
            traceback.print_exc()
        click.echo(f"atm-gcn: error: {escape(_sentence(error))}", err=True)
        return 1
    return code if isinstance(code, int) else 0


def _show(error: click.ClickException) -> None:
    """Print a usage error in one line, or the help where a command was given no arguments."""
    if type(error).__name__ != "NoArgsIsHelpError":  # click 8.2
        error = click.UsageError(escape(error.format_message()), getattr(error, "ctx", None))
    error.show()


def _sentence(error: ATMGCNError | OSError | MemoryError | ImportError | RuntimeError) -> str:
    """The message of an error that ends a command."""
    remedy = "raise the limit of this process (ulimit -v), or free some"
    if isinstance(error, MemoryError | RuntimeError):
        return f"out of memory ({str(error).splitlines()[0]}); {remedy}" if str(error) else f"out of memory; {remedy}"
    if isinstance(error, ImportError):
        return f"a library cannot be loaded ({error}); where memory is short, {remedy}; otherwise install atm-gcn again"
    if isinstance(error, ATMGCNError):
        return str(error)
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return "no more files can be opened (Too many open files); raise the limit with ulimit -n, or lower --jobs"
    if error.filename is not None:  # such as a path that is too long
        return f"{error.filename}: {error.strerror}"
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # flushing the buffer at exit would fail again
    return f"standard output: cannot be written ({error.strerror or error})"


def log_to_stderr() -> None:
    """Send the log of atm_gcn to stderr, one line per record, without breaking progress bars."""
    logger = logging.getLogger("atm_gcn")
    reset_verbosity()
    logger.handlers = [_Handler()]


class _Handler(logging.Handler):
    """Prints each warning once: what is wrong with a recording is found whenever it is opened."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        from tqdm import tqdm

        text = record.getMessage()
        if record.levelno == logging.WARNING and text in self._shown:
            return
        self._shown.add(text)
        level = "" if record.levelno <= logging.INFO else f"{record.levelname.lower()}: "
        with suppress(OSError):  # a full disk or a closed pipe behind stderr must not end a training
            tqdm.write(f"{level}{escape(text)}", file=sys.stderr)
