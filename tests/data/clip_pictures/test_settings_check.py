"""Settings that cannot be met are refused before anything is written."""

import sys

import pytest

from atm_gcn.config import DataConfig
from atm_gcn.data import prepare
from atm_gcn.data.store import preparation
from atm_gcn.data.unannotated import clip_from_source
from atm_gcn.errors import ATMGCNError
from tests.data.recordings import three_clips

REFUSED = [
    (
        {"face": "align", "face_detector": "haar"},
        "--face align needs landmarks, which --face-detector haar does not find",
    ),
    ({"register": "translation", "face_detector": "missing.onnx"}, r"--face-detector missing\.onnx: no such file"),
    ({"face": "crop", "face_detector": "missing.onnx"}, r"--face-detector missing\.onnx: no such file"),
    ({"face": "crop", "face_detector": f"{'a' * 900}.onnx"}, r"--face-detector a+\.\.\. .*: cannot be read .*too long"),
    ({"flow": "tvl1"}, r"optical flow by TV-L1 \(data\.flow=tvl1\) needs skimage, which is not installed"),
]


@pytest.mark.parametrize(("settings", "message"), REFUSED)
def test_before_anything_is_decoded_or_written(tmp_path, monkeypatch, settings, message):
    monkeypatch.setitem(sys.modules, "skimage.registration", None)
    monkeypatch.setattr(preparation, "search_faces", None)
    clips, config = three_clips(tmp_path), DataConfig(size=16, **settings)
    with pytest.raises(ATMGCNError, match=f"^{message}"):
        prepare(clips, tmp_path / "store", config)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "c.avi"]
    with pytest.raises(ATMGCNError, match=f"^{message}"):
        clip_from_source(tmp_path / "absent", config)


def test_what_is_not_asked_may_be_missing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "skimage.registration", None)
    clips = three_clips(tmp_path)
    config = DataConfig(size=16, flow="dis", flow_size=8, register="translation", face_detector="haar")
    prepare(clips, tmp_path / "store", config)
    prepare(clips, tmp_path / "another", DataConfig(size=16, face_detector="missing.onnx"))
