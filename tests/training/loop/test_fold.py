"""A fold is a function: of config, store, subject and seed, and of nothing else."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from atm_gcn import ATMGCN
from atm_gcn.data import MERDataset
from atm_gcn.training.loop.fold import train_fold
from atm_gcn.training.loop.loader import TrainingLoader, evaluation_loader
from atm_gcn.training.loop.step import predict
from atm_gcn.training.loop.trainer import loss_function
from atm_gcn.training.preflight import resolve
from atm_gcn.training.protocol.seeds import derive_seed
from tests.runs import CLASSES, ChangeableStore, tiny_config, with_train


def config_for(store, **train):
    config = tiny_config(**train)
    return resolve(config, config, store)


@pytest.fixture(scope="module")
def result(store):
    return train_fold(config_for(store), store, "tiny/s1")


def same(one, two) -> bool:
    weights = one.state_dict.keys() == two.state_dict.keys() and all(
        torch.equal(one.state_dict[name], two.state_dict[name]) for name in one.state_dict
    )
    return weights and torch.equal(one.probabilities, two.probabilities)


def test_predicts_the_held_out_clips(result):
    assert result.clips == ["tiny/s1/c0", "tiny/s1/c1", "tiny/s1/c2"]
    assert [CLASSES[label] for label in result.labels] == list(CLASSES)
    assert result.probabilities.shape == (3, 3)
    torch.testing.assert_close(result.probabilities.sum(dim=1), torch.ones(3, dtype=torch.float64))
    assert [record["epoch"] for record in result.log] == [1, 2]


def test_the_world_around_it_does_not_matter(store, result):
    torch.manual_seed(12345)
    np.random.seed(1)
    train_fold(config_for(store), store, "tiny/s0")
    state = torch.get_rng_state()
    assert same(train_fold(config_for(store), store, "tiny/s1"), result)
    assert torch.equal(torch.get_rng_state(), state)
    assert not torch.are_deterministic_algorithms_enabled()


def test_the_way_clips_are_read_does_not_matter(store, result):
    assert same(train_fold(config_for(store, num_workers=1), store, "tiny/s1"), result)


def test_the_seed_matters(store, result):
    assert not same(train_fold(config_for(store, seed=1), store, "tiny/s1"), result)
    given = train_fold(config_for(store, seed=1), store, "tiny/s1", seed=derive_seed(0, "tiny/s1"))
    assert same(given, result)


def test_seeds_depend_on_names():
    seeds = {derive_seed(run, *names) for run in (0, 1) for names in (("a",), ("b",), ("a", "b"), ("ab",))}
    assert len(seeds) == 8
    assert derive_seed(0, "casme2/sub01") == 8838416366610344353


def test_the_held_out_subject_has_no_say(store):
    """Other frames and other labels of the held-out subject leave the trained model as it is."""
    config = config_for(store, class_weights="balanced")
    plain = train_fold(config, store, "tiny/s1")
    changed = ChangeableStore(store.path, store.meta, list(store.clips))
    for index, stored in enumerate(store.clips):
        if stored.clip.subject_key == "tiny/s1":
            changed.frames[stored.first : stored.first + stored.num_frames] = 255
            changed.clips[index] = replace(stored, clip=replace(stored.clip, label="still"))
    other = train_fold(config, changed, "tiny/s1")
    assert all(torch.equal(other.state_dict[name], plain.state_dict[name]) for name in plain.state_dict)
    assert not torch.equal(other.probabilities, plain.probabilities)


def test_class_weights_come_from_the_given_labels(store):
    loss = loss_function(config_for(store, class_weights="balanced").train.optim, [0, 0, 0, 1], 3, torch.device("cpu"))
    torch.testing.assert_close(loss.weight, torch.tensor([4 / 6, 2.0, 0.0]))
    assert loss_function(config_for(store).train.optim, [0, 1], 3, torch.device("cpu")).weight is None


def test_predict_keeps_the_order_and_ignores_the_batch_size(store):
    config = config_for(store)
    model = ATMGCN(config.model)
    dataset = MERDataset(store, window=config.model.window)
    alone = predict(model, evaluation_loader(dataset, with_train(config, batch_size=1).train))
    together = predict(model, evaluation_loader(dataset, with_train(config, batch_size=9).train))
    torch.testing.assert_close(alone, together, rtol=1e-5, atol=1e-6)


def test_the_order_of_training_clips_comes_from_the_seed(store):
    def order(seed):
        return [b.clip for step in TrainingLoader(MERDataset(store), tiny_config().train, seed) for b in step]

    assert order(1) == order(1) != order(2)


@pytest.mark.parametrize("switch", ["use_gcn", "use_motion", "adaptive"])
def test_trains_without_each_part(store, switch):
    config = config_for(store, epochs=1).merge({"model": {switch: False}})
    assert train_fold(config, store, "tiny/s0").probabilities.isfinite().all()


def test_learns_what_can_be_learnt(store):
    result = train_fold(config_for(store, epochs=20, lr=2e-2, flip=False), store, "tiny/s1")
    assert result.log[-1]["loss"] < result.log[0]["loss"] / 4
    assert result.log[-1]["acc"] == 1
