"""How many threads compute a fold: by default what the machine has, then what the run has recorded."""

import logging
import shutil

import pytest
import torch

from atm_gcn.config import RunConfig
from atm_gcn.errors import ATMGCNError
from atm_gcn.training.comparison.ablation import ablate
from atm_gcn.training.devices import device
from atm_gcn.training.devices.device import default_threads, log_once, reproducible
from atm_gcn.training.execution import PoolExecutor, SerialExecutor
from atm_gcn.training.loop.fold import train_fold
from atm_gcn.training.preflight import dry_run, resolve
from atm_gcn.training.protocol.tasks import tasks_of
from atm_gcn.training.results.run_folder import RunFolder, settle_threads
from atm_gcn.training.results.run_record import write_run_record
from atm_gcn.training.run import run_folds
from tests.runs import tiny_config, with_train

CPU = torch.device("cpu")


@pytest.fixture
def cores(monkeypatch):
    """Give the machine so many cores."""
    return lambda number: monkeypatch.setattr(device, "available_cores", lambda: number)


@pytest.fixture(scope="module")
def config(store):
    asked = tiny_config(epochs=1, threads=None, kind="kfold", folds=2)
    return resolve(asked, asked, store)


class Noting(SerialExecutor):
    """Trains here, and notes with how many threads it was asked to."""

    def run(self, context, *rest):
        self.threads = context.config.train.compute.threads
        return super().run(context, *rest)


def recorded(folder) -> int:
    return RunConfig.load(folder / "config.yaml").train.compute.threads


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (2, 2), (4, 4), (64, 4)])
def test_the_default_never_exceeds_the_cores(cores, threads):
    assert default_threads(cores) == threads


@pytest.mark.parametrize(("threads", "computed"), [(None, 2), (3, 3)])
def test_a_fold_computes_with_them_and_leaves_the_process_as_it_was(threads, computed):
    before = torch.get_num_threads()
    with reproducible(0, CPU, threads, cores=2):
        assert torch.get_num_threads() == computed
    assert torch.get_num_threads() == before


@pytest.mark.parametrize(("threads", "lines"), [(None, 0), (2, 0), (3, 1)])
def test_more_threads_than_cores_are_said_once(threads, lines, caplog):
    log_once.cache_clear()
    caplog.set_level(logging.INFO)
    for _ in range(2):
        with reproducible(0, CPU, threads, cores=2):
            pass
    assert caplog.text.count("train.compute.threads is 3, but only 2 cores may be used") == lines


def test_a_run_records_the_number_and_goes_on_with_it_elsewhere(store, config, cores, tmp_path):
    cores(2)
    begun = run_folds(config, store, tmp_path / "run", executor=Noting())
    assert recorded(tmp_path / "run") == 2
    shutil.rmtree(next((tmp_path / "run" / "folds").iterdir()))
    cores(64)
    executor = Noting()
    assert run_folds(config, store, tmp_path / "run", resume=True, executor=executor) == begun
    assert executor.threads == recorded(tmp_path / "run") == 2


def test_jobs_have_no_say(store, config, cores, tmp_path):
    cores(2)
    runs = {jobs: tmp_path / str(jobs) for jobs in (1, 2)}
    for jobs, out in runs.items():
        run_folds(config, store, out, executor=PoolExecutor(jobs))
        assert recorded(out) == 2
    for file in ("predictions.csv", "folds/*/model.safetensors"):
        first, second = ([path.read_bytes() for path in sorted(out.glob(file))] for out in runs.values())
        assert first == second and first


def test_a_run_of_four_threads_goes_on_with_four_on_two_cores(config, cores, tmp_path):
    (tmp_path / "config.yaml").write_text(with_train(config, threads=4).to_yaml())
    cores(2)
    assert settle_threads(config, [RunFolder(tmp_path)]).train.compute.threads == 4
    assert settle_threads(config, [RunFolder(tmp_path / "other")]).train.compute.threads == 2
    assert settle_threads(config, [RunFolder(tmp_path / "other"), RunFolder(tmp_path)]).train.compute.threads == 4


def test_another_number_is_refused_where_it_is_asked_for(store, config, cores, tmp_path):
    cores(2)
    with RunFolder(tmp_path / "run").opened(settle_threads(config, []), store, tasks_of(config, store), resume=False):
        pass
    RunFolder(tmp_path / "run").check(config, store, resume=True)
    with pytest.raises(ATMGCNError, match=r"train\.compute\.threads was 2 and is 3"):
        run_folds(with_train(config, threads=3), store, tmp_path / "run", resume=True)


def test_every_run_of_an_ablation_takes_the_number_of_the_first(store, config, cores, tmp_path):
    (tmp_path / "without-gcn").mkdir()
    begun = with_train(config.merge({"model": {"use_gcn": False}}), threads=3)
    (tmp_path / "without-gcn" / "config.yaml").write_text(begun.to_yaml())
    tasks = tasks_of(begun, store)
    write_run_record(tmp_path / "without-gcn" / "run.json", begun.to_yaml(), store, tasks, "0.1")
    cores(2)
    for out, threads in ((tmp_path, 3), (tmp_path / "other", 2)):
        taken = []

        def run(config, folder, resume, taken=taken):
            taken.append(config.train.compute.threads)
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            ablate(config, store, out, run, resume=True)
        assert taken == [threads]


def test_python_callers_need_not_settle_it(store, config, cores):
    cores(2)
    alone = train_fold(config, store, "tiny/s1")
    given = train_fold(with_train(config, threads=2), store, "tiny/s1")
    assert torch.equal(alone.probabilities, given.probabilities)
    assert dry_run(config, store)["folds"] == 2
