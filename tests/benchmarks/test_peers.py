"""The comparison with the networks of other authors, on tiny clips and next to no training."""

import pytest
from click.testing import CliRunner

from atm_gcn.peers import PEERS
from atm_gcn.training import run_folds
from atm_gcn.training.comparison.models import compare_models
from atm_gcn.training.comparison.tables import comparison_rows
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
    def config(model, *own, budget="authors"):
        return peers.config_of(flow_store, model, own, budget)

    authors, stated = config("ststnet").train.optim, config("ststnet", "train.optim.epochs=7").train.optim
    assert (authors.epochs, authors.lr) == (800, 5e-5)
    assert (stated.epochs, stated.lr) == (7, 5e-5)
    equal = config("ststnet", "train.optim.epochs=7", budget="equal").train
    assert equal.optim == config("atm-gcn").train.optim
    one = peers.config_of(flow_store, "ststnet", (), "authors", "train.protocol.seeds=2").train
    assert one.protocol.seeds == 2 and one.protocol.audit_peeking and not one.compute.save_models


def test_rows_are_added_and_a_finished_one_is_not_trained_again(flow_store, tmp_path, monkeypatch):
    monkeypatch.setattr(peers, "drawn_store", lambda work: flow_store)
    monkeypatch.setitem(peers.DRAWN, "ststnet", ("train.optim.epochs=3",))
    out = tmp_path / "rows.json"
    options = ("--seeds", "2", "--out", str(out), "--figures", str(tmp_path))
    assert run(tmp_path / "work", "--model", "ststnet", *options).exit_code == 0
    first = run(tmp_path / "work", "--model", "majority", *options)
    assert first.exit_code == 0, first.output
    results = peers.Results.read(out)
    majority, ststnet = results.rows
    assert (majority.settings, majority.parameters, majority.readings) == ("fitted once", None, None)
    assert ststnet.settings == "its authors' training, 3 epochs instead of 800" and ststnet.parameters == 1683
    assert {path.name for path in tmp_path.glob("*.png")} == {"peers-drawn-ranks.png", "peers-drawn-peeking.png"}
    monkeypatch.setattr(peers, "run_folds", None)
    again = run(tmp_path / "work", "--model", "majority", *options)
    assert again.exit_code == 0 and again.stdout == first.stdout and peers.Results.read(out) == results


def test_the_table_follows_from_the_results_as_from_the_runs(flow_store, tmp_path, monkeypatch):
    monkeypatch.setattr(peers, "drawn_store", lambda work: flow_store)
    monkeypatch.setitem(peers.DRAWN, "ststnet", ("train.optim.epochs=3",))
    models = ("majority", "ststnet")
    options = [word for name in models for word in ("--model", name)]
    out = tmp_path / "rows.json"
    assert run(tmp_path / "work", *options, "--seeds", "2", "--out", str(out)).exit_code == 0
    configs = {
        name: peers.config_of(flow_store, name, peers.DRAWN[name], "authors", "train.protocol.seeds=2")
        for name in models
    }
    folder = tmp_path / "work" / "drawn-authors"
    found = compare_models(
        configs, flow_store, folder, lambda *of: run_folds(of[0], flow_store, *of[1:]), "authors", True
    )
    rows = comparison_rows(peers.Results.read(out).compared())
    for row, expected in zip(rows, found.rows, strict=True):
        assert row.scores == pytest.approx(expected.scores, abs=1e-6)
        assert row.adjusted_p == expected.adjusted_p and row.parameters == expected.parameters
    audits = peers.Results.read(out).audits()
    assert audits["STSTNet"].readings == found.audits["STSTNet"].readings


@pytest.mark.parametrize(("model", "real"), [("ststne", False), ("mmnet", True)])
def test_an_unknown_model_is_refused_before_clips_are_prepared(tmp_path, model, real):
    outcome = run(
        tmp_path / "work",
        "--out",
        str(tmp_path / "rows.json"),
        "--model",
        model,
        *(["--real", str(tmp_path)] if real else []),
    )
    assert outcome.exit_code == 1 and outcome.output.startswith("Error: --model must be atm-gcn, majority, ")
    assert f"not {model!r}" in outcome.output and outcome.output.count("\n") == 1
    assert not (tmp_path / "work").exists()
