"""A run on features predicts files of features, and manifests of these."""

import json

import numpy as np
import pytest
import torch

from atm_gcn import ATMGCNError
from atm_gcn.cli.main import run
from atm_gcn.inference.ensemble import Ensemble
from atm_gcn.inference.features import predict_features
from atm_gcn.inference.sources import Source
from atm_gcn.training import cross_validate
from tests.data.sequences.feature_files import write_features
from tests.sequences import WIDTH, feature_config

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Features in features.csv, and the run on them in run/."""
    path = tmp_path_factory.mktemp("features")
    cross_validate(write_features(path, ".npy"), config=feature_config(epochs=2), out=path / "run")
    return path


@pytest.fixture(scope="module")
def ensemble(folder):
    return Ensemble.open(folder / "run")


def test_clips_of_the_run_are_predicted_by_the_models_that_held_them_out(folder, capsys):
    assert run(["predict", str(folder / "features.csv"), "--model", str(folder / "run"), "--json"]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    held_out = (folder / "run/predictions.csv").read_text().splitlines()[1:]
    assert len(found) == len(held_out) == 9
    for one, row in zip(found, held_out, strict=True):
        assert one["clip"] in row and one["models"]["count"] == 1
        assert all(f"{p:.6f}" in row for p in one["probabilities"].values())


def test_a_file_is_one_clip(folder, ensemble, tmp_path):
    rows = np.load(folder / "s0-c0.npy")
    np.save(tmp_path / "new.npy", rows + 0.01)
    one = predict_features(ensemble, Source("recording", str(tmp_path / "new.npy")), CPU, {})
    assert (one.onset.frame, one.offset.frame, one.num_frames, one.num_models) == (0, len(rows) - 1, len(rows), 3)
    assert one.apex.frame == one.apex_position == 1 + np.linalg.norm(rows[1:] + 0.01, axis=1).argmax()
    assert (one.onset.chosen, one.apex.chosen, one.offset.chosen) == ("first row", "largest norm", "last row")
    given = predict_features(ensemble, Source("recording", str(tmp_path / "new.npy")), CPU, {"onset": 1, "apex": 3})
    assert (given.onset.chosen, given.apex.frame, given.apex_position) == ("given", 3, 2)


def test_a_copy_of_a_clip_is_recognised(folder, ensemble, tmp_path):
    (tmp_path / "copy.npy").write_bytes((folder / "s0-c0.npy").read_bytes())
    one = predict_features(ensemble, Source("recording", str(tmp_path / "copy.npy")), CPU, {})
    assert one.num_models == 1 and one.models["held_out"]


def test_what_does_not_fit(ensemble, tmp_path):
    np.save(tmp_path / "wide.npy", np.eye(WIDTH + 1))
    with pytest.raises(ATMGCNError, match=r"wide\.npy: has 7 features per row, and the models of .*run read 6; write"):
        predict_features(ensemble, Source("recording", str(tmp_path / "wide.npy")), CPU, {})
    with pytest.raises(ATMGCNError, match=r"wide\.npy, clip .*: has no row of its offset, 9; its 7 rows are 0 to 6"):
        predict_features(ensemble, Source("recording", str(tmp_path / "wide.npy")), CPU, {"offset": 9})


@pytest.mark.parametrize(("rule", "chosen"), [("none", None), ("first", 1)])
def test_the_apex_follows_the_rule_of_the_training(tmp_path, rule, chosen):
    manifest = write_features(tmp_path, ".npy", apex=None)
    run = cross_validate(manifest, config=feature_config(epochs=1), apex=rule, out=tmp_path / "run")
    source = Source("recording", str(tmp_path / "s0-c0.npy"))
    one = predict_features(Ensemble.open(tmp_path / "run"), source, CPU, {})
    assert one.apex_position == chosen
    recorded = next(row for row in run.rows if row.clip.endswith("s0/c0"))
    assert list(one.probabilities.values()) == pytest.approx(recorded.probabilities, abs=1e-5)
