"""Peers are trained, resumed, predicted with and described as the library's own model is."""

import numpy as np
import pytest
import torch

from atm_gcn import predict_video
from atm_gcn.building import load_model
from atm_gcn.checkpoint import save_checkpoint
from atm_gcn.config import RunConfig
from atm_gcn.data import FrameStore, MERDataset, from_dataset
from atm_gcn.errors import ATMGCNError, Interrupted
from atm_gcn.inference.ensemble import Ensemble
from atm_gcn.inference.model_info import describe_model
from atm_gcn.peers import build_peer
from atm_gcn.report.content import gather
from atm_gcn.training import cross_validate
from atm_gcn.training.comparison.models import epochs_of
from atm_gcn.training.comparison.peeking.audit import audit
from atm_gcn.training.loop.clips import dataset_of
from atm_gcn.training.loop.fold import train_fold
from atm_gcn.training.loop.trainer import Trainer
from atm_gcn.training.preflight import check_devices, check_run, dry_run
from atm_gcn.training.results.run_results import RunResults
from atm_gcn.training.run import run_folds
from atm_gcn.training.settings import requested, resolve
from tests.runs import tiny_config, tiny_store
from tests.sequences import feature_clips

SMALL = ("majority", "ststnet", "off-apexnet", "resnet-apex", "lstm")
"""Peers that train in a blink on tiny clips; the others differ in their network alone."""


class StoreOfPictures(FrameStore):
    """A store whose frames are taken for pictures of optical flow."""

    @property
    def config(self):
        return FrameStore.config.func(self).model_copy(update={"flow": "pictures"})


@pytest.fixture(scope="module")
def flow_store(tmp_path_factory):
    return tiny_store(tmp_path_factory.mktemp("flow"), subjects=2, flow="farneback", flow_size=16)


def config_of(store, model, *overrides, budget="equal"):
    base = tiny_config().merge({"data": store.config.model_dump()})
    return resolve(*requested(base, None, overrides, model, budget), store, overrides)


@pytest.fixture(scope="module", params=SMALL)
def run(request, flow_store, tmp_path_factory):
    config, folder = config_of(flow_store, request.param), tmp_path_factory.mktemp("run") / "run"
    check_run(config, flow_store)
    run_folds(config, flow_store, folder)
    return request.param, folder


def test_a_run_has_scores_models_and_a_description(run, flow_store):
    name, folder = run
    results = RunResults(folder)
    assert results.metrics["num_clips"] == 6
    loaded = load_model(results.folds[0].model())
    assert loaded.config.name == name and not loaded.model.training
    described = describe_model(folder)
    assert described["title"] and described["preset"] is None
    assert gather(results)["mistakes"] is not None
    pictures = [caption for mistake in gather(results, flow_store.path)["mistakes"] for caption, _ in mistake.pictures]
    assert not pictures or pictures[0] == "onset"


def test_stored_clips_are_predicted_as_the_folds_predicted_them(run, flow_store):
    results = RunResults(run[1])
    for fold in results.folds:
        rows = {row.clip: row.probabilities for row in fold.predictions()}
        ensemble = Ensemble.open(fold.folder)
        places = [i for i, stored in enumerate(flow_store.clips) if stored.clip.key in rows]
        data = dataset_of(results.folder.config, flow_store)
        found = ensemble.predict([data[place] for place in places], torch.device("cpu"))
        expected = [rows[flow_store.clips[place].clip.key] for place in places]
        np.testing.assert_allclose(found.numpy(), expected, atol=1e-6)


def test_a_recording_is_predicted_as_its_stored_clip(run, flow_store):
    folder, stored = run[1], flow_store.clips[1]
    found = predict_video(stored.clip.source, folder, fps=30.0, apex=3)
    rows = {row.clip: row.probabilities for row in RunResults(folder).predictions}
    np.testing.assert_allclose(list(found["probabilities"].values()), rows[stored.clip.key], atol=1e-6)


