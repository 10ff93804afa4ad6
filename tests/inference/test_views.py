"""What a source shows is compared with what the models read: by its manifest, its frame store and its colours."""

from dataclasses import replace
from shutil import copytree

import cv2
import numpy as np
import pytest
import torch

from atm_gcn import ATMGCNError
from atm_gcn.cli import main
from atm_gcn.config import DataConfig
from atm_gcn.data import Clip, FrameStore, write_manifest
from atm_gcn.explain import explain_recording
from atm_gcn.inference.ensemble import Ensemble
from atm_gcn.inference.sources.recording_clip import read_annotated, read_faces, read_recording
from atm_gcn.inference.sources.shown import check_views
from tests.runs import tiny_store, write_clip

CPU = torch.device("cpu")


@pytest.fixture
def of_frames(tiny_run):
    return Ensemble.open(tiny_run)


@pytest.fixture
def of_pictures(of_frames):
    """Models of pictures of optical flow, as far as reading goes."""
    of_frames.data = DataConfig(size=32, flow="pictures", view="flow")
    of_frames.input = "flow"
    return of_frames


@pytest.fixture
def frames(tmp_path):
    return write_clip(tmp_path / "frames", "left", seed=3)


@pytest.fixture
def flow(tmp_path):
    """A folder of pictures of optical flow: grey, then flow to the right in one corner."""
    folder = tmp_path / "flow"
    folder.mkdir()
    for number in range(3):
        picture = np.full((28, 28, 3), 128, np.uint8)
        picture[..., 2] = 128 if number == 0 else 0
        picture[:9, :9, 0] = 128 + 50 * number
        assert cv2.imwrite(str(folder / f"img{number}.png"), picture[..., ::-1])
    return folder


def row(source, view):
    return Clip("d", "p", "c", 0, None, 2, 30.0, label="down", source=str(source), view=view)


def test_a_manifest_of_flow_is_refused_by_models_of_frames(of_frames, flow):
    message = r"d/p/c: its view in the manifest is flow, .* and the models of .*run read frames; name a model of such"
    for refuse in (lambda clip: read_annotated(of_frames, clip), lambda clip: check_views(of_frames, [clip])):
        with pytest.raises(ATMGCNError, match=message):
            refuse(row(flow, "flow"))
    of_frames.input, of_frames.data = "both", of_frames.data.model_copy(update={"flow": "dis", "view": "both"})
    with pytest.raises(ATMGCNError, match=r"read frames and optical flow that is computed from them \(dis\)"):
        check_views(of_frames, [row(flow, "flow")])


def test_a_manifest_of_frames_is_refused_by_models_of_flow_pictures(of_pictures, frames, flow):
    message = r"its view in the manifest is frames, and the models of .*run read pictures of optical flow; name a model"
    for refuse in (lambda clip: read_annotated(of_pictures, clip), lambda clip: check_views(of_pictures, [clip])):
        with pytest.raises(ATMGCNError, match=message):
            refuse(row(frames, "frames"))
        refuse(row(flow, "frames"))  # a manifest without the column, prepared with data.flow=pictures
        refuse(row(flow, "flow"))
    check_views(of_pictures, [row(frames, "flow")])  # its manifest says so
    check_views(of_pictures, [replace(row(frames, "frames"), source="absent")])  # its prediction reports it


def test_a_folder_is_judged_by_its_colours(of_frames, frames, flow):
    assert "it looks like pictures of optical flow, and the models read frames" in warnings(of_frames, flow)
    assert not any("looks like" in text for text in warnings(of_frames, frames))


def test_a_folder_for_models_of_flow_pictures_is_judged_likewise(of_pictures, frames, flow, caplog):
    text = "it looks like ordinary frames, and the models read pictures of optical flow"
    assert text in warnings(of_pictures, frames) and text in caplog.text
    assert not any("looks like" in text for text in warnings(of_pictures, flow))


def warnings(ensemble, folder):
    return read_recording(ensemble, folder).warnings


def test_pictures_of_flow_show_no_face(of_pictures, flow):
    for key, value in {"face": "crop", "face_choice": 2, "face_detector": "haar"}.items():
        option = f"--{key.replace('_', '-')}"
        with pytest.raises(ATMGCNError, match=f"{option} {value} needs frames, .* show no face; leave it out"):
            read_recording(of_pictures, flow, {key: value})
    assert read_recording(of_pictures, flow, {"face": "none"}).config.face == "none"
    with pytest.raises(ATMGCNError, match=r"--face-choice all needs pictures of faces, .* show no face; leave it out"):
        next(read_faces(of_pictures, flow))


def test_a_store_of_the_other_kind_is_refused(of_frames, tmp_path):
    store = tiny_store(tmp_path, subjects=1, flow="pictures", view="flow", fps=30.0)
    with pytest.raises(ATMGCNError, match=r"holds pictures of optical flow, and the models of .* read frames; name"):
        of_frames.check_store(store)


def test_the_effective_size_of_flow_counts(of_frames, tiny_run):
    store = FrameStore.open(tiny_run.parent / "store")
    flow = {"size": 32, "fps": 30.0, "flow": "dis", "view": "flow"}
    of_frames.input, of_frames.data = "flow", DataConfig(**flow)
    store.config = DataConfig(**flow, flow_size=32)
    of_frames.check_store(store)
    store.config = DataConfig(**flow, flow_size=16)
    with pytest.raises(ATMGCNError, match=r"prepared with flow_size 16, the model was trained with 32"):
        of_frames.check_store(store)


def test_the_commands_say_it_once(tiny_run, flow, tmp_path, capsys):
    clips = [row(flow, "flow"), replace(row(copytree(flow, tmp_path / "second"), "flow"), name="c2")]
    table = tmp_path / "clips.csv"
    write_manifest(clips, table)
    assert main.run(["predict", str(table), "--model", str(tiny_run), "--device", "cpu"]) == 1
    out, err = capsys.readouterr()
    assert out == "" and err.count("its view in the manifest is flow") == 1
    with pytest.raises(ATMGCNError, match="its view in the manifest is flow"):
        explain_recording(tiny_run, str(flow), CPU, annotated=clips[0])
