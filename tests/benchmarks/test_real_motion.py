"""The measurement on real optical flow, on drawn pictures and next to no training."""

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from click.testing import CliRunner
from torch import nn
from torch_geometric.data import Batch

from atm_gcn.config import ModelConfig, RunConfig
from atm_gcn.data import Clip, MERDataset, write_manifest
from atm_gcn.encoders import mirrored
from atm_gcn.errors import ATMGCNError
from atm_gcn.training import cross_validate
from atm_gcn.training.execution.executor import RunContext, train_task
from atm_gcn.training.protocol.splits import clips_and_labels, leave_one_subject_out
from atm_gcn.training.protocol.tasks import Task
from atm_gcn.training.results.predictions import Prediction
from atm_gcn.training.settings import resolve, with_view_of
from benchmarks.method import real_motion
from benchmarks.method.full_batch import FullBatchExecutor, train
from benchmarks.method.real_motion_scores import Results, scores_of_seeds
from benchmarks.method.ststnet import AUTHORS, STSTNet
from tests.data.recordings import write_image

CLASSES = ("negative", "positive", "surprise")
TINY = (
    "model.stem_channels=[4,4]",
    "model.block_channels=[4,8,8,8]",
    "model.motion_channels=8",
    "model.hidden_channels=8",
    "train.optim.epochs=1",
)
ROWS = ("STSTNet, its authors' training", "ATM-GCN, apex", "ATM-GCN")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Four people with a clip of each class, whose first step alone shows the class."""
    folder, rng, clips = tmp_path_factory.mktemp("data"), np.random.default_rng(0), []
    for person in ("ann", "ben", "cleo", "dan"):
        for number, label in enumerate(CLASSES):
            source = folder / person / label
            write_image(source / "img0.png", np.full((20, 20, 3), 128, np.uint8))
            for frame in (1, 2):
                picture = rng.integers(118, 138, (20, 20, 3))
                picture[..., number] += 60 * (frame == 1)
                write_image(source / f"img{frame}.png", picture.astype(np.uint8))
            clips.append(Clip("own", person, label, 0, 1, 2, 30.0, label=label, source=f"{person}/{label}"))
    write_manifest(clips, folder / "manifest.csv")
    write_manifest([replace(clip, offset=1) for clip in clips], folder / "manifest-apex.csv")
    return folder


@pytest.fixture(scope="module")
def stores(data, tmp_path_factory):
    work = tmp_path_factory.mktemp("stores")
    return {steps: real_motion.store_of(data, work, steps, 28) for steps in real_motion.MANIFESTS}


@pytest.fixture
def quick(monkeypatch):
    """Two epochs of the authors' training."""
    model = real_motion.MODELS[ROWS[0]]
    settings = (*model.settings, "train.optim.epochs=2")
    monkeypatch.setitem(real_motion.MODELS, ROWS[0], model._replace(settings=settings))


def without_dropout(config):
    model = STSTNet(config)
    model.branches[-1].p = 0.0
    return model


def batch_of(store, positions=(0, 1, 5)):
    return Batch.from_data_list([MERDataset(store, view="flow")[position] for position in positions])


def call(data, folder, *options):
    settings = [part for setting in TINY for part in ("--set", setting)]
    rows = [part for row in ROWS for part in ("--row", row)]
    common = ["--folds", "2", "--seeds", "2", "--out", str(folder / "rows.json"), *rows]
    return CliRunner().invoke(real_motion.main, [str(data), str(folder / "work"), *common, *settings, *options])


def test_ststnet_has_1683_parameters():
    assert sum(p.numel() for p in STSTNet(ModelConfig(num_classes=3)).parameters()) == 1683


def test_one_convolution_computes_three_branches(stores):
    torch.manual_seed(0)
    model, batch = STSTNet(ModelConfig(num_classes=3)), batch_of(stores["apex"])
    norm = model.branches[2]
    nn.init.normal_(norm.running_mean)
    nn.init.uniform_(norm.running_var, 0.5, 2)
    model.eval()
    maps, first = [], 0
    for filters in (3, 5, 8):
        own, conv, bn = slice(first, first + filters), nn.Conv2d(3, filters, 3, padding=2), nn.BatchNorm2d(filters)
        conv.weight.data, conv.bias.data = model.branches[0].weight.data[own], model.branches[0].bias.data[own]
        bn.running_mean, bn.running_var = norm.running_mean[own], norm.running_var[own]
        maps.append(F.max_pool2d(bn.eval()(conv(batch.flow).relu()), 3, stride=3, padding=1))
        first += filters
    joined = torch.cat(maps, dim=1)
    assert joined.shape == (3, 16, 10, 10)
    assert torch.allclose(model.fc(F.avg_pool2d(joined, 2).flatten(1)), model(batch), atol=1e-5)