def test_a_recording_without_depth_is_no_input_of_a_model_that_reads_depth(flow_store, tmp_path):
    config = RunConfig().override(["model.name=resnet-rgbd", "model.num_classes=3"]).model
    state = build_peer("resnet-rgbd", 3).state_dict()
    save_checkpoint(tmp_path / "model.safetensors", state, config, {"data": flow_store.config.model_dump(mode="json")})
    ensemble = Ensemble.open(tmp_path / "model.safetensors")
    with pytest.raises(ATMGCNError, match=r"read depth images, and .* is a recording without them; name a frame store"):
        ensemble.for_source(flow_store.clips[0].clip.source)


def test_a_dry_run_takes_a_step_or_fits(flow_store):
    for name in ("ststnet", "majority"):
        step = dry_run(config_of(flow_store, name), flow_store)
        assert step["loss"] > 0 and step["batch_clips"] == 3


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
def test_an_interrupted_run_goes_on_to_equal_bytes(flow_store, tmp_path, monkeypatch, optimizer):
    settings = [
        f"train.optim.optimizer={optimizer}",
        "train.optim.lr_drops=[3]",
        "train.optim.lr_decay_epochs=1",
        "train.optim.epochs=4",
        "train.compute.save_every=1",
        "train.protocol.audit_peeking=true",
    ]
    config = config_of(flow_store, "ststnet", *settings)
    run_folds(config, flow_store, tmp_path / "whole")
    train, steps = Trainer._train, []

    def interrupted(trainer, batches):
        steps.append(1)
        if len(steps) == 3:
            raise Interrupted
        train(trainer, batches)

    monkeypatch.setattr(Trainer, "_train", interrupted)
    with pytest.raises(Interrupted):
        run_folds(config, flow_store, tmp_path / "cut")
    run_folds(config, flow_store, tmp_path / "cut", resume=True)
    for file in ("predictions.csv", "metrics.json", "folds/tiny__s0/model.safetensors", "folds/tiny__s1/fold.json"):
        assert (tmp_path / "whole" / file).read_bytes() == (tmp_path / "cut" / file).read_bytes(), file


def test_the_audit_logs_every_epoch_and_changes_nothing(flow_store, tmp_path):
    for name, audits in (("with", "true"), ("without", "false")):
        config = config_of(flow_store, "ststnet", f"train.protocol.audit_peeking={audits}", "train.optim.epochs=3")
        run_folds(config, flow_store, tmp_path / name)
    audited, plain = (RunResults(tmp_path / name) for name in ("with", "without"))
    assert audited.predictions == plain.predictions
    for fold, other in zip(audited.folds, plain.folds, strict=True):
        names = audited.folder.config.model.names
        held_out = [record.pop("held_out") for record in fold.log()]
        assert len(held_out) == 3 and held_out[-1] == [names.index(row.predicted) for row in fold.predictions()]
        assert all("held_out" not in record for record in other.log())


@pytest.mark.parametrize("chooser", ["train.protocol.validation_subjects=1", "train.optim.average_epochs=2"])
def test_the_honest_reading_is_what_the_run_reports(store, tmp_path, chooser):
    settings = [chooser, "train.protocol.audit_peeking=true", "train.optim.epochs=3"]
    metrics = run_folds(config_of(store, "lstm", *settings), store, tmp_path / "run")
    found = audit(epochs_of(RunResults(tmp_path / "run")), 3)
    assert found.honest["uf1"] == pytest.approx(metrics["uf1"], abs=1e-6)
    assert found.best_epoch_of_all["uf1"] >= found.honest["uf1"]


def test_a_step_of_all_clips_has_one_order_however_it_is_read(flow_store):
    """Dropout is drawn by the place of a clip in the batch, so that another order would give another result."""
    first, second = (
        train_fold(config_of(flow_store, "resnet-apex", "train.optim.batch_size=99", *more), flow_store, "tiny/s0")
        for more in ((), ("train.compute.num_workers=1",))
    )
    assert torch.equal(first.probabilities, second.probabilities)


def test_tensorboard_gets_the_numbers_of_an_audit(flow_store, tmp_path):
    pytest.importorskip("tensorboard")
    settings = ["train.protocol.audit_peeking=true", "train.compute.tensorboard=true"]
    run_folds(config_of(flow_store, "ststnet", *settings), flow_store, tmp_path / "run")
    assert list((tmp_path / "run").rglob("events.out.tfevents*"))


