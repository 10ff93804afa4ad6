"""The command: its table, its page, and its errors in one sentence."""

import re

import pytest

from atm_gcn.cli import main
from tests.report.test_page import Checker
from tests.runs import TINY_SETS

SETS = [part for setting in TINY_SETS for part in ("--set", setting)] + ["--set", "train.augment.jitter=0"]


def command(*arguments):
    return main.run(["spot-and-recognise", *map(str, arguments), "--device", "cpu", *SETS])


def test_the_command_prints_scores_and_writes_a_page(long_folder, tmp_path, capsys):
    out = tmp_path / "run"
    assert command(long_folder / "store", out, "--spotter", "threshold") == 0
    printed = capsys.readouterr().out
    assert printed.startswith("3 videos of 3 people, 0.8 minutes, 9 micro-expressions and 3 macro-expressions\n")
    assert re.search(
        r"^threshold +\d+ +\d+ +\d+( +[01]\.\d{3}){3} +\d+\.\d\d( +[01]\.\d{3}){2}$", printed, re.MULTILINE
    )
    assert "learnt" not in printed and not (out / "learnt").exists()
    page = (out / "report.html").read_text(encoding="utf-8")
    assert len(set(Checker(page).ids)) == len(Checker(page).ids) and page.count("<img") == 3
    (out / "report.html").unlink()
    assert main.run(["report", str(out)]) == 0
    assert capsys.readouterr().out == printed and (out / "report.html").read_text(encoding="utf-8") == page
    assert command(long_folder / "store", out, "--spotter", "threshold") == 1
    assert "holds a run already; add --resume" in capsys.readouterr().err
    assert command(long_folder / "store", out, "--spotter", "learnt", "--resume") == 1
    assert "was begun with different spotters (threshold, now learnt); repeat" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--seeds", "2"], "spot-and-recognise holds out every person once; leave --test, --with, --seeds and --all"),
        (["--task", "action-units"], "spot-and-recognise classifies by emotion, as the challenge does; leave --task"),
        (["--folds", "2"], "leaves 1 person to train on; spotting needs two or more"),
        (["--folds", "9"], "(--folds) must be at most 3, the number of subjects, not 9"),
    ],
)
def test_other_protocols_are_refused(long_folder, tmp_path, capsys, options, complaint):
    assert command(long_folder / "store", tmp_path / "run", *options) == 1
    err = capsys.readouterr().err
    assert complaint in err and not (tmp_path / "run").exists()


def test_further_stores_are_refused(long_folder, tmp_path, capsys):
    assert command(long_folder / "store", tmp_path / "run", "--and", long_folder / "store") == 2
    assert "spot-and-recognise reads the videos of one frame store" in capsys.readouterr().err


def test_options_of_a_run_are_refused_for_its_report(finished, capsys):
    assert main.run(["report", str(finished), "--store", "elsewhere"]) == 1
    assert "--store is for the report of a run" in capsys.readouterr().err


def test_the_page_shows_macro_expressions(finished, tmp_path, capsys):
    page = tmp_path / "page.html"
    assert main.run(["report", str(finished), "--out", str(page)]) == 0
    assert "learnt, macro" in capsys.readouterr().out
    text = page.read_text(encoding="utf-8")
    assert len(set(Checker(text).ids)) == len(Checker(text).ids)
    assert '<th scope="row">learnt, macro</th>' in text and "Micro- and macro-expressions together" in text


def test_macro_expressions_can_be_left_out(long_folder, tmp_path, capsys):
    out = tmp_path / "run"
    options = ["--spotter", "learnt", "--spotter-steps", "1", "--no-macro"]
    assert command(long_folder / "store", out, *options) == 0
    assert "learnt, macro" not in capsys.readouterr().out and not (out / "learnt-macro").exists()
    assert ",macro" not in (out / "truth.csv").read_text(encoding="utf-8")
    assert command(long_folder / "store", out, *options[:-1], "--resume") == 1
    assert "was begun with different kinds (micro, now micro and macro); repeat the options" in capsys.readouterr().err
