"""Recordings are read by face, registration and optical flow as the training clips were, and every face is a result."""

import json

import numpy as np
import pytest
import torch

from atm_gcn import ATMGCNError, predict_video
from atm_gcn.data import FrameStore
from atm_gcn.data.unannotated import clip_from_source
from atm_gcn.inference.batch import PredictOptions, predict_many
from atm_gcn.inference.clip import predict_store
from atm_gcn.inference.ensemble import Ensemble
from atm_gcn.inference.output import to_text
from atm_gcn.inference.sources import Source, expand
from tests.data.recordings import write_folder
from tests.inference.test_prediction import check
from tests.media.faces.scenes import scene

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def ensemble(face_run):
    return Ensemble.open(face_run)


@pytest.fixture(scope="module")
def store(face_run):
    return FrameStore.open(face_run.parent / "store")


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """A recording of two people, of whom the left one, at the back, drifts."""
    folder = tmp_path_factory.mktemp("pair")
    return write_folder(folder, range(12), image=lambda number: scene({0: (90 + number / 4, 75), 1: (290, 75)}))


def test_a_stored_clip_and_the_clip_of_its_recording_are_equal(ensemble, store):
    for index, stored in enumerate(store.clips[:2]):
        clip = stored.clip
        pictures, _ = clip_from_source(clip.source, store.config, clip.onset, clip.apex, clip.offset, clip.fps)
        assert np.array_equal(pictures.frames, store.read(index))
        assert np.array_equal(pictures.flow, store.flow(index)) and pictures.flow.any()


def test_a_clip_of_the_store_is_recognised_and_predicted_alike(ensemble, store):
    stored = predict_store(ensemble, store.path, CPU)
    outcomes = predict_many(ensemble, expand([str(store.path.parent / "clips")]), CPU, PredictOptions())
    recordings = [outcome.predictions[0] for outcome in outcomes]
    assert [one.models["held_out"] for one in recordings] == ["this clip"] * len(store)
    for one, other in zip(stored, recordings, strict=True):
        assert one.clip == other.clip
        assert list(one.probabilities.values()) == pytest.approx(list(other.probabilities.values()), abs=1e-6)


def test_the_record_names_face_and_registration(face_run, store):
    found = check(predict_video(store.clips[0].clip.source, face_run, fps=60, device="cpu"))
    face, registration = found["face"], found["registration"]
    assert (face["detector"], face["choice"], face["number"], face["count"]) == ("mtcnn", "largest", 1, 1)
    assert face["aligned"] and len(face["points"]) == 5 and 0.5 < face["confidence"] <= 1
    assert 40 < face["side"] < 112 and found["face_number"] is None
    assert registration["kind"] == "similarity"
    assert (registration["displacement"] is None) == (registration["reason"] is not None)


def test_whom_to_read_is_asked_if_several_are_shown(face_run, pair, caplog):
    found = predict_video(pair, face_run, device="cpu")
    assert "shows 2 faces in frame 0, of which the largest is used; choose one with --face-choice" in caplog.text
    assert any(note.startswith("shows 2 faces in frame 0") for note in found["notes"])
    assert found["warned"] == found["notes"]  # and are not printed again
    caplog.clear()
    left = predict_video(pair, face_run, face_choice="left", device="cpu")
    assert "shows 2 faces" not in caplog.text and (left["face"]["number"], left["face"]["count"]) == (1, 2)
    assert left["face"]["x"] < 100 and left["face"]["choice"] == "left"


def test_every_face_is_a_result(ensemble, pair):
    options = PredictOptions(every_face=True)
    (outcome,) = predict_many(ensemble, [Source("recording", str(pair))], CPU, options)
    results = [check(one.to_dict()) for one in outcome.predictions]
    assert [one["face_number"] for one in results] == [1, 2] == [one["face"]["number"] for one in results]
    assert results[0]["face"]["x"] < 200 < results[1]["face"]["x"]
    assert results[0]["probabilities"] != results[1]["probabilities"]
    assert [line.split()[1] for line in to_text(outcome.predictions).splitlines()[:3]] == ["face", "1", "2"]


def test_a_face_that_leaves_its_place_is_warned_of_once(ensemble, tmp_path, caplog):
    leaving = write_folder(tmp_path / "leaving", range(8), image=lambda n: scene({0: (90 + 12 * n, 75)}))
    (outcome,) = predict_many(ensemble, [Source("recording", str(leaving))], CPU, PredictOptions())
    (one,) = outcome.predictions
    assert (
        "leaving: shows the face away from its place by frame 7, or not at all; use --face-choice track" in caplog.text
    )
    assert "leaving: stays unregistered: frame " in caplog.text and len(one.warned) == 2
    assert not any(note in to_text(one) for note in one.warned) and "not registered" not in to_text(one)


def test_what_needs_a_face_is_refused_on_whole_pictures(tiny_run, pair):
    with pytest.raises(ATMGCNError, match=r"--face-choice 2 needs pictures of a face, and .* add --face crop"):
        predict_video(pair, tiny_run, face_choice=2)
    with pytest.raises(ATMGCNError, match="--face-detector haar needs pictures of a face"):
        Ensemble.open(tiny_run).read_settings({"face_detector": "haar"})
    (outcome,) = predict_many(
        Ensemble.open(tiny_run), [Source("recording", str(pair))], CPU, PredictOptions(every_face=True)
    )
    assert "--face-choice all needs pictures of faces" in str(outcome.error)
    found = predict_video(pair, tiny_run, face="crop", face_choice="right", face_detector="haar", device="cpu")
    assert (found["face"]["detector"], found["face"]["aligned"]) == ("haar", False) and found["face"]["x"] > 200


def test_models_of_flow_pictures_refuse_videos(face_run, pair, long_video):
    ensemble = Ensemble.open(face_run)
    ensemble.data = ensemble.data.model_copy(update={"flow": "pictures", "face": "none", "register": "none"})
    for path, spot in ((long_video[0], False), (pair, True)):
        (outcome,) = predict_many(ensemble, [Source("recording", str(path))], CPU, PredictOptions(spot=spot))
        assert "read pictures of optical flow" in str(outcome.error)


def test_the_command_takes_the_same(face_run, pair, capsys):
    from atm_gcn.cli import main

    base = ["predict", str(pair), "--model", str(face_run), "--device", "cpu", "--json"]
    assert main.run([*base, "--face-choice", "all"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["face_number"] for line in lines] == [1, 2]
    assert main.run([*base, "--face-choice", "2", "--face", "crop", "--face-detector", "haar"]) == 0
    assert json.loads(capsys.readouterr().out)["face"]["number"] == 2
    assert main.run([*base, "--face-choice", "middle"]) == 2
    assert "--face-choice must be largest, left, right, centre, track, all, or the number" in capsys.readouterr().err
