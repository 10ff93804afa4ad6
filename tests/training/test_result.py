"""The result of a cross-validation is saved whole, compared with care, and never sees the labels of a test."""

import gc
import warnings

import pytest
import torch
from torch import nn
from torch_geometric.nn import global_mean_pool

from atm_gcn import ATMGCNError
from atm_gcn.training import Result, cross_validate
from tests.sequences import CLASSES, MeanClassifier, feature_clips, feature_config


class Cheat(nn.Module):
    """Returns the label wherever the batch has it."""

    def __init__(self, config):
        super().__init__()
        self.linear = nn.Linear(config.motion_channels, config.num_classes)

    def forward(self, batch):
        logits = self.linear(global_mean_pool(batch.x, batch.batch))
        return logits + (9 * nn.functional.one_hot(batch.y, logits.size(1)) if "y" in batch else 0)


class NoGradient(MeanClassifier):
    def forward(self, batch):
        return super().forward(batch).detach()


def validated(build_model=MeanClassifier, **options):
    clips = options.pop("clips", None) or feature_clips()
    return cross_validate(clips, build_model, config=feature_config(epochs=1), class_names=CLASSES, **options)


def test_a_model_that_is_tested_sees_no_label():
    assert validated(Cheat).scores["acc"] < 1


def test_saving_leaves_other_folders_alone(tmp_path):
    (tmp_path / "saved.partial").mkdir()
    (tmp_path / "saved.partial" / "thesis.tex").write_text("precious")
    saved = validated().save(tmp_path / "saved")
    assert (tmp_path / "saved.partial" / "thesis.tex").read_text() == "precious"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["saved", "saved.partial"]
    assert Result(saved).scores["num_clips"] == 9


def test_only_a_finished_run_is_saved(tmp_path):
    run = validated(out=tmp_path / "run")
    (tmp_path / "run" / "metrics.json").unlink()
    with pytest.raises(ATMGCNError, match="is not finished"):
        Result(run.folder).save(tmp_path / "saved")
    assert not (tmp_path / "saved").exists()


def test_different_data_are_compared_with_a_warning(caplog):
    other = feature_clips()
    for clip in other:
        clip.x = clip.x + 1
    one, same = validated(), validated()
    one.compare(same)
    assert "different data" not in caplog.text
    one.compare(validated(clips=other))
    assert "read different data; compare only the same clips" in caplog.text


def test_a_temporary_run_goes_with_its_result_in_silence():
    result = validated()
    folder = result.folder
    assert folder.exists()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        del result
        gc.collect()
    assert not folder.parent.exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"resume": True}, "needs the folder of the run to resume; name it with out="),
        ({"overrides": "train.optim.epochs=3"}, r"overrides must be a list, such as \['train.optim.epochs=3'\]"),
        ({"config": {"train": 1}}, "config must be a RunConfig or a YAML file, not a dict"),
        ({"class_names": [0, 1, 2]}, r"class_names must be texts, such as .*, not \[0, 1, 2\]"),
        ({"data": {"a": feature_clips()}}, "data must be a path, .* not a dict"),
        ({"build_model": nn.Linear(2, 2)}, "builds the model, not a Linear that is built"),
        ({"build_model": NoGradient}, "the logits of the model NoGradient have no gradient"),
        ({"build_model": lambda config: None}, "at the top level of a module, not .*<lambda>"),
    ],
)
def test_wrong_arguments_are_named(options, message):
    given = {"data": feature_clips(), "config": feature_config(epochs=1), "class_names": CLASSES} | options
    with pytest.raises(ATMGCNError, match=message):
        cross_validate(**given)


def test_labels_are_withheld_from_a_copy():
    from atm_gcn.building import without_labels

    clip = feature_clips()[0]
    hidden = without_labels(clip)
    assert "y" not in hidden and "y" in clip
    assert torch.equal(hidden.x, clip.x)
