"""Several devices for one fold: here two processes on a CPU, which exchange gradients through gloo."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from atm_gcn.data import MERDataset
from atm_gcn.errors import ATMGCNError
from atm_gcn.training.devices.group import SingleDevice
from atm_gcn.training.execution import fabric as distributed
from atm_gcn.training.loop.loader import TrainingLoader
from tests.runs import TINY_SETS, tiny_config

ROOT = Path(__file__).parents[3]
TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
SETS = [part for setting in [*TINY_SETS, "train.augment.jitter=0"] for part in ("--set", setting)]


class Member(SingleDevice):
    def __init__(self, rank: int, size: int) -> None:
        self.rank, self.size = rank, size


@pytest.mark.parametrize("size", [1, 2, 3, 5])
@pytest.mark.parametrize("frames_per_pass", [None, 5])
def test_devices_share_every_step(store, size, frames_per_pass):
    settings = tiny_config(frames_per_pass=frames_per_pass).train
    whole = TrainingLoader(MERDataset(store), settings, 0).plan()
    shares = [TrainingLoader(MERDataset(store), settings, 0, Member(rank, size)).shares() for rank in range(size)]
    for number, passes in enumerate(whole):
        step = [clip for part in passes for clip in part]
        parts = [part[number] for part in shares]
        assert len({len(passes) for passes, _ in parts}) == 1, "a device would wait for ever"
        own = [[clip for one in passes[: share.passes] for clip in one] for passes, share in parts]
        assert [clip for clips in own for clip in clips] == step
        assert [share.first for _, share in parts] == [sum(map(len, own[:rank])) for rank in range(size)]


def test_without_fabric_it_says_what_to_install(monkeypatch):
    for name in distributed.FABRICS:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ATMGCNError, match=r"needs lightning-fabric, which is not installed.*\[distributed\]"):
        distributed.FabricExecutor(2)


def run(command, **options):
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=100, **options)


def losses(store, *arguments, launcher=(sys.executable,)):
    output = run([*launcher, "-m", "tests.training.execution.two_processes", str(store.path), *arguments]).stdout
    return [loss for loss in json.loads(output) if loss is not None]


@pytest.mark.slow
def test_two_processes_train_as_one(store):
    """Also where one has two clips of a step and the other one."""
    arguments = "tiny", "3", "12", json.dumps({"batch_size": 3, "epochs": 9, "class_weights": "balanced"})
    alone, together = losses(store, *arguments), losses(store, *arguments, launcher=TORCHRUN)
    assert len(set(alone)) == len(alone) == 6  # of twelve steps, for every second one ends an epoch
    torch.testing.assert_close(torch.tensor(together), torch.tensor(alone), rtol=1e-6, atol=0)


@pytest.mark.slow
def test_two_processes_do_not_wait_for_ever(store):
    """Unequal numbers of passes, and a last step of one clip for two processes."""
    arguments = "tiny", "3", "12", json.dumps({"batch_size": 5, "frames_per_pass": 7, "epochs": 9})
    alone, together = losses(store, *arguments), losses(store, *arguments, launcher=TORCHRUN)
    assert len(together) == len(alone) == 6
    assert all(loss > 0 for loss in together)


def train(store, out, *options):
    return [sys.executable, "-m", "atm_gcn", "train", str(store.path), str(out), "--device", "cpu", *SETS, *options]


@pytest.mark.slow
def test_the_command_line_trains_on_two_devices(store, tmp_path):
    done = run(train(store, tmp_path / "run", "--devices", "2"))
    assert done.stdout.count("9 clips of 3 subjects, each held out once") == 1
    assert [line.partition(":")[0] for line in done.stderr.splitlines() if line.startswith("fold")] == [
        f"fold {i}/3 (tiny/s{i - 1})" for i in (1, 2, 3)
    ]
    launched = run([*TORCHRUN, *train(store, tmp_path / "launched")[1:]])
    assert launched.stdout == done.stdout
    for file in ("predictions.csv", "folds/tiny__s1/model.safetensors"):
        assert (tmp_path / "run" / file).read_bytes() == (tmp_path / "launched" / file).read_bytes()
    assert "devices: 2" in (tmp_path / "launched" / "config.yaml").read_text()


@pytest.mark.slow
def test_two_devices_go_on_after_a_signal(store, tmp_path):
    options = "--devices", "2", "--set", "train.optim.epochs=20"
    run(train(store, tmp_path / "whole", *options))
    out = tmp_path / "run"
    process = subprocess.Popen(train(store, out, *options), cwd=ROOT, stderr=subprocess.PIPE, text=True)
    while not list(out.glob("folds/*/log.jsonl")):
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGTERM)
    assert "interrupted; go on with the same command and --resume" in process.communicate(timeout=60)[1]
    assert process.returncode == 128 + signal.SIGTERM
    assert list(out.rglob("state.safetensors"))
    run(train(store, out, *options, "--resume"))
    assert (out / "predictions.csv").read_bytes() == (tmp_path / "whole" / "predictions.csv").read_bytes()
