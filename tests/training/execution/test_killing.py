"""The command line, ended from outside: by ``kill -9`` at any moment, or asked by a signal to come to an end."""

import os
import random
import signal
import subprocess
import time

import pytest

from benchmarks.data.folds import command
from benchmarks.data.kills import Command, differing_files, kill_repeatedly
from tests.runs import TINY_SETS

SETS = [part for setting in [*TINY_SETS, "train.augment.jitter=0"] for part in ("--set", setting)]
OPTIONS = (*SETS, "--device", "cpu", "--set", "train.optim.epochs=40", "--set", "train.compute.save_every=1")


@pytest.fixture(scope="module")
def whole(store, tmp_path_factory):
    """A run that nothing disturbed."""
    out = tmp_path_factory.mktemp("whole") / "run"
    subprocess.run(command(store.path, out, *OPTIONS), check=True, capture_output=True)
    return out


def wait_for_an_epoch(process, out):
    while process.poll() is None and not list(out.glob("folds/*/log.jsonl")):
        time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.parametrize(("jobs", "times"), [("1", 5), ("2", 3)])
def test_killed_at_random_moments_it_ends_the_same(store, tmp_path, jobs, times):
    options = (*OPTIONS, "--set", "train.optim.epochs=12", "--jobs", jobs)
    train = Command("train", ("train", str(store.path)), options, ("--resume",))
    found = kill_repeatedly(train, tmp_path, times, random.Random(0))
    assert found.kills == times and found.ends
    assert found.differences == []


@pytest.mark.slow
@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_heard_and_the_run_goes_on(store, whole, tmp_path, jobs, number):
    out = tmp_path / "run"
    arguments = command(store.path, out, *OPTIONS, "--jobs", jobs)
    process = subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True)
    wait_for_an_epoch(process, out)
    os.kill(process.pid, number)
    last = process.communicate(timeout=60)[1].splitlines()[-1]
    assert last == f"atm-gcn: {out}: interrupted; go on with the same command and --resume"
    assert process.returncode == 128 + number
    assert list(out.glob("folds/*/state.safetensors"))
    subprocess.run([*arguments, "--resume"], check=True, capture_output=True)
    assert differing_files(whole, out) == []


@pytest.mark.slow
def test_a_second_process_is_refused(store, tmp_path):
    arguments = command(store.path, tmp_path / "run", *OPTIONS)
    process = subprocess.Popen(arguments, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    wait_for_an_epoch(process, tmp_path / "run")
    second = subprocess.run([*arguments, "--resume"], capture_output=True, text=True)
    process.kill()
    process.wait()
    assert second.returncode == 1
    assert f"is being written by another process (process {process.pid} on " in second.stderr
    assert second.stderr.count("\n") == 1
