"""The models of a run with several seeds: all of them predict, or those of the first seeds, with the score of these."""

import json

import pytest
import torch

from atm_gcn import ATMGCN, ATMGCNError, predict_video
from atm_gcn.inference.ensemble import Ensemble
from atm_gcn.inference.known_clips import Query
from atm_gcn.inference.model_choice import choose_models
from atm_gcn.inference.reliability import describe_reliability
from atm_gcn.training.preflight import resolve
from atm_gcn.training.results.layout import finished_folds
from atm_gcn.training.run import run_folds
from tests.runs import tiny_config, tiny_store


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run over two subjects with two seeds, of which the first is 4."""
    folder = tmp_path_factory.mktemp("seeds")
    store, asked = tiny_store(folder, 2), tiny_config(epochs=1, seeds=2, seed=4)
    run_folds(resolve(asked, asked, store), store, folder / "run")
    return folder / "run"


def names(run, files) -> list[str]:
    return [file.parent.relative_to(run / "folds").as_posix() for file in files]


@pytest.mark.parametrize(
    ("seeds", "reason", "number"),
    [(None, "fold tiny/s1 (2 seeds)", (4, 5)), (2, "fold tiny/s1 (2 seeds)", (4, 5)), (1, "fold tiny/s1", (4,))],
)
def test_a_clip_is_predicted_by_the_seeds_that_are_asked_for(run, seeds, reason, number):
    choice = choose_models(run, Query(str(run.parent / "clips/s1/c0")), seeds)
    assert choice.reason == f"{reason}, which held this clip out"
    assert names(run, choice.files) == [f"tiny__s1/seed-{one}" for one in number]


def test_other_sources_are_predicted_by_all_folds_of_them(run):
    assert choose_models(run).reason == "mean of the 4 fold models of 2 seeds"
    assert choose_models(run, seeds=1).reason == "mean of the 2 fold models of seed 4"
    assert names(run, choose_models(run, seeds=1).files) == ["tiny__s0/seed-4", "tiny__s1/seed-4"]


def test_the_score_is_that_of_the_models_that_predict(run):
    metrics = json.loads((run / "metrics.json").read_text())
    found = describe_reliability(Ensemble.open(run))
    ensemble = metrics["seed_ensemble"]
    assert found["text"].startswith(f"held-out score of the ensemble of 2 seeds: UF1 {ensemble['uf1']:.2f} (chance ")
    assert found["score"]["uf1"] == pytest.approx(ensemble["uf1"], abs=1e-6)
    assert found["score"]["interval"]["uf1"] == pytest.approx(ensemble["interval"]["uf1"], abs=1e-6)
    first = describe_reliability(Ensemble.open(run, seeds=1))
    assert first["text"].startswith("held-out score of seed 4 of the run: UF1 ")
    assert first["score"]["uf1"] == pytest.approx(metrics["seeds"][0]["uf1"], abs=1e-6)


def test_the_models_in_python(run):
    assert ATMGCN.from_pretrained(run).held_out == ["tiny/s0", "tiny/s0", "tiny/s1", "tiny/s1"]
    first = ATMGCN.from_pretrained(run, seeds=1)
    assert first.held_out == ["tiny/s0", "tiny/s1"]
    alone = ATMGCN.from_pretrained(run / "folds/tiny__s1/seed-4")
    assert torch.equal(first.models[1].readout.classifier.weight, alone.readout.classifier.weight)
    clip = run.parent / "clips/s1/c0"
    both, one = (predict_video(clip, run, fps=30.0, device="cpu", seeds=seeds) for seeds in (None, 1))
    assert (both["num_models"], one["num_models"]) == (2, 1)
    other = predict_video(clip, run / "folds/tiny__s1/seed-5", fps=30.0, device="cpu")["probabilities"]
    for name, share in both["probabilities"].items():
        assert share == pytest.approx((one["probabilities"][name] + other[name]) / 2, abs=2e-6)


def test_seeds_that_there_are_not(run):
    with pytest.raises(ATMGCNError, match=r"run: --seeds must be all or 1 to 2, the seeds of this run, not 3$"):
        choose_models(run, seeds=3)
    with pytest.raises(ATMGCNError, match=r"is one model, and seeds are chosen among those of a run"):
        choose_models(run / "folds/tiny__s0/seed-4", seeds=1)
    with pytest.raises(ATMGCNError, match=r"run: seeds must be None or from 1 to 2, the seeds it has, not 3$"):
        finished_folds(run, 3)
