"""Folds in a pool of processes: the same results, whatever becomes of the processes."""

import logging
import multiprocessing
import os
import signal

import pytest

from atm_gcn.data import FrameStore
from atm_gcn.errors import ATMGCNError, Interrupted
from atm_gcn.training.execution import PoolExecutor, pool
from atm_gcn.training.preflight import resolve
from atm_gcn.training.protocol.tasks import tasks_of
from atm_gcn.training.results.run_record import write_run_record
from atm_gcn.training.run import run_folds
from tests.runs import equal_runs, tiny_config


@pytest.fixture(scope="module")
def config(store):
    asked = tiny_config(epochs=4, save_every=1)
    return resolve(asked, asked, store)


class Killing(PoolExecutor):
    """A pool whose processes are sent a signal when they report the second epoch of a fold."""

    def __init__(self, jobs: int, number: int, times: int) -> None:
        super().__init__(jobs)
        self.number, self.times = number, times

    def run(self, context, tasks, listener, stop):
        before = listener.epoch

        def epoch(label, record):
            before(label, record)
            if self.times and record["epoch"] == 2:
                self.times -= 1
                for worker in processes():
                    os.kill(worker, self.number)

        listener.epoch = epoch
        yield from super().run(context, tasks, listener, stop)


def processes() -> list[int]:
    return [child.pid for child in multiprocessing.active_children()]


def test_two_processes_give_the_bytes_of_one(store, config, serial, tmp_path):
    run_folds(config, store, tmp_path / "run", executor=PoolExecutor(2))
    assert equal_runs(tmp_path / "run", serial)
    assert processes() == []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_lost_process_is_replaced(store, config, serial, tmp_path, caplog, number):
    with caplog.at_level(logging.INFO, logger="atm_gcn"):
        run_folds(config, store, tmp_path / "run", executor=Killing(1, number, times=1))
    assert equal_runs(tmp_path / "run", serial)
    assert "its process ended" in caplog.text and "it resumes in another" in caplog.text
    assert "goes on in epoch" in caplog.text


def test_a_fold_that_loses_every_process_is_an_error(store, config, serial, tmp_path):
    out = tmp_path / "run"
    with pytest.raises(ATMGCNError, match=r"fold tiny/s0: its process ended by signal SIGKILL, 2 times; where memory"):
        run_folds(config, store, out, executor=Killing(1, signal.SIGKILL, times=9))
    assert processes() == []
    run_folds(config, store, out, resume=True, executor=PoolExecutor(1))
    assert equal_runs(out, serial)


def test_after_ctrl_c_it_goes_on(store, config, serial, tmp_path, monkeypatch):
    out = tmp_path / "run"
    interrupt = Killing(2, 0, times=1)
    monkeypatch.setattr("tests.training.execution.test_pool.processes", lambda: [os.getpid()])
    interrupt.number = signal.SIGINT
    with pytest.raises(Interrupted, match="interrupted; go on with the same command and --resume") as caught:
        run_folds(config, store, out, executor=interrupt)
    assert caught.value.signal == signal.SIGINT
    assert 1 <= len(list(out.rglob("state.safetensors"))) <= 2
    run_folds(config, store, out, resume=True, executor=PoolExecutor(2))
    assert equal_runs(out, serial)


def test_a_stated_error_in_a_process_is_one_here(store, config, tmp_path):
    (tmp_path / "folds").mkdir()
    (tmp_path / "folds" / "tiny__s0").write_text("in the way")
    (tmp_path / "config.yaml").write_text(config.to_yaml())
    write_run_record(tmp_path / "run.json", config.to_yaml(), store, tasks_of(config, store), "0.1")
    with pytest.raises(ATMGCNError, match="cannot be written"):
        run_folds(config, store, tmp_path, resume=True, executor=PoolExecutor(2))
    assert processes() == []


class Broken(FrameStore):
    """A store whose frames cannot be read by a process of a pool, for a reason that nobody thought of."""

    def read(self, index):
        if multiprocessing.parent_process():
            raise ZeroDivisionError
        return super().read(index)


def test_any_other_error_in_a_process_comes_with_its_traceback(store, config, tmp_path):
    broken = Broken(store.path, store.meta, store.clips)
    with pytest.raises(RuntimeError, match=r"failed in its process:\nTraceback(.|\n)*ZeroDivisionError"):
        run_folds(config, broken, tmp_path / "run", executor=PoolExecutor(2))
    assert processes() == []


def test_gpus_are_taken_in_turn(monkeypatch):
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
    assert pool.devices("auto", 3) == ["cuda:0", "cuda:1", "cuda:0"]
    assert pool.devices("cuda:1", 2) == pool.devices("cpu", 2) == [None, None]
    monkeypatch.setattr("torch.cuda.device_count", lambda: 1)
    assert pool.devices("cuda", 2) == [None, None]
