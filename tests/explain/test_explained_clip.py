"""Which model explains, and what a clip looks like to it."""

import numpy as np
import pytest
import torch

from atm_gcn import predict_video
from atm_gcn.data import FrameStore, MERDataset
from atm_gcn.errors import ATMGCNError
from atm_gcn.explain import explain_recording, explain_stored_clip
from atm_gcn.inference.clip import predict_recording
from atm_gcn.inference.ensemble import Ensemble
from tests.data.recordings import picture, write_folder
from tests.runs import write_clip

CPU = torch.device("cpu")


def test_the_mean_is_shown_and_the_model_nearest_to_it_is_explained(trained, tmp_path):
    frames = write_clip(tmp_path / "unknown", "left", seed=99)
    explained = explain_recording(trained, frames, CPU)
    result = predict_recording(Ensemble.open(trained), frames, CPU)
    assert explained.predicted == result["predicted"]
    assert explained.probabilities.tolist() == list(result["probabilities"].values())
    assert explained.model == "mean of the 3 fold models; no clip of the run has this content"
    of_one = explained.explanation.probabilities[0].numpy()
    assert not np.array_equal(of_one, explained.probabilities)
    folder = trained / "folds" / explained.explained_model.removeprefix("fold ").replace("/", "__")
    named = predict_recording(Ensemble.open(folder), frames, CPU)
    assert np.allclose(of_one, list(named["probabilities"].values()), atol=1e-6)
    others = [predict_recording(Ensemble.open(one), frames, CPU) for one in sorted((trained / "folds").iterdir())]
    away = {
        one["model"]: np.abs(np.array(list(one["probabilities"].values())) - explained.probabilities).sum()
        for one in others
        if one["predicted"] == result["predicted"]
    }
    assert not away or min(away, key=away.__getitem__) == str(folder)


def test_a_stored_clip(trained, store):
    explained = explain_stored_clip(trained, FrameStore.open(store), "tiny/s2/c1", CPU)
    assert (explained.label, explained.apex, len(explained.frames)) == ("left", 3, 6)
    assert np.allclose(explained.milliseconds, np.arange(6) / 30 * 1000)
    dataset = MERDataset(store, window=2)
    alone = Ensemble.open(trained / "folds" / "tiny__s2").predict([dataset[7]], CPU)
    assert dataset[7].clip == "tiny/s2/c1"
    assert np.allclose(explained.probabilities, alone[0], atol=1e-6)


def test_the_recording_of_a_stored_clip_is_recognised(trained, store):
    source = FrameStore.open(store).clips[4].clip.source
    explained = explain_recording(trained, source, CPU, apex=3, fps=30.0)
    assert explained.model == "fold tiny/s1, which held this clip out"
    assert np.array_equal(
        explained.frames, explain_stored_clip(trained, FrameStore.open(store), "tiny/s1/c1", CPU).frames
    )


def test_the_strongest_movement_of_a_long_recording_is_explained(tiny_run, long_video):
    path, _ = long_video
    explained = explain_recording(tiny_run, path, CPU)
    predicted = predict_video(path, tiny_run, stride=0, device="cpu")
    onset, offset = predicted["onset"], predicted["offset"]
    assert explained.name == f"{path}, {onset['seconds']:.2f} to {offset['seconds']:.2f} s"
    assert f", frames {onset['frame']} to {offset['frame']}" in explained.movement
    assert explained.predicted == predicted["predicted"]
    assert np.allclose(explained.probabilities, list(predicted["probabilities"].values()), atol=1e-6)
    assert explained.milliseconds[0] == 0
    assert explained.milliseconds[-1] / 1000 == pytest.approx(offset["seconds"] - onset["seconds"], abs=1e-3)
    apex = predicted["apex"]["seconds"] - onset["seconds"]
    assert explained.milliseconds[explained.apex] / 1000 == pytest.approx(apex, abs=1e-3)
    assert len(explained.frames) == len(explained.milliseconds)
    as_one = explain_recording(tiny_run, path, CPU, spotting=False)
    assert (as_one.movement, len(as_one.frames)) == ("", 40)  # max_frames


def test_no_movement_to_explain_is_an_error(trained, tmp_path):
    still = write_clip(tmp_path / "still", "still", seed=1, length=40)
    with pytest.raises(ATMGCNError, match=r"no brief movement was found to explain: .*; select one with --onset and"):
        explain_recording(trained, still, CPU, spotting=True, fps=30.0)


def test_without_movement_the_warnings_are_those_of_predict(trained, tmp_path, caplog):
    still = write_folder(tmp_path / "still", range(40), lambda number: picture(1, 64, 64))
    predict_video(still, trained, spot=True, fps=30.0, device="cpu")
    warned = [record.getMessage() for record in caplog.records if "unlike the training clips" in record.getMessage()]
    caplog.clear()
    with pytest.raises(ATMGCNError, match="no brief movement was found"):
        explain_recording(trained, still, CPU, spotting=True, fps=30.0)
    assert warned and [record.getMessage() for record in caplog.records if record.getMessage() in warned] == warned


def test_times_follow_the_frames_that_were_kept(trained, store):
    source = FrameStore.open(store).clips[8].clip.source
    explained = explain_recording(trained, source, CPU, onset=1, offset=4, fps=50.0)
    assert explained.milliseconds.tolist() == pytest.approx([0, 20, 40, 60])


def test_an_unknown_clip_of_a_store(trained, store):
    with pytest.raises(ATMGCNError, match="has no clip 'x'; its first is 'tiny/s0/c0'"):
        explain_stored_clip(trained, FrameStore.open(store), "x", CPU)
