"""What commands print: names give a terminal no orders, and an output that cannot be written is one sentence."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from atm_gcn.cli import main
from tests.runs import write_clip

CODE = "import sys; from atm_gcn.cli.main import run; sys.exit(run(sys.argv[1:]))"


def test_names_give_the_terminal_no_orders(trained, tmp_path, capsys):
    folder = write_clip(tmp_path / "a\x1b[2J\u202e\nb", "left", seed=5, length=6)
    arguments = ["predict", str(folder), str(folder), "--model", str(trained), "--device", "cpu"]
    assert main.run(arguments) == 0
    out, _ = capsys.readouterr()
    assert r"a\x1b[2J\u202e\nb" in out and not set("\x1b\u202e") & set(out)
    assert main.run([*arguments, "--json"]) == 0
    out, _ = capsys.readouterr()
    assert {json.loads(line)["source"] for line in out.splitlines()} == {str(folder)}
    assert not set("\x1b\u202e") & set(out)


@pytest.mark.parametrize("arguments", [["info"], ["check", "manifest"], ["report"], ["predict", "--model"]])
def test_errors_give_the_terminal_no_orders(tmp_path, capsys, arguments):
    assert main.run([*arguments, str(tmp_path / "a\x1b[2J\u202e\nb"), *(["x"] if "predict" in arguments else [])]) == 1
    err = capsys.readouterr().err
    assert r"a\x1b[2J\u202e\nb" in err and err.count("\n") == 1 and not set("\x1b\u202e") & set(err)


def test_wrong_usage_gives_the_terminal_no_orders(capsys):
    assert main.run(["synth", "out", "--size", "\x1b[2J\n"]) == 2
    assert main.run(["\x1b[2J\n"]) == 2
    assert "\x1b" not in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--help"], ["info", "RUN"]])
def test_a_full_standard_output_is_one_sentence(trained, arguments):
    arguments = [str(trained) if part == "RUN" else part for part in arguments]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", CODE, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    said = "atm-gcn: error: standard output: cannot be written (No space left on device)\n"
    assert (done.returncode, done.stderr) == (1, said)
