"""The settings of the data as earlier versions recorded them, and as they are recorded."""

import pytest

from atm_gcn.config import DataConfig, RunConfig
from atm_gcn.errors import ATMGCNError

EARLIER = {"size", "fps", "max_frames", "face", "apex", "clock", "classes"}
EARLIER |= {"similar_subjects", "similar_labels", "shared_recordings", "similar_pictures"}


@pytest.mark.parametrize(
    ("settings", "further"),
    [
        ({}, set()),
        ({"face_detector": "x.onnx", "face_choice": 3, "face_margin": 0.4, "without_face": "keep"}, set()),
        ({"register_limit": 0.3, "flow_size": 28}, set()),
        ({"face": "crop", "face_detector": "haar"}, set()),
        ({"face": "crop"}, {"face_detector"}),
        ({"register": "affine", "face_margin": 0.3}, {"register", "face_detector"}),
        ({"register": "affine", "register_limit": 0.3}, {"register", "register_limit", "face_detector"}),
        ({"flow": "pictures", "flow_size": 28, "view": "flow"}, {"flow", "view"}),
        ({"flow": "dis", "flow_size": 28}, {"flow", "flow_size"}),
        ({"depth": False}, set()),
        ({"depth": True}, {"depth"}),
    ],
)
def test_settings_of_later_versions_are_recorded_where_they_matter(settings, further):
    config = DataConfig(**settings)
    record = config.record()
    assert set(record) == EARLIER | further
    read = DataConfig.from_record(record, "meta.json")
    assert {key: getattr(read, key) for key in further} == {key: getattr(config, key) for key in further}
    assert read.record() == record


def test_earlier_versions_found_faces_by_haar():
    assert DataConfig.from_record({"face": "crop"}, "x").face_detector == "haar"
    assert DataConfig.from_record({"face": "none"}, "x").face_detector == "mtcnn"  # none was searched
    assert DataConfig.from_record({"face": "crop", "face_detector": "mtcnn"}, "x").face_detector == "mtcnn"
    assert DataConfig.from_record(None, "x") == DataConfig()
    with pytest.raises(ATMGCNError, match="model: its data settings: "):
        DataConfig.from_record({"sise": 3}, "model: its data settings")


def test_the_file_of_an_earlier_run(tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text("data:\n  face: crop\n")
    assert RunConfig.load(file, is_record=True).data.face_detector == "haar"
    assert RunConfig.load(file).data.face_detector == "mtcnn"  # settings that a user writes
