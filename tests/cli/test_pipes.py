"""Pipes in runs and stores of strangers: reading them would never end."""

import os
import shutil

import pytest

from atm_gcn.cli import main

FILES = ["config.yaml", "run.json", "metrics.json", "predictions.csv"]
FOLD_FILES = ["model.safetensors", "predictions.csv", "fold.json", "log.jsonl"]


@pytest.mark.parametrize("name", FILES + [f"folds/tiny__s0/{name}" for name in FOLD_FILES])
def test_a_pipe_in_a_run(store, trained, tmp_path, capsys, name):
    run = shutil.copytree(trained, tmp_path / "run")
    (run / name).unlink()
    os.mkfifo(run / name)
    commands = [
        ["info", str(run)],
        ["report", str(run), "--out", str(tmp_path / "a.html")],
        ["explain", str(store), "--clip", "tiny/s0/c0", "--model", str(run), "--out", str(tmp_path / "a.png")],
    ]
    for command in commands:
        capsys.readouterr()
        if main.run(command) != 0:
            assert capsys.readouterr().err.splitlines()[-1].startswith("atm-gcn: error: ")
    assert (run / name).is_fifo()


@pytest.mark.parametrize("name", ["manifest.csv", "frames.npy", "times.npy"])
def test_a_pipe_in_a_store(store, trained, tmp_path, capsys, name):
    copy = shutil.copytree(store, tmp_path / "store")
    (copy / name).unlink()
    os.mkfifo(copy / name)
    assert main.run(["predict", str(copy), "--model", str(trained)]) == 1
    said = f"atm-gcn: error: {copy / name}: is no regular file; copy it again from its source"
    assert capsys.readouterr().err.splitlines()[-1] == said
