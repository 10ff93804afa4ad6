"""NaN and infinity end a training or a prediction with one sentence, and reach no file."""

import pytest
import torch
from torch_geometric.data import Data

from atm_gcn import ATMGCN
from atm_gcn.data import MERDataset
from atm_gcn.errors import ATMGCNError
from atm_gcn.inference.ensemble import Ensemble
from atm_gcn.training.loop.fold import train_fold
from atm_gcn.training.loop.loader import evaluation_loader
from atm_gcn.training.loop.step import predict
from atm_gcn.training.loop.trainer import Diverged, EpochDecision
from atm_gcn.training.preflight import resolve
from atm_gcn.training.run import run_folds
from tests.runs import tiny_config, with_train


def config_for(store, **train):
    return resolve(tiny_config(**train), tiny_config(**train), store)


@pytest.mark.parametrize(("lr", "epochs"), [(1e30, 3), (1e30, 1)])
def test_a_training_that_diverges_is_stopped(store, tmp_path, lr, epochs):
    with pytest.raises(ATMGCNError, match=r"fold tiny/s0: training diverged in epoch \d: "):
        run_folds(config_for(store, lr=lr, epochs=epochs), store, tmp_path / "run")
    names = {file.name for file in (tmp_path / "run").rglob("*") if file.is_file()}
    assert names.isdisjoint({"predictions.csv", "metrics.json", "fold.json", "model.safetensors"})


def test_the_last_finite_loss_is_said(store):
    records = []

    def stopping_rule(model, log):
        if log[-1]["epoch"] == 1:
            next(model.parameters()).data.fill_(torch.nan)
        return EpochDecision()

    with pytest.raises(Diverged, match=r"fold tiny/s1: training diverged in epoch 2: its mean loss is nan; ") as error:
        train_fold(config_for(store, epochs=3), store, "tiny/s1", on_epoch=records.append, stopping_rule=stopping_rule)
    assert f"the last finite loss was {records[0]['loss']:.4g}; lower train.optim.lr (0.001)" in str(error.value)
    assert len(records) == 1


def test_a_weight_that_is_not_finite_is_named(store):
    def stopping_rule(model, log):
        raise AssertionError("nothing that diverged is judged")

    config = config_for(store, epochs=1, lr=1e-3)
    with pytest.MonkeyPatch.context() as patch:
        step = torch.optim.AdamW.step

        def broken(self, *args, **kwargs):
            step(self, *args, **kwargs)
            self.param_groups[0]["params"][-1].data[0] = torch.inf

        patch.setattr(torch.optim.AdamW, "step", broken)
        config = with_train(config, batch_size=9)  # one step, whose loss is finite
        with pytest.raises(Diverged, match=r"in epoch 1: readout\.\S+ is not finite; it has no finite loss"):
            train_fold(config, store, "tiny/s1", stopping_rule=stopping_rule)


def test_probabilities_that_are_not_finite_name_the_clip(store):
    config = config_for(store)
    model = ATMGCN(config.model)
    with torch.no_grad():
        list(model.parameters())[-1].fill_(torch.nan)
    loader = evaluation_loader(MERDataset(store)[[3, 4]], config.train)
    with pytest.raises(ATMGCNError, match=r"tiny/s1/c0: the model gives no finite probabilities \(2 of 2 clips\)"):
        predict(model, loader)


def test_features_that_are_not_finite_give_no_prediction(store, tmp_path):
    config = config_for(store)
    ATMGCN(config.model).save_pretrained(tmp_path)
    clip = Data(
        x=torch.full((4, config.model.motion_channels), torch.nan),
        pos=torch.arange(2.0, 6.0),
        global_index=torch.tensor([1]),
        num_nodes=4,
    )
    with pytest.raises(ATMGCNError, match=r"not finite|no finite probabilities"):
        Ensemble.open(tmp_path).predict([clip], torch.device("cpu"))
