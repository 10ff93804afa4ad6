"""Which model explains, and what a clip looks like to it."""

import shutil

import numpy as np
import pytest
import torch

from atm_gcn.data import FrameStore, MERDataset
from atm_gcn.errors import ATMGCNError
from atm_gcn.explain import explain_recording, explain_stored_clip
from atm_gcn.explain.model_choice import choose_model, find_clip_key
from atm_gcn.inference.ensemble import Ensemble

CPU = torch.device("cpu")


def test_a_clip_is_explained_by_the_fold_that_held_it_out(trained):
    choice = choose_model(trained, "tiny/s1/c2")
    assert choice.file.parent == trained / "folds" / "tiny__s1"
    assert choice.reason == "fold tiny__s1, which held this clip out"


def test_an_unknown_clip_is_explained_by_the_first_fold(trained):
    choice = choose_model(trained, "other/s1/c2")
    assert choice.file.parent == trained / "folds" / "tiny__s0"
    assert choice.reason == "fold tiny__s0, the first of 3; none held this clip out"


def test_a_fold_that_is_not_finished_held_nothing_out_yet(trained, tmp_path):
    shutil.copytree(trained, tmp_path / "run")
    (tmp_path / "run/folds/tiny__s0/fold.json").unlink()
    assert choose_model(tmp_path / "run", "tiny/s1/c2").file.parent.name == "tiny__s1"
    assert choose_model(tmp_path / "run", "tiny/s0/c2").reason.endswith("none held this clip out")


def test_a_model_that_is_named_is_taken(trained):
    fold = trained / "folds" / "tiny__s2"
    assert choose_model(fold, "tiny/s1/c2").file == fold
    assert choose_model(fold / "model.safetensors").reason == "the model that was named"


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
    assert find_clip_key(trained, source) == "tiny/s1/c1"
    explained = explain_recording(trained, source, CPU, apex=3, fps=30.0)
    assert explained.model == "fold tiny__s1, which held this clip out"
    assert np.array_equal(
        explained.frames, explain_stored_clip(trained, FrameStore.open(store), "tiny/s1/c1", CPU).frames
    )
    assert find_clip_key(trained, source + "x") is None
    assert find_clip_key(trained / "folds", source) is None


def test_times_follow_the_frames_that_were_kept(trained, store):
    source = FrameStore.open(store).clips[8].clip.source
    explained = explain_recording(trained, source, CPU, onset=1, offset=4, fps=50.0)
    assert explained.milliseconds.tolist() == pytest.approx([0, 20, 40, 60])


def test_an_unknown_clip_of_a_store(trained, store):
    with pytest.raises(ATMGCNError, match="has no clip 'x'; its first is 'tiny/s0/c0'"):
        explain_stored_clip(trained, FrameStore.open(store), "x", CPU)
