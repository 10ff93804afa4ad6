"""Flat keys of earlier versions, such as ``train.lr``, mean the same settings, and one line says what to write."""

import logging

import pytest

from atm_gcn import ATMGCNError
from atm_gcn.config import OptimConfig, RunConfig, TrainConfig
from atm_gcn.config.flat_keys import FLAT
from atm_gcn.config.messages import keys_of

OLD = """train:
  epochs: 3
  lr: 2e-3
  crop: 0.1
  protocol: kfold
  folds: 4
  max_frames: 40
  compile: false
"""
NEW = """train:
  optim: {epochs: 3, lr: 2e-3}
  augment: {crop: 0.1}
  protocol: {kind: kfold, folds: 4}
  compute: {frames_per_pass: 40, compile: false}
"""


def notes(caplog) -> list[str]:
    return [record.getMessage() for record in caplog.records]


LATER = {
    "train.optim.label_smoothing",
    "train.optim.average_epochs",
    "train.optim.adaptive_lr",
    "train.optim.auxiliary_weight",
    "train.optim.optimizer",
    "train.optim.lr_decay_epochs",
    "train.optim.lr_drops",
    "train.augment.rotate",
    "train.protocol.audit_peeking",
    "train.protocol.auxiliary",
    "train.protocol.init_from",
    "train.protocol.units",
    "train.protocol.least_unit_clips",
    "train.compute.save_models",
}
"""Settings that versions with flat keys did not have."""


def test_every_setting_that_versions_with_flat_keys_had_has_one():
    places = [f"train.{section}.{name}" for section, name in FLAT.values()]
    settings = {key for key in keys_of(RunConfig) if key.startswith("train.") and key.count(".") == 2}
    assert sorted(places) == sorted(settings - LATER)


def test_a_file_and_assignments_are_understood_with_one_note(tmp_path, caplog):
    for name, text in (("old", OLD), ("new", NEW)):
        (tmp_path / name).write_text(text)
    new = RunConfig.load(tmp_path / "new", overrides=["train.protocol.seed=5", "train.optim.lr=1"])
    assert notes(caplog) == []
    assert RunConfig.load(tmp_path / "old", overrides=["train.seed=5", "train.lr=1"]) == new
    (note,) = notes(caplog)
    assert "train.optim.lr instead of train.lr, " in note and "train.protocol.kind instead of train.protocol" in note
    assert RunConfig.load(tmp_path / "old", is_record=True).train.compute.frames_per_pass == 40
    assert len(notes(caplog)) == 1


def test_python_callers_may_give_them(caplog):
    caplog.set_level(logging.WARNING)
    config = RunConfig().merge({"train": {"lr": 0.5, "protocol": "kfold", "optim": {"epochs": 3}}})
    assert config.train == TrainConfig(lr=0.5, protocol="kfold", optim=OptimConfig(epochs=3))
    assert config == RunConfig.model_validate({"train": {"lr": 0.5, "protocol": "kfold", "optim": {"epochs": 3}}})
    config.train.optim = OptimConfig()
    assert (config.train.optim.lr, config.train.protocol.kind) == (1e-4, "kfold")
    assert len(notes(caplog)) == 3


def test_options_and_settings_keep_their_order(tmp_path):
    """What is given on the command line is over the file, whichever names the two use."""
    (tmp_path / "old").write_text(OLD)
    config = RunConfig.load(tmp_path / "old", overrides=["train.optim.lr=1", "train.protocol={kind: loso}"])
    assert (config.train.optim.lr, config.train.protocol.kind, config.train.protocol.folds) == (1, "loso", 4)
    assert RunConfig().override(["train.protocol=kfold", "train.protocol.folds=3"]).train.protocol.folds == 3


@pytest.mark.parametrize(
    "assignments",
    [["train.lr=1", "train.optim.lr=2"], ["train.optim.lr=2", "train.lr=1"], ["train={lr: 1, optim: {lr: 2}}"]],
)
def test_two_names_of_one_setting_must_agree(assignments):
    said = "train.optim.lr is 2, but train.lr, its earlier name, is 1; leave the earlier name out"
    with pytest.raises(ATMGCNError, match=f"^--set: {said}$"):
        RunConfig().override(assignments)
    assert RunConfig().override(["train.lr=2", "train.optim.lr=2"]).train.optim.lr == 2
    with pytest.raises(ATMGCNError, match=r"^my.yaml: train.optim.lr is 2, but train.lr"):
        RunConfig().merge({"train": {"lr": 1, "optim": {"lr": 2}}}, "my.yaml")


def test_wrong_values_are_named_by_the_setting():
    with pytest.raises(ATMGCNError, match=r"^--set: train.optim.lr must be greater than 0"):
        RunConfig().override(["train.lr=-1"])
    with pytest.raises(
        ATMGCNError, match=r"^--set: train.protocol.kind must be loso, kfold, cross, lodo or all, not 'lose'"
    ):
        RunConfig().override(["train.protocol=lose"])
    with pytest.raises(ATMGCNError, match=r"^x: train.optim must be a section with keys such as epochs, not 3$"):
        RunConfig().merge({"train": {"optim": 3, "lr": 1}}, "x")
