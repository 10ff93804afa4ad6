"""What adapts the edge weights has a learning rate of its own."""

import logging

import pytest
import torch
from torch import nn

from atm_gcn import ATMGCN
from atm_gcn.config import OptimConfig
from atm_gcn.training.devices.device import log_once
from atm_gcn.training.loop.fold import train_fold
from atm_gcn.training.loop.optimizer import parameter_groups
from atm_gcn.training.preflight import resolve
from tests.runs import tiny_config


def model_of(**model):
    return ATMGCN(tiny_config().merge({"model": {"num_classes": 3} | model}).model)


def test_fc_and_forgetting_rate_are_a_group_of_their_own():
    model = model_of(forgetting_rate="learnable")
    others, adaptive = parameter_groups(model, OptimConfig(lr=0.1, adaptive_lr=5))
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    assert {names[id(one)] for one in adaptive["params"]} == {
        f"graph.adaptives.0.{name}" for name in ("fc.weight", "fc.bias", "forgetting_logit")
    }
    assert adaptive["lr"] == pytest.approx(0.5) and "lr" not in others
    assert len(others["params"]) + 3 == len(names)


def test_learnt_weighting_belongs_to_them():
    model = model_of(adaptive=False, learnable_weighting=True)
    others, adaptive = parameter_groups(model, OptimConfig(adaptive_lr=5))
    assert {id(one) for one in adaptive["params"]} == {id(one) for one in model.graph.weighting.parameters()}
    assert len(adaptive["params"]) == 3 and len(others["params"]) + 3 == len(list(model.parameters()))


def test_one_learning_rate_is_one_group_in_the_order_of_the_model():
    model = model_of()
    (group,) = parameter_groups(model, OptimConfig())
    assert all(one is other for one, other in zip(group["params"], model.parameters(), strict=True))


def test_a_model_without_such_weights_has_one_group(caplog):
    caplog.set_level(logging.WARNING)
    log_once.cache_clear()
    for model in (model_of(adaptive=False), nn.Linear(2, 2)):
        assert len(parameter_groups(model, OptimConfig(adaptive_lr=5))) == 1
    assert [record.getMessage() for record in caplog.records] == [
        "train.optim.adaptive_lr has no effect: the model has no edge weights that adapt"
    ]


def test_the_factor_moves_fc_further(store):
    moved = {}
    for factor in (0.1, 1.0):
        asked = tiny_config(epochs=1, lr=1e-3, batch_size=64, adaptive_lr=factor)
        config = resolve(asked, asked, store)
        untrained = []
        result = train_fold(config, store, "tiny/s1", build_model=lambda given, kept=untrained: kept_model(given, kept))
        before = untrained[0]
        moved[factor] = {name: (result.state_dict[name] - before[name]).abs().max() for name in before}
    fc, other = "graph.adaptives.0.fc.weight", "graph.convs.0.lin.weight"
    torch.testing.assert_close(moved[0.1][fc], 0.1 * moved[1.0][fc], rtol=0.01, atol=0)
    torch.testing.assert_close(moved[0.1][other], moved[1.0][other])


def kept_model(config, kept):
    model = ATMGCN(config)
    kept.append({name: parameter.detach().clone() for name, parameter in model.named_parameters()})
    return model
