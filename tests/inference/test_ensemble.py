"""Predicting with one model or with those of all folds."""

import numpy as np
import pytest
import torch

from atm_gcn import ATMGCN
from atm_gcn.data import MERDataset
from atm_gcn.errors import ATMGCNError
from atm_gcn.inference.clip import predict_recording, predict_store
from atm_gcn.inference.ensemble import Ensemble, data_of
from atm_gcn.training.preflight import resolve
from atm_gcn.training.results.predictions import read_predictions
from atm_gcn.training.run import run_folds
from tests.runs import CLASSES, tiny_config, tiny_store

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def run(store, tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "run"
    run_folds(resolve(tiny_config(epochs=1), tiny_config(epochs=1), store), store, out)
    return out


def test_a_run_is_the_mean_of_its_folds(run, store):
    clips = MERDataset(store)
    folds = [Ensemble.open(folder).predict(clips, CPU) for folder in sorted((run / "folds").iterdir())]
    together = Ensemble.open(run)
    assert len(together.files) == 3
    torch.testing.assert_close(together.predict(clips, CPU), sum(folds) / 3)
    torch.testing.assert_close(together.predict(clips, CPU).sum(dim=1), torch.ones(9, dtype=torch.float64))


def test_a_file_or_a_folder_is_one_model(run):
    folder = run / "folds" / "tiny__s0"
    one, same = Ensemble.open(folder), Ensemble.open(folder / "model.safetensors")
    assert len(one.files) == len(same.files) == 1
    assert (one.class_names, one.data.size) == (list(CLASSES), 32)


def test_the_fold_model_predicts_what_the_run_recorded(run, store):
    model = ATMGCN.from_pretrained(run / "folds" / "tiny__s1")
    assert model.metadata["held_out"] == "tiny/s1"
    rows = [line.split(",") for line in (run / "folds/tiny__s1/predictions.csv").read_text().splitlines()[1:]]
    probabilities = Ensemble.open(run / "folds" / "tiny__s1").predict(MERDataset(store, subjects=["tiny/s1"]), CPU)
    np.testing.assert_allclose(probabilities.numpy(), [[float(p) for p in row[4:]] for row in rows], atol=2e-6)


def test_a_clip_of_frames_is_the_clip_of_the_store(run, store):
    ensemble, dataset = Ensemble.open(run), MERDataset(store)
    clip = data_of(store.read(4), store.clips[4].apex_position, store.positions(4))
    assert torch.equal(clip.frames, dataset[4].frames)
    assert torch.equal(clip.pos, dataset[4].pos)
    assert torch.equal(clip.global_index, dataset[4].global_index)
    torch.testing.assert_close(ensemble.predict([clip], CPU), ensemble.predict([dataset[4]], CPU))


def test_a_recording_says_what_was_chosen(run, store):
    result = predict_recording(Ensemble.open(run), store.clips[1].clip.source, CPU)
    assert result["models"]["reason"] == "fold tiny/s0, which held this clip out"
    assert list(result["probabilities"]) == list(CLASSES)
    assert sum(result["probabilities"].values()) == pytest.approx(1)
    assert result["onset"] == {"frame": 0, "seconds": 0.0, "chosen": "first frame"}
    assert result["apex"] == {"frame": 3, "seconds": pytest.approx(0.1), "chosen": "max-motion"}
    assert result["num_models"] == 1
    chosen = predict_recording(Ensemble.open(run), store.clips[1].clip.source, CPU, {"apex": "middle"}, onset=1)
    assert (chosen["onset"]["frame"], chosen["apex"]["chosen"]) == (1, "middle")


def test_a_store_is_predicted_as_the_run_recorded(run, store, caplog):
    results = predict_store(Ensemble.open(run), store.path, CPU)
    recorded = {row.clip: row for row in read_predictions(run / "predictions.csv")}
    assert [one.clip for one in results] == [stored.clip.key for stored in store.clips]
    for one in results:
        assert one.predicted == recorded[one.clip].predicted
        np.testing.assert_allclose(list(one.probabilities.values()), recorded[one.clip].probabilities, atol=2e-6)
        assert one.models["held_out"] == "this clip"
    assert "trained on" not in caplog.text


def test_a_store_of_other_clips_is_refused(run, store, tmp_path):
    ensemble = Ensemble.open(run)
    with pytest.raises(ATMGCNError, match=r"was prepared with size 16, the model was trained with 32"):
        ensemble.check_store(tiny_store(tmp_path, subjects=1, size=16))
    ensemble.class_names = ["no", "yes"]
    with pytest.raises(ATMGCNError, match=r"has 3 classes \(down, left, still\), the model has 2 \(no, yes\)"):
        ensemble.check_store(store)


def test_no_model_is_said(tmp_path):
    with pytest.raises(ATMGCNError, match=r"holds no model\.safetensors"):
        Ensemble.open(tmp_path)
    with pytest.raises(ATMGCNError, match="there is no such file"):
        Ensemble.open(tmp_path / "absent")
