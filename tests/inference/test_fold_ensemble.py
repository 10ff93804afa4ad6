"""The models of all folds of a run as one module."""

import shutil

import pytest
import torch
from torch_geometric.data import Batch

from atm_gcn import ATMGCN, ATMGCNError, FoldEnsemble
from tests.test_model import model_of


@pytest.fixture(scope="module")
def folds(tiny_run):
    return [ATMGCN.from_pretrained(tiny_run / "folds" / f"tiny__s{number}") for number in range(3)]


@pytest.fixture(scope="module")
def batch(tiny_run):
    from atm_gcn.data import MERDataset

    clips = MERDataset(tiny_run.parent / "store")
    return Batch.from_data_list([clips[0], clips[5]])


def test_the_folder_of_a_run_is_the_mean_of_its_folds(tiny_run, folds, batch):
    together = ATMGCN.from_pretrained(tiny_run)
    assert isinstance(together, FoldEnsemble) and not together.training
    assert together.held_out == ["tiny/s0", "tiny/s1", "tiny/s2"]
    with torch.no_grad():
        mean = sum(model(batch).softmax(dim=1) for model in folds) / 3
        torch.testing.assert_close(together(batch).softmax(dim=1), mean)
    torch.testing.assert_close(together.predict(batch), mean)
    assert together.class_names == ["down", "left", "still"]


def test_the_model_nearest_to_the_mean_is_explained(tiny_run, folds, batch):
    together = ATMGCN.from_pretrained(tiny_run)
    mean = together.predict(batch)
    distances = [(model.explain(batch).probabilities - mean).abs().sum() for model in folds]
    nearest = folds[int(torch.stack(distances).argmin())]
    torch.testing.assert_close(together.explain(batch).probabilities, nearest.explain(batch).probabilities)


def test_a_fold_that_is_not_finished_is_left_out(tiny_run, tmp_path):
    run = shutil.copytree(tiny_run, tmp_path / "run")
    for name in ("fold.json", "predictions.csv"):
        (run / "folds/tiny__s1" / name).unlink()
    assert ATMGCN.from_pretrained(run).held_out == ["tiny/s0", "tiny/s2"]


def test_custom_parts_need_one_fold(tiny_run):
    with pytest.raises(ATMGCNError, match=r"is the folder of a run; custom parts need one of its folds, such as .*s0"):
        ATMGCN.from_pretrained(tiny_run, encoder=model_of().encoder)
