"""Runs of versions whose ``config.yaml`` has flat keys are read, resumed and finished."""

import shutil

import pytest
import yaml

from atm_gcn.config.flat_keys import FLAT
from atm_gcn.files import file_digest
from atm_gcn.training.preflight import resolve
from atm_gcn.training.protocol.tasks import tasks_of
from atm_gcn.training.results.fold_record import write_record
from atm_gcn.training.results.run_folder import RunFolder
from atm_gcn.training.results.run_record import write_run_record
from atm_gcn.training.results.run_results import RunResults
from atm_gcn.training.run import run_folds
from tests.runs import tiny_config


@pytest.fixture(scope="module")
def config(store):
    asked = tiny_config(epochs=1, frames_per_pass=20)
    return resolve(asked, asked, store)


@pytest.fixture(scope="module")
def earlier(store, config, tmp_path_factory):
    """A run as an earlier version wrote it."""
    run = tmp_path_factory.mktemp("earlier") / "run"
    run_folds(config, store, run)
    settings = config.model_dump(mode="json")
    settings["train"] = {key: settings["train"][section][name] for key, (section, name) in FLAT.items()}
    text, tasks = yaml.safe_dump(settings), tasks_of(config, store)
    write_run_record(run / "run.json", text, store, tasks, "0.1.0")
    (run / "config.yaml").write_text(text)
    folder = RunFolder(run)
    for task in tasks:
        write_record(folder.task_folder(task), folder.record.digest, task.fold.name, task.seed)
    return run


def files(run) -> dict[str, str]:
    kept = [file for file in run.rglob("*") if file.is_file() and file.name != "log.jsonl"]
    return {str(file.relative_to(run)): file_digest(file) for file in kept}


def test_it_is_read_without_a_note(earlier, config, caplog):
    assert RunFolder(earlier).config == config
    assert RunResults(earlier).metrics["num_clips"] == 9
    assert not caplog.records


@pytest.mark.parametrize("lost", ["*.partial", "folds/tiny__s1/*", "metrics.json"])
def test_it_is_resumed_and_its_settings_stay(earlier, config, store, tmp_path, lost):
    run = tmp_path / "run"
    shutil.copytree(earlier, run)
    for file in run.glob(lost):
        file.unlink()
    run_folds(config, store, run, resume=True)
    assert files(run) == files(earlier)
