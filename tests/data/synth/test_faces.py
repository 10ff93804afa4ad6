import cv2
import numpy as np
import pytest

from atm_gcn.data import load_manifest
from atm_gcn.data.face import find_face
from atm_gcn.data.synth import synthesize
from atm_gcn.data.synth.faces import list_faces, load_face
from atm_gcn.data.synth.identity import sample_identity
from atm_gcn.data.synth.landmarks import from_eyes
from atm_gcn.data.synth.portrait import draw_portrait
from atm_gcn.data.synth.recording import close_lids, expose
from atm_gcn.errors import ATMGCNError


@pytest.fixture(scope="module")
def portraits() -> list[np.ndarray]:
    return [draw_portrait(sample_identity(0, subject), 224) for subject in range(3)]


def test_portraits_are_faces_and_differ(portraits):
    for portrait in portraits:
        assert portrait.shape == (224, 224, 3) and portrait.dtype == np.uint8
        assert find_face(cv2.copyMakeBorder(portrait, 40, 40, 40, 40, cv2.BORDER_REPLICATE)) is not None
    assert np.abs(portraits[0].astype(int) - portraits[1]).mean() > 10


def test_eyes_of_a_portrait_are_found_where_they_were_drawn(tmp_path, portraits):
    path = tmp_path / "face.png"
    cv2.imwrite(str(path), cv2.copyMakeBorder(portraits[0], 40, 40, 40, 40, cv2.BORDER_REPLICATE)[..., ::-1])
    crop, landmarks = load_face(path, 160)
    assert crop.shape == (160, 160, 3)
    for side in ("left", "right"):
        x, y = landmarks.at("eye", side)
        patch = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)[round(y * 160) - 4 : round(y * 160) + 5]
        pupil = patch[:, round(x * 160) - 5 : round(x * 160) + 6].min()
        assert pupil < 40  # the pupil is the darkest spot of the skin around it


def test_pictures_become_people(tmp_path, portraits):
    for name, portrait in zip("ba", portraits, strict=False):
        cv2.imwrite(str(tmp_path / f"{name}.png"), cv2.copyMakeBorder(portrait, 40, 40, 40, 40, cv2.BORDER_REPLICATE))
    clips = load_manifest(synthesize(tmp_path / "out", clips_per_subject=3, size=64, faces=tmp_path))
    assert {clip.subject for clip in clips} == {"s01", "s02"}


def test_a_picture_without_a_face_is_named(tmp_path):
    cv2.imwrite(str(tmp_path / "wall.png"), np.full((200, 200, 3), 128, np.uint8))
    with pytest.raises(ATMGCNError, match=r"wall\.png: no face found"):
        synthesize(tmp_path / "out", faces=tmp_path)
    assert not (tmp_path / "out").exists()


def test_a_broken_picture_an_empty_folder_and_no_folder(tmp_path):
    with pytest.raises(ATMGCNError, match="holds no pictures"):
        list_faces(tmp_path)
    with pytest.raises(ATMGCNError, match="is no folder"):
        list_faces(tmp_path / "missing")
    (tmp_path / "broken.jpg").write_bytes(b"not a picture")
    with pytest.raises(ATMGCNError, match=r"broken\.jpg: is corrupt, or no image"):
        load_face(tmp_path / "broken.jpg", 64)


def test_closed_lids_cover_the_eyes_and_nothing_else():
    face = from_eyes((0.375, 0.45), (0.625, 0.45))
    steps = (np.arange(200) + 0.5) / 200
    x, y = np.meshgrid(steps, steps)
    moved_x, moved_y = x.copy(), y.copy()
    close_lids(moved_x, moved_y, face, 1.0)
    np.testing.assert_array_equal(moved_x, x)  # an upright face: skin is drawn straight down
    eye = int(0.45 * 200), int(0.375 * 200)
    assert moved_y[eye] < y[eye] - 0.01
    far = np.abs(y - 0.45) > 0.06
    np.testing.assert_array_equal(moved_y[far], y[far])


def test_sensor_noise_has_the_deviation_asked_for():
    grey = np.full((256, 256, 3), 128, np.uint8)
    frame = expose(grey, 1.0, 3.0, np.random.default_rng(0))
    assert frame.std() == pytest.approx(3.0, rel=0.15)
    assert expose(grey, 1.1, 0.0, np.random.default_rng(0)).mean() == pytest.approx(140.8, abs=0.5)