def test_ststnet_reads_the_apex_step_alone(stores, data, tmp_path):
    model = STSTNet(ModelConfig(num_classes=3)).eval()
    apex, both = (batch_of(stores[steps]) for steps in ("apex", "both"))
    assert (len(apex.flow), len(both.flow)) == (3, 6)
    assert torch.equal(model(apex), model(both))
    larger = batch_of(real_motion.store_of(data, tmp_path, "apex", 32))
    assert larger.flow.shape[-1] == 32 and model(larger).shape == (3, 3)


def test_ststnet_centres_and_mirrors_as_atm_gcn_does(stores):
    batch = batch_of(stores["apex"])
    model = STSTNet(ModelConfig(num_classes=3)).eval()
    center = STSTNet(ModelConfig(num_classes=3, center_flow=True)).eval()
    average = STSTNet(ModelConfig(num_classes=3, average_mirrored=True)).eval()
    for other in (center, average):
        other.load_state_dict(model.state_dict())
    moved = batch.clone()
    moved.flow = batch.flow + torch.tensor([0.1, -0.2, 0])[:, None, None]
    with torch.no_grad():
        assert torch.allclose(center(moved), center(batch), atol=1e-5) and not torch.allclose(
            model(moved), model(batch)
        )
        assert torch.allclose(average(mirrored(batch)), average(batch), atol=1e-5)
        assert not torch.allclose(model(mirrored(batch)), model(batch))


def test_a_full_batch_trains_as_the_loop_of_the_library(stores, tmp_path):
    store, settings = stores["apex"], [*AUTHORS, *real_motion.COMPUTE, "train.optim.epochs=3", "train.optim.lr=1e-3"]
    base = with_view_of(store, RunConfig())
    config = resolve(base.override(settings), base, store, settings)
    context = RunContext(config, store, tmp_path, without_dropout)
    tasks = [Task(leave_one_subject_out(clips_and_labels(store)[0])[0], seed) for seed in (0, 1)]
    library = train_task(context, tasks[0])
    full, other = (train(context, task, lambda record: None, lambda: False) for task in tasks)
    assert (full.name, full.clips, full.subjects, full.labels) == (
        library.name,
        library.clips,
        library.subjects,
        library.labels,
    )
    assert [epoch["loss"] for epoch in full.log] == pytest.approx([epoch["loss"] for epoch in library.log], abs=1e-3)
    # Of a bias before batch norm, the gradient is rounding alone, which Adam scales up.
    rounding, seed = ((one.probabilities - library.probabilities).abs().max() for one in (full, other))
    assert rounding < 0.02 * seed


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("train.optim.batch_size=4", "batch_size must be at least 9, not 4"),
        ("train.augment.flip=true", "change no clip"),
    ],
)
def test_a_full_batch_needs_room_and_no_augmentation(stores, setting, message):
    overrides = [*AUTHORS, *real_motion.COMPUTE, setting]
    with pytest.raises(ATMGCNError, match=message):
        cross_validate(stores["apex"], STSTNet, RunConfig(), overrides=overrides, executor=FullBatchExecutor())


def test_scores_are_those_of_each_seed_and_their_mean():
    rows = [
        Prediction("a", "s", "x", "x", (0.6, 0.4), seed=0),
        Prediction("a", "s", "x", "y", (0.1, 0.9), seed=1),
        Prediction("a", "s", "x", "x", (0.55, 0.45), seed=2),
    ]
    scores = scores_of_seeds(rows, ["x", "y"])
    assert scores["acc"].seeds == [1, 0, 1] and scores["acc"].value == pytest.approx(2 / 3)


def test_rows_are_added_and_never_trained_twice(data, quick, tmp_path, monkeypatch):
    first = call(data, tmp_path)
    assert first.exit_code == 0, first.output
    results = Results.read(tmp_path / "rows.json")
    assert [row.name for row in results.rows] == list(ROWS)
    assert results.rows[0].parameters == 1683 and results.rows[0].seconds_per_fold > 0
    assert {(row.clips, row.subjects) for row in results.rows} == {(12, 4)}
    pairs = {(pair.first, pair.second) for pair in results.comparisons}
    assert pairs == {pair for pair in real_motion.PAIRS if set(pair) <= set(ROWS)} and len(pairs) == 3
    assert len(results.comparisons) == 2 * len(pairs)
    monkeypatch.setattr(real_motion, "train", None)
    again = call(data, tmp_path)
    assert again.exit_code == 0
    assert again.stdout.count("\n") == 2 + 2 * len(ROWS) + 2 + 3 + len(results.comparisons)
    assert first.stdout.endswith(again.stdout)
    other = call(data, tmp_path, "--size", "32")
    assert other.exit_code == 1 and "was begun with size 28, not 32" in other.output
