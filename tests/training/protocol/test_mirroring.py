"""Mirroring of pictures of optical flow is told from that of faces."""

import logging

import cv2
import numpy as np
import pytest

from atm_gcn.cli.prepare import summary
from atm_gcn.config import DataConfig, RunConfig
from atm_gcn.data import prepare
from atm_gcn.errors import ATMGCNError
from atm_gcn.training.preflight import check_run, resolve
from atm_gcn.training.protocol.mirroring import check_mirroring
from tests.runs import SIZE, tiny_clips, tiny_config, tiny_store


@pytest.fixture(scope="module")
def flow_clips(tmp_path_factory):
    """Clips of two people whose frames are pictures of flow: a neutral onset, then u and v around the middle grey."""
    path = tmp_path_factory.mktemp("clips")
    clips, rng = tiny_clips(path, 2), np.random.default_rng(0)
    for clip in clips:
        for number in range(clip.offset + 1):
            picture = np.full((SIZE, SIZE, 3), (0, 128, 128), np.uint8)  # OpenCV writes BGR: strain, v, u
            if number:
                picture[8:24, 8:24, 1:] = rng.integers(60, 200, (16, 16, 2))
            assert cv2.imwrite(f"{clip.source}/img{number}.png", picture)
    return clips


def config_with(flip, view="frames") -> RunConfig:
    return tiny_config(flip=flip).merge({"data": {"view": view}})


def said(caplog) -> list[str]:
    return [record.getMessage() for record in caplog.records]


@pytest.mark.parametrize("made", [{}, {"flow": "pictures"}])
def test_pictures_of_flow_may_be_mirrored_so(flow_clips, tmp_path, made, caplog):
    store = prepare(flow_clips, tmp_path / "store", DataConfig(size=SIZE, **made))
    asked = config_with("flow", "flow" if made else "frames")
    check_run(resolve(asked, tiny_config(), store), store)
    assert not said(caplog)
    check_mirroring(config_with(True, asked.data.view), store)
    expected = [] if made else ["prepare them with --set data.flow=pictures, or set train.augment.flip=flow"]
    assert [line[-len(expected[0]) :] for line in said(caplog)] == expected


def test_frames_of_flow_whose_mirror_images_are_averaged_are_named(flow_clips, tmp_path, caplog):
    store = prepare(flow_clips, tmp_path / "store", DataConfig(size=SIZE))
    check_mirroring(tiny_config(flip=False).merge({"model": {"average_mirrored": True}}), store)
    assert len(said(caplog)) == 1 and "model.average_mirrored=true mirrors without negating u" in said(caplog)[0]


def test_frames_of_flow_that_would_be_centred_are_named(flow_clips, tmp_path, caplog, store):
    centred = tiny_config(flip=False).merge({"model": {"center_flow": True}})
    check_mirroring(centred, store)
    assert not said(caplog)
    check_mirroring(centred, prepare(flow_clips, tmp_path / "store", DataConfig(size=SIZE)))
    assert len(said(caplog)) == 1 and "which model.center_flow=true does not center" in said(caplog)[0]


@pytest.mark.parametrize(
    ("made", "why"),
    [
        ({"flow": "farneback", "flow_size": 16}, "was prepared with --flow farneback, which is computed from frames"),
        ({"register": "translation"}, "was prepared with --register translation, so that its frames show faces"),
    ],
)
def test_a_store_that_knows_its_frames_to_be_others_refuses(tmp_path, made, why):
    store = tiny_store(tmp_path, 2, **made)
    with pytest.raises(ATMGCNError, match=rf"train\.augment\.flip is flow, .* but .*store {why}.*; set .*flip=true$"):
        check_mirroring(config_with("flow"), store)
    for flip in (True, False):
        check_mirroring(config_with(flip), store)
    check_mirroring(config_with("flow", "flow"), store)


def test_frames_that_look_otherwise_are_named(store, caplog):
    caplog.set_level(logging.WARNING)
    check_mirroring(config_with(True), store)
    assert not said(caplog)
    check_mirroring(config_with("flow"), store)
    (line,) = said(caplog)
    assert "do not look like pictures of optical flow" in line


@pytest.mark.parametrize("key", ["train.augment.flip", "train.flip"])
def test_both_names_of_the_setting_take_it(key, tmp_path):
    assert RunConfig().override([f"{key}=flow"]).train.augment.flip == "flow"
    file = tmp_path / "config.yaml"
    file.write_text(RunConfig().override([f"{key}=flow"]).to_yaml())
    assert RunConfig.load(file).train.augment.flip == "flow"


def test_preparing_pictures_of_flow_as_frames_is_pointed_out(flow_clips, tmp_path, store):
    hint = "the frames look like pictures of optical flow; --set data.flow=pictures reads them as such"
    assert hint in summary(prepare(flow_clips, tmp_path / "flow", DataConfig(size=SIZE)))
    assert hint not in summary(prepare(flow_clips, tmp_path / "read", DataConfig(size=SIZE, flow="pictures")))
    assert hint not in summary(store)
