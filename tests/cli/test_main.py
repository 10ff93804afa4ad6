"""Commands are found, start fast, and end with the right code and one line."""

import logging
import re
import subprocess
import sys

import click
import pytest

from atm_gcn import __main__
from atm_gcn.cli import main
from atm_gcn.errors import ATMGCNError
from atm_gcn.version import __version__


@pytest.fixture
def failing(monkeypatch):
    """Put a command ``fail`` in the place of report; it raises what the test puts into it."""

    def prepare(error: BaseException) -> None:
        @click.command()
        def report() -> None:
            raise error

        monkeypatch.setattr("atm_gcn.cli.report.report", report)

    return prepare


def test_help_lists_every_command(capsys):
    assert main.run(["--help"]) == 0
    out = capsys.readouterr().out
    for command in ("synth", "check", "prepare", "train", "predict", "report"):
        assert f"\n  {command} " in out
    assert "\n  main " not in out


@pytest.mark.parametrize("command", main.atm_gcn_command.list_commands(None))
def test_every_command_has_help_with_an_example(command, capsys):
    assert main.run([command, "--help"]) == 0
    usage, _, rest = capsys.readouterr().out.partition("\n")
    assert usage.startswith(f"Usage: atm-gcn {command}")
    assert f"  atm-gcn {command} " in rest


def test_version(capsys):
    assert main.run(["--version"]) == 0
    assert capsys.readouterr().out == f"atm-gcn {__version__}\n"


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from atm_gcn.cli.main import run; run(['--help']); "
        "print([name for name in ('torch', 'cv2', 'matplotlib', 'kornia', 'scipy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("\n[]\n")


def test_the_module_is_the_command():
    done = subprocess.run(
        [sys.executable, "-m", "atm_gcn", "info", "nothing.safetensors"], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith("atm-gcn: error: nothing.safetensors: ")


@pytest.mark.parametrize("arguments", [["report"], ["report", "a", "b"], ["--wrong"], ["nonsense"]])
def test_wrong_usage_is_2(arguments, capsys):
    assert main.run(arguments) == 2
    assert capsys.readouterr().err.startswith("Usage: atm-gcn")


def test_no_arguments_print_the_help(capsys):
    assert main.run([]) == 2
    out, err = capsys.readouterr()
    assert (out, err.splitlines()[0]) == ("", "Usage: atm-gcn [OPTIONS] COMMAND [ARGS]...")
    assert re.search(r"\n  train +Train and test", err)


def test_a_usage_error_escapes_what_it_quotes(capsys):
    assert main.run(["\x1b[31m"]) == 2
    assert "\x1b" not in capsys.readouterr().err


def test_a_stated_error_is_one_line(failing, capsys):
    failing(ATMGCNError("a.csv: is wrong; fix it"))
    assert main.run(["report"]) == 1
    assert capsys.readouterr() == ("", "atm-gcn: error: a.csv: is wrong; fix it\n")


@pytest.mark.parametrize("arguments", [["--debug", "report"], ["report", "--debug"]])
def test_debug_shows_the_traceback(failing, arguments, capsys):
    failing(ATMGCNError("a.csv: is wrong"))
    assert main.run(arguments) == 1
    err = capsys.readouterr().err
    assert err.startswith("Traceback")
    assert err.endswith("atm-gcn: error: a.csv: is wrong\n")


def test_an_interrupt_is_130(failing, capsys):
    failing(KeyboardInterrupt())
    assert main.run(["report"]) == 130
    assert capsys.readouterr().err.strip() == "atm-gcn: interrupted"


def test_a_bug_is_not_hidden(failing):
    failing(ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        main.run(["report"])


def test_a_closed_pipe_is_quiet():
    done = subprocess.run(
        f"'{sys.executable}' -m atm_gcn --help | true", shell=True, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""


def test_ctrl_c_before_the_command_has_begun_is_one_line(monkeypatch, capsys):
    def interrupted(name, *rest):
        raise KeyboardInterrupt if name == "atm_gcn.cli.main" else ImportError(name)

    with monkeypatch.context() as patched:
        patched.setattr("builtins.__import__", interrupted)
        with pytest.raises(SystemExit) as ended:
            __main__.main()
    assert ended.value.code == 130
    assert capsys.readouterr().err == "atm-gcn: interrupted\n"


def test_a_warning_is_printed_once(capsys):
    main.log_to_stderr()
    for _ in range(2):
        logging.getLogger("atm_gcn").warning("frame %d is missing", 5)
    assert capsys.readouterr().err == "warning: frame 5 is missing\n"
