"""What is kept of frames makes the pictures that a recording makes, and no window shows two people."""

import numpy as np
import pytest

from atm_gcn.config import DataConfig
from atm_gcn.data.clip_pictures import ClipFace, read_pictures
from atm_gcn.inference.spotting.losses import loss_notes
from atm_gcn.inference.spotting.motion_track import MotionTrack, RecordingReader
from atm_gcn.inference.spotting.segment import Segment
from atm_gcn.media.faces import find_faces
from atm_gcn.media.sources import open_source
from tests.data.recordings import write_folder
from tests.media.faces.scenes import scene


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A face that drifts."""
    folder = tmp_path_factory.mktemp("drift")
    return open_source(write_folder(folder, range(5), image=lambda number: scene({0: (200 + number, 75)})))


@pytest.mark.parametrize(
    "settings",
    [
        {"face": "crop"},
        {"face": "align", "flow": "farneback", "flow_size": 16},
        {"face": "align", "register": "similarity", "flow": "dis"},
        {"face": "crop", "register": "translation"},
    ],
)
def test_pictures_of_kept_frames_are_those_of_the_recording(source, settings):
    config, frames = DataConfig(size=48, **settings), list(source.iterate(source.numbers))
    faces = find_faces(frames[0])
    face = ClipFace(faces[0], tuple(faces), 0, 0, frames[0].shape[:2])
    segment = Segment(config, face, face, frames[0].shape)
    kept = [segment.keep(frame) for frame in frames]
    assert all(one.nbytes < frames[0].nbytes for one in kept)
    found = segment.pictures(kept, source.numbers.tolist())
    read = read_pictures(source, source.numbers, config, face)
    assert np.array_equal(found.frames, read.frames)
    assert (found.flow is None) == (read.flow is None) and (found.flow is None or np.array_equal(found.flow, read.flow))
    assert found.displacement == pytest.approx(read.displacement)
    assert found.unregistered == read.unregistered == ""


def replaced(tmp_path, count, at):
    """Somebody is at a place until a frame, and somebody else from then on."""
    where = {True: {0: (200.0, 75.0)}, False: {2: (200.0, 75.0)}}
    return write_folder(tmp_path / "replaced", range(count), image=lambda number: scene(where[number < at]))


@pytest.mark.parametrize("everyone", [False, True])
def test_no_window_shows_two_people(tmp_path, everyone):
    change, windows = 25, []
    recording = RecordingReader(
        replaced(tmp_path, 50, change), DataConfig(size=32, face="align"), 30.0, stride=0.2, everyone=everyone
    )
    tracks = recording.read(MotionTrack, lambda track, window: windows.append((track.face_number, window.numbers)))
    assert [track.face_number for track in tracks] == ([1, 2] if everyone else [None])
    assert all(numbers[-1] < change or numbers[0] >= change for _, numbers in windows)
    assert any(numbers[-1] < change for _, numbers in windows) and any(numbers[0] >= change for _, numbers in windows)
    if everyone:
        assert all((number == 1) == (numbers[-1] < change) for number, numbers in windows)


@pytest.mark.parametrize("choice", ["track", "all"])
def test_nothing_is_known_of_a_face_after_it_is_replaced(tmp_path, choice):
    settings = {"face": "crop"} | ({"face_choice": "track"} if choice == "track" else {})
    config = DataConfig(size=32, **settings)
    recording = RecordingReader(replaced(tmp_path, 50, 25), config, 30.0, everyone=choice == "all")
    track = recording.read(MotionTrack)[0]
    (loss,) = track.spotter.losses
    assert loss.frame < 25 and not np.isfinite(track.curve.motion[loss.frame + 1 :]).any()
    assert track.boxes.at(0.0) is not None  # though the place is accepted later
    assert [track.boxes.at(n / 30) is not None for n in (loss.frame, loss.frame + 1, 49)] == [True, False, False]
    assert track.frames_without_face == 50 - 1 - loss.frame
    (note,) = loss_notes([loss])
    assert f"(frame {loss.frame}): somebody else is at its place; it is not found again" in note
