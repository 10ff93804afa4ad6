"""The pictures of one clip."""

import numpy as np
import pytest

from atm_gcn.config import DataConfig
from atm_gcn.data.clip_pictures import find_clip_face, read_pictures
from atm_gcn.errors import ATMGCNError
from atm_gcn.files.limits import CLIP_BYTES
from atm_gcn.media.faces import NoFaceError, crop_box
from atm_gcn.media.resizing import resize_square
from atm_gcn.media.sources import open_source
from tests.data.recordings import drawn_face, picture, write_folder

EMPTY = np.full((240, 320, 3), 60, np.uint8)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A face that comes into an empty picture and drifts."""
    folder = tmp_path_factory.mktemp("recording")
    write_folder(folder, range(4), image=lambda number: drawn_face(x=150 + 2 * number) if number else EMPTY)
    return open_source(folder)


def test_whole_frames_and_crops_are_scaled_alone(source):
    numbers = source.numbers
    whole = read_pictures(source, numbers, DataConfig(size=24))
    assert np.array_equal(whole.frames, [resize_square(frame, 24) for frame in source.iterate(numbers)])
    assert (whole.flow, whole.registration, whole.face, whole.unregistered) == (None, None, None, "")
    config = DataConfig(size=24, face="crop", face_margin=0.3)
    face = find_clip_face(source.iterate(numbers), numbers, config, "x")
    assert (face.position, face.number, len(face.faces)) == (1, 1, 1)
    box = crop_box(face.face, (240, 320), 0.3)
    cropped = read_pictures(source, numbers, config, face).frames
    assert np.array_equal(cropped, [resize_square(box.crop(frame), 24) for frame in source.iterate(numbers)])


def test_registered_pictures_lie_on_the_onset(source):
    config = DataConfig(size=64, face="align", register="translation")
    numbers = source.numbers[1:]
    face = find_clip_face(source.iterate(numbers), numbers, config, "x")
    registered = read_pictures(source, numbers, config, face)
    plain = read_pictures(source, numbers, config.model_copy(update={"register": "none"}), face)
    inner = slice(8, 56)
    rest, drift = (
        np.abs(pictures.frames[2, inner, inner].astype(float) - pictures.frames[0, inner, inner]).mean()
        for pictures in (registered, plain)
    )
    assert rest < drift / 4 and registered.displacement == pytest.approx(registered.registration[2, 0, 2], rel=0.01)


def test_whole_frames_are_registered_by_the_face_in_the_onset(source, monkeypatch):
    from atm_gcn.media import registration

    points = []

    class Recorded(registration.Registration):
        def __init__(self, onset, kind, own=None, aspect=1.0):
            points.append(own)
            super().__init__(onset, kind, own, aspect)

    monkeypatch.setattr(registration, "Registration", Recorded)
    for detector in ("mtcnn", "haar"):
        config = DataConfig(size=24, register="translation", face_detector=detector)
        read_pictures(source, source.numbers[1:], config)
    assert points[0].shape == (5, 2) and points[0].min() > 0 and points[0].max() < 1 and points[1] is None


def test_a_clip_beyond_the_limit_stays_as_recorded(source):
    numbers, config = source.numbers[1:], DataConfig(size=24, register="translation", register_limit=0.001, flow="dis")
    found = read_pictures(source, numbers, config)
    assert found.unregistered.startswith("frame 2: the head moves by")
    assert np.array_equal(found.registration, np.broadcast_to(np.eye(2, 3), (3, 2, 3)))
    assert np.array_equal(found.frames, read_pictures(source, numbers, DataConfig(size=24)).frames)
    assert found.flow.shape == (3, 24, 24, 3) and not found.flow[0].any() and found.flow[1].any()


def test_recordings_without_the_face(tmp_path, source):
    empty = open_source(write_folder(tmp_path / "empty", range(2), image=picture))
    config = DataConfig(face="crop")
    with pytest.raises(NoFaceError, match="x: no face found in 2 frames") as error:
        find_clip_face(empty.iterate(empty.numbers), empty.numbers, config, "x")
    assert error.value.searched == 2
    config = DataConfig(face="crop", face_choice=2)
    with pytest.raises(NoFaceError, match="x: no face 2, at most 1 face in a frame; choose another with"):
        find_clip_face(source.iterate(source.numbers), source.numbers, config, "x")


def test_a_clip_that_memory_does_not_hold(source, monkeypatch):
    monkeypatch.setenv(CLIP_BYTES.variable, str(4 * (3 * 16**2 + 6 * 8**2)))
    read_pictures(source, source.numbers, DataConfig(size=16, flow="dis", flow_size=8))
    with pytest.raises(ATMGCNError, match=r"4 frames of 16 x 16 pixels with optical flow take .* lower data\."):
        read_pictures(source, source.numbers, DataConfig(size=16, flow="dis", flow_size=9))