def test_several_devices_are_refused_where_statistics_are_of_all_clips(flow_store):
    with pytest.raises(ATMGCNError, match=r"train.compute.devices \(--devices\) must be 1 for bdcnn, .*, not 2"):
        check_devices(config_of(flow_store, "bdcnn").model, 2)


def test_several_seeds_and_other_protocols(flow_store, tmp_path):
    config = config_of(flow_store, "ststnet", "train.protocol.seeds=2", "train.protocol.kind=kfold")
    config = config.merge({"train": {"protocol": {"folds": 2}}})
    metrics = run_folds(config, flow_store, tmp_path / "run")
    assert len(metrics["seeds"]) == 2
    result = cross_validate(flow_store, model="majority", preset="demo")
    assert result.scores["uf1"] == result.scores["largest_class"]["uf1"]


def test_the_training_of_the_authors_applies_unless_settings_say_otherwise(flow_store):
    authors = config_of(flow_store, "ststnet", budget="authors").train
    assert (authors.optim.epochs, authors.optim.batch_size, authors.optim.lr) == (800, 256, 5e-5)
    assert authors.optim.weight_decay == 0 and not authors.augment.flip
    fewer = config_of(flow_store, "ststnet", "train.optim.epochs=7", budget="authors").train
    assert (fewer.optim.epochs, fewer.optim.lr) == (7, 5e-5)
    equal = config_of(flow_store, "ststnet", budget="equal").train
    assert equal == config_of(flow_store, "atm-gcn").train
    named = config_of(flow_store, None, "model.name=ststnet", budget="authors")
    assert named.train.optim.epochs == 800
    assert config_of(flow_store, "resnet-apex", budget="authors").train == equal


def test_a_peer_reads_what_its_network_reads(flow_store):
    assert config_of(flow_store, "ststnet").data.view == "flow"
    assert config_of(flow_store, "resnet-apex").data.view == "frames"
    clip = dataset_of(config_of(flow_store, "ststnet"), flow_store)[0]
    assert clip.num_nodes == 1 and "frames" not in clip and clip.flow.shape == (1, 3, 16, 16)
    whole = MERDataset(flow_store, view="flow")[0]
    assert torch.equal(clip.flow[0], whole.flow[whole.global_index.item()])


def test_clips_that_lack_what_a_peer_reads_are_refused(store):
    pictures, features = StoreOfPictures.open(store.path), from_dataset(feature_clips())
    for clips, model, said in (
        (store, "ststnet", "the model ststnet reads optical flow, and .* has none; prepare it with --flow dis"),
        (pictures, "mmnet", "the model mmnet reads frames, and .* holds pictures of optical flow"),
        (features, "resnet-apex", "the model resnet-apex reads frames, and .* holds features"),
    ):
        with pytest.raises(ATMGCNError, match=said):
            resolve(*requested(RunConfig(), None, (), model), clips)


def test_a_view_that_the_peer_does_not_read_is_refused(flow_store):
    with pytest.raises(ATMGCNError, match=r"data.view is frames, but the model ststnet reads flow; leave the setting"):
        config_of(flow_store, "ststnet", "data.view=frames")
    with pytest.raises(ATMGCNError, match=r"model resnet-rgbd reads depth, and .* has none; prepare recordings"):
        config_of(flow_store, "resnet-rgbd")


def test_two_models_are_not_named_at_once(store):
    with pytest.raises(ATMGCNError, match=r"--model is ststnet, but model.name is htnet; leave one of the two out"):
        requested(RunConfig(), None, ["model.name=htnet"], "ststnet")


def test_models_need_not_be_kept(flow_store, tmp_path):
    config = config_of(flow_store, "ststnet", "train.compute.save_models=false")
    metrics = run_folds(config, flow_store, tmp_path / "run")
    assert run_folds(config, flow_store, tmp_path / "run", resume=True) == metrics
    assert not list((tmp_path / "run").rglob("*.safetensors"))
    assert RunResults(tmp_path / "run").metrics["num_clips"] == 6
    with pytest.raises(ATMGCNError, match=r"has no model, for the run was begun with train.compute.save_models=false"):
        Ensemble.open(tmp_path / "run")
