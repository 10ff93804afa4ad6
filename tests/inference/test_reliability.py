"""What a prediction is worth: the line that is printed with it, and the warnings."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch

from atm_gcn.checkpoint import load_checkpoint, save_checkpoint
from atm_gcn.config import DataConfig
from atm_gcn.data import FrameStore
from atm_gcn.inference.clip import predict_recording, predict_store
from atm_gcn.inference.ensemble import Ensemble
from atm_gcn.inference.output import to_table, to_text
from atm_gcn.inference.prediction import Prediction
from atm_gcn.inference.reliability import describe_reliability, input_warnings, lacks_face
from tests.runs import write_clip

CPU = torch.device("cpu")
WHOLE, CROPPED = DataConfig(), DataConfig(face="crop")


@pytest.fixture
def whole_run(tiny_run):
    return Ensemble.open(tiny_run)


def test_a_run_has_its_pooled_score_beside_chance(tiny_run, whole_run):
    found, metrics = describe_reliability(whole_run), json.loads((tiny_run / "metrics.json").read_text())
    score = found["score"]
    assert (score["num_clips"], score["num_subjects"]) == (9, 3)
    assert (score["uf1"], score["uar"]) == pytest.approx((metrics["uf1"], metrics["uar"]), abs=1e-6)
    assert score["chance"]["uar"] == pytest.approx(1 / 3, abs=1e-6)
    low, high = score["interval"]["uar"]
    assert low <= score["uar"] <= high
    assert found["text"].startswith(
        f"held-out score of the run: UF1 {metrics['uf1']:.2f} (chance {score['chance']['uf1']:.2f}), "
        f"UAR {metrics['uar']:.2f} (chance 0.33) over 9 clips of 3 subjects"
    )
    assert found["text"].endswith("; trained on tiny")
    better = all(score["interval"][key][0] > score["chance"][key] for key in ("uf1", "uar"))
    assert ("not distinguishable from chance" in found["text"]) is not better


def test_one_model_has_the_score_of_its_card(ensemble):
    card = describe_reliability(ensemble)
    assert card["text"].startswith("score of this model alone: UF1 ")
    assert "(chance 0.33) over 3 held-out clips" in card["text"]
    assert card["score"]["interval"] is None


def test_what_is_not_recorded_is_said(tiny_run, tmp_path):
    state, config, metadata = load_checkpoint(tiny_run / "folds/tiny__s0")
    save_checkpoint(tmp_path / "bare.safetensors", state, config, {"data": metadata["data"]})
    bare = Ensemble.open(tmp_path / "bare.safetensors")
    assert describe_reliability(bare)["text"] == (
        "the held-out score of this model is not recorded; training data not recorded"
    )
    assert input_warnings(bare, np.zeros((32, 32, 3), np.uint8), WHOLE) == []
    run = shutil.copytree(tiny_run, tmp_path / "run")
    (run / "metrics.json").unlink()
    assert describe_reliability(Ensemble.open(run))["text"].startswith("the run has no scores yet, or they were")


def test_a_card_of_an_earlier_version_has_no_pictures(tiny_run, tmp_path):
    state, config, metadata = load_checkpoint(tiny_run / "folds/tiny__s0")
    assert metadata["card"]["pictures"]["brightness"]["least"] > 0
    del metadata["card"]["pictures"]
    save_checkpoint(tmp_path / "earlier.safetensors", state, config, metadata)
    earlier = Ensemble.open(tmp_path / "earlier.safetensors")
    assert (earlier.card["data"]["datasets"], earlier.picture_ranges) == (["tiny"], None)


def test_warnings_name_what_is_unlike(whole_run, tiny_run):
    picture = FrameStore.open(tiny_run.parent / "store").read(0)[0]
    assert input_warnings(whole_run, picture, WHOLE, side=32, fps=30.0) == []
    found = input_warnings(whole_run, picture // 16, CROPPED, side=12, fps=15.0)
    assert found == [
        "the models were trained on whole pictures, and this input is pictures cropped to the face",
        "the picture is darker, has darker shadows and is less colourful than any training clip",
        "it has 12 pixels where the training pictures have 32: movements are lost",
        "it has 15 frames per second where the training clips have 30",
    ]
    whole_run.data = whole_run.data.model_copy(update={"face": "crop"})
    assert input_warnings(whole_run, None, WHOLE) == [
        "the models were trained on pictures cropped to the face, and this input is whole pictures"
    ]


def test_models_of_drawn_faces_say_so(whole_run):
    whole_run.card["data"]["datasets"] = ["synth"]
    assert describe_reliability(whole_run)["text"].endswith("; trained on drawn faces (synth)")
    face, unlike = input_warnings(whole_run, np.zeros((32, 32, 3), np.uint8), CROPPED)
    assert face.startswith("the models were trained on whole pictures of drawn faces, and")
    assert unlike.endswith("than any training clip; the models have seen drawn faces only")


def test_every_text_has_the_line(tiny_run, tmp_path, caplog):
    frames = write_clip(tmp_path / "frames", "left", seed=5, length=9)
    ensemble = Ensemble.open(tiny_run)
    result = predict_recording(ensemble, frames, CPU, fps=10.0)
    line = f"reliability: {result['reliability']['text']}"
    assert result["reliability"]["warnings"] == ["it has 10 frames per second where the training clips have 30"]
    assert f"{frames}: unlike the training clips: it has 10 frames per second" in caplog.text
    known = {key: result[key] for key in ("model", "num_models", "models", "reliability")}
    one = Prediction(source="a", status="nothing-found", **known)
    assert to_table([one]).splitlines()[-1] == line
    one = replace(one, mode="spotting", reason="so", seconds=1.0, num_frames=9)
    assert to_text(one).splitlines()[-1] == line


def test_a_picture_without_a_face_is_unlike_training_clips_that_show_one(whole_run, monkeypatch):
    pictures, searched = np.zeros((9, 32, 32, 3), np.uint8), []
    assert not lacks_face(whole_run, pictures, "none")  # too small for faces: the card says nothing of them
    whole_run.card["faces"] = {"searched": 24, "found": 24, "detector": "mtcnn"}
    assert lacks_face(whole_run, pictures, "none") and not lacks_face(whole_run, pictures, "crop")
    found = input_warnings(whole_run, None, WHOLE, lacks_face=True)
    assert found == ["no face is found in it, and the training clips show one"]
    monkeypatch.setattr("atm_gcn.media.faces.find_faces", lambda picture, *_: searched.append(picture) or ["face"])
    assert not lacks_face(whole_run, pictures, "none") and len(searched) == 1
    whole_run.card["faces"]["found"] = 12
    monkeypatch.undo()
    assert not lacks_face(whole_run, pictures, "none")


def test_every_setting_that_shapes_pictures_is_compared(whole_run):
    def found(trained, own):
        whole_run.data = DataConfig(**trained)
        warnings = input_warnings(whole_run, None, DataConfig(**own))
        return [warning.partition("trained with data.")[2].partition(", and this")[0] for warning in warnings]

    crop = {"face": "crop"}
    assert found(crop, crop | {"face_margin": 0.3}) == ["face_margin=0.1"]
    assert found(crop, crop | {"face_detector": "haar", "register": "affine"}) == [
        "face_detector=mtcnn",
        "register=none",
    ]
    assert found(crop | {"face_detector": "a.onnx"}, crop | {"face_detector": "b.onnx"}) == []
    assert found({"register": "affine"}, {"register": "affine", "register_limit": 0.3}) == ["register_limit=0.2"]
    assert found({"face_margin": 0.2, "face_detector": "haar"}, {"register_limit": 0.3}) == []  # without effect


def test_a_store_is_warned_of_by_every_setting(whole_run, tiny_run, caplog):
    whole_run.data = whole_run.data.model_copy(update={"face": "align", "register": "similarity"})
    one = predict_store(whole_run, tiny_run.parent / "store", CPU)[0]
    face, register = one.reliability["warnings"]
    assert face.endswith("aligned to the eyes, and this input is whole pictures")
    assert register.endswith("data.register=similarity, and this input was prepared with none")
    assert "data.register=similarity" in caplog.text
