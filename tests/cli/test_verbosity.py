"""``--quiet`` and ``--verbose``, before and after the command."""

import logging

import pytest

from atm_gcn.cli import main
from atm_gcn.terminal.progress import is_live
from atm_gcn.training.devices.device import log_once
from tests.cli.manifests import changed_manifest, prepared
from tests.runs import tiny_clips

HOW = "the encoder computes on cpu in float32"


@pytest.fixture
def predict(store, trained, capsys):
    """Predict a frame store; the exit code, stdout and stderr."""

    def run(before=(), after=()):
        log_once.cache_clear()
        code = main.run([*before, "predict", str(store), "--model", str(trained), "--device", "cpu", *after])
        return (code, *capsys.readouterr())

    return run


@pytest.mark.parametrize("where", ["before", "after"])
@pytest.mark.parametrize("option", ["-v", "--verbose"])
def test_details_are_for_verbose(predict, where, option):
    code, out, err = predict(**{where: [option]})
    assert code == 0 and HOW in err and "atm-gcn 0." in err and "applied to 3 clips" in err
    again = predict()
    assert again[:2] == (0, out) and "computes" not in again[2] and "applied to" not in again[2]


@pytest.mark.parametrize("options", [["-q"], ["--quiet"]])
def test_quiet_keeps_results_and_warnings(tmp_path, capsys, options):
    path = changed_manifest(tmp_path / "manifest.csv", tiny_clips(tmp_path / "clips"), {7: {"offset": "5"}})
    out = prepared(capsys, path)[1]
    assert "row 7, tiny/s1/c2: repaired" in out
    result = out[out.index("store ") :] if out.startswith("row") else out[: out.index("row 7")]
    code, out = prepared(capsys, path)
    assert code == 0 and "nothing to do, the store is there already" in out
    assert prepared(capsys, path, *options) == (0, result)
    changed_manifest(path, tiny_clips(tmp_path / "other"), {8: {"apex": "6", "offset": "5"}})
    (path.parent / "store").rename(path.parent / "earlier")
    assert "warning: row 8, tiny/s2/c0: left out" in prepared(capsys, path, *options)[1]


def test_quiet_shows_no_progress(predict, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    predict(after=["-q"])
    assert not is_live()
    predict()
    assert is_live()


@pytest.mark.parametrize("before", [["-q"], []])
def test_both_contradict_each_other(before, capsys):
    assert main.run([*before, "report", *([] if before else ["-q"]), "-v", "run"]) == 2
    assert "--quiet and --verbose contradict each other; give only one" in capsys.readouterr().err


@pytest.mark.parametrize("command", main.atm_gcn_command.list_commands(None))
def test_every_command_has_both(command, capsys):
    assert main.run([command, "--help"]) == 0
    out = capsys.readouterr().out
    assert "-q, --quiet" in out and "-v, --verbose" in out
    assert logging.getLogger("atm_gcn").level == logging.INFO
