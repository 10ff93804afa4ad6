"""Folds on a Ray cluster of this machine: the same results, even if a worker is killed."""

import os
import signal
import sys

import psutil
import pytest

from atm_gcn.errors import ATMGCNError, Interrupted
from atm_gcn.training.execution import RayExecutor
from atm_gcn.training.preflight import resolve
from atm_gcn.training.run import run_folds
from tests.runs import equal_runs, tiny_config


def test_without_ray_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ATMGCNError, match=r"--ray needs ray, which is not installed: pip install -e '\.\[ray\]'"):
        RayExecutor()


@pytest.fixture(scope="module")
def config(store):
    asked = tiny_config(epochs=30, save_every=1)
    return resolve(asked, asked, store)


def workers() -> list[int]:
    """The processes that are training."""
    children = psutil.Process().children(recursive=True)
    return [child.pid for child in children if "train_remotely" in " ".join(child.cmdline())]


class Disturbed(RayExecutor):
    """A cluster in which something happens when a fold reports its fifth epoch."""

    def __init__(self, jobs, event):
        super().__init__(jobs=jobs)
        self.event = event

    def run(self, context, tasks, listener, stop):
        before = listener.epoch

        def epoch(label, record):
            before(label, record)
            if self.event and record["epoch"] == 5:
                event, self.event = self.event, None
                event()

        listener.epoch = epoch
        yield from super().run(context, tasks, listener, stop)


@pytest.mark.ray
def test_two_workers_give_the_bytes_of_one_process(store, config, serial, tmp_path):
    run_folds(config, store, tmp_path / "run", executor=RayExecutor(jobs=2))
    assert equal_runs(tmp_path / "run", serial)


@pytest.mark.ray
def test_a_killed_worker_is_replaced(store, config, serial, tmp_path):
    killed = []

    def kill():
        killed.extend(workers()[:1])
        os.kill(killed[0], signal.SIGKILL)

    run_folds(config, store, tmp_path / "run", executor=Disturbed(2, kill))
    assert len(killed) == 1
    assert equal_runs(tmp_path / "run", serial)


@pytest.mark.ray
def test_after_a_signal_it_goes_on(store, config, serial, tmp_path):
    with pytest.raises(Interrupted) as caught:
        run_folds(config, store, tmp_path / "run", executor=Disturbed(2, lambda: os.kill(os.getpid(), signal.SIGTERM)))
    assert caught.value.signal == signal.SIGTERM
    assert list((tmp_path / "run").rglob("state.safetensors"))
    run_folds(config, store, tmp_path / "run", resume=True, executor=RayExecutor(jobs=2))
    assert equal_runs(tmp_path / "run", serial)


@pytest.mark.ray
def test_a_cluster_that_is_not_there_is_one_sentence(store, config, tmp_path):
    with pytest.raises(ATMGCNError, match=r"--ray auto: cannot be reached \("):
        run_folds(config, store, tmp_path / "run", executor=RayExecutor("auto"))
