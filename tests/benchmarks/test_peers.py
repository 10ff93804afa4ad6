"""The comparison with the networks of other authors, on tiny clips and next to no training."""

import pytest
from click.testing import CliRunner

from atm_gcn.peers import PEERS
from benchmarks.method import peers
from tests.runs import tiny_store


@pytest.fixture(scope="module")
def flow_store(tmp_path_factory):
    return tiny_store(tmp_path_factory.mktemp("flow"), flow="farneback", flow_size=16)


def run(work, *options):
    return CliRunner().invoke(peers.main, [str(work), *options])


def test_every_model_of_the_tables_is_known():
    assert set(peers.DRAWN) | set(peers.REAL) <= {"atm-gcn", *PEERS}


def test_epochs_are_those_of_the_authors_or_the_stated_ones(flow_store):
    def optim(model, epochs, budget="authors"):
        return peers.config_of(flow_store, model, epochs, budget).train.optim

    authors, stated = optim("ststnet", None), optim("ststnet", 7)
    assert (authors.epochs, authors.lr) == (800, 5e-5)
    assert (stated.epochs, stated.lr) == (7, 5e-5)
    assert optim("ststnet", 7, "equal") == optim("atm-gcn", None)
    config = peers.config_of(flow_store, "ststnet", None, "authors", "train.protocol.seeds=2")
    assert config.train.protocol.seeds == 2 and config.train.protocol.audit_peeking
    assert not config.train.compute.save_models


def test_a_comparison_is_written_and_continues(flow_store, tmp_path, monkeypatch):
    monkeypatch.setattr(peers, "drawn_store", lambda work: flow_store)
    monkeypatch.setitem(peers.DRAWN, "ststnet", 3)
    options = ("--model", "majority", "--model", "ststnet", "--seeds", "2", "--out", str(tmp_path / "rows.json"))
    first = run(tmp_path / "work", *options)
    assert first.exit_code == 0, first.output
    results = peers.Results.read(tmp_path / "rows.json")
    assert (results.clips, results.num_clips, results.num_subjects, results.seeds) == ("drawn", 9, 3, 2)
    majority, ststnet = results.rows
    assert (majority.settings, majority.parameters, majority.difference) == ("in closed form", None, None)
    assert ststnet.settings == "its authors' training, 3 epochs instead of 800" and ststnet.parameters == 1683
    assert ststnet.difference["uf1"] == pytest.approx(majority.scores["uf1"] - ststnet.scores["uf1"], abs=1e-6)
    assert set(results.readings) == {"STSTNet"} and set(results.mean_ranks) == {majority.title, "STSTNet"}
    monkeypatch.setattr("atm_gcn.training.execution.executor.train_fold", None)
    assert run(tmp_path / "work", *options).exit_code == 0
    again = peers.Results.read(tmp_path / "rows.json")
    assert again == results.model_copy(update={"date": again.date})


@pytest.mark.parametrize(("model", "real"), [("ststne", False), ("mmnet", True)])
def test_an_unknown_model_is_refused_before_clips_are_prepared(tmp_path, model, real):
    outcome = run(tmp_path / "work", "--model", model, *(["--real", str(tmp_path)] if real else []))
    assert outcome.exit_code == 1 and outcome.output.startswith("Error: --model must be atm-gcn, majority, ")
    assert f"not {model!r}" in outcome.output and outcome.output.count("\n") == 1
    assert not (tmp_path / "work").exists()
