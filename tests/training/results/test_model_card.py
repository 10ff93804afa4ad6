"""The model card that training puts into every checkpoint."""

import json

import pytest

from atm_gcn import ATMGCN
from atm_gcn.training.loop.fold import train_fold
from atm_gcn.training.preflight import resolve
from atm_gcn.training.protocol.splits import Fold
from atm_gcn.training.protocol.tasks import Task
from atm_gcn.training.results.model_card import LIMITS, model_card
from atm_gcn.training.run import run_folds
from tests.runs import tiny_config


@pytest.fixture(scope="module")
def card(store, tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "run"
    run_folds(resolve(tiny_config(epochs=1), tiny_config(epochs=1), store), store, out)
    return ATMGCN.from_pretrained(out / "folds" / "tiny__s1").metadata["card"]


def test_it_counts_the_training_clips_only(card, store):
    assert card["data"] == {
        "datasets": ["tiny"],
        "clips": 6,
        "subjects": 2,
        "clips_per_class": {"down": 2, "left": 2, "still": 2},
        "recorded_fps": [30.0],
        "store_checksum": store.meta["checksum"],
        "apex_sources": ["annotated"],
    }


def test_it_says_who_was_held_out_and_how_that_went(card):
    assert card["protocol"] == "leave one subject out; this model never saw tiny/s1; the last epoch was taken"
    assert card["scores"]["held_out_clips"] == 3
    assert 0 <= card["scores"]["uf1"] <= 1


def test_it_says_what_the_model_is_not_for(card):
    text = " ".join(card["not_for"])
    for word in ("no lies", "hiring", "policing", "borders", "education", "consent"):
        assert word in text
    assert card["limits"] == ["tiny: whom its clips show is not recorded here."]
    assert set(LIMITS) >= {"casme2", "samm", "smic", "casme3"}


def test_equal_runs_have_equal_cards(store):
    config = resolve(tiny_config(epochs=1), tiny_config(epochs=1), store)
    fold = Fold("tiny/s1", train=[0, 1, 2, 6, 7, 8], test=[3, 4, 5])
    result = train_fold(config, store, fold)
    cards = [json.dumps(model_card(config, store, Task(fold, 0), result), sort_keys=True) for _ in range(2)]
    assert cards[0] == cards[1]
