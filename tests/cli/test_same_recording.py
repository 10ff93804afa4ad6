"""One recording under a second subject: found by ``check`` and ``train``, whatever it is called and however encoded."""

import shutil

import cv2
import numpy as np
import pytest

from atm_gcn.data import Clip
from atm_gcn.synth.face.identity import sample_identity
from atm_gcn.synth.face.portrait import draw_portrait
from tests.cli.manifests import called, changed_manifest
from tests.data.recordings import write_folder, write_video

SIZE = 96
SHARED, CHANGED = "they share frames of", "they show one moment of one recording"
SECOND = {
    "a.avi": SHARED,
    "sub/../a.avi": SHARED,
    "link.avi": SHARED,
    "hard.avi": SHARED,
    "copy.avi": SHARED,
    "changed.avi": CHANGED,
    "frames": CHANGED,
    "c.avi": "",
}


def recorded(subject: int) -> list[np.ndarray]:
    """A drawn person who moves up, pixel by pixel."""
    face = draw_portrait(sample_identity(3, subject), SIZE)
    return [np.roll(face, -number, axis=0) for number in range(14)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("recordings")
    for number, name in enumerate("abc"):
        write_video(path / f"{name}.avi", recorded(number))
    (path / "sub").mkdir()
    (path / "link.avi").symlink_to(path / "a.avi")
    (path / "hard.avi").hardlink_to(path / "a.avi")
    shutil.copy(path / "a.avi", path / "copy.avi")
    smaller = [cv2.resize(frame, (80, 64)).astype(float) * 0.9 + 20 for frame in recorded(0)[1:]]
    write_video(path / "changed.avi", [frame.astype(np.uint8) for frame in smaller])
    write_folder(path / "frames", range(13), lambda number: cv2.resize(recorded(0)[number], (128, 128)))
    return path


@pytest.mark.parametrize("second", SECOND)
def test_it_is_found(folder, tmp_path, capsys, tiny_sets, second):
    sources = {"anna": "a.avi", "ben": "b.avi", "carl": second}
    clips = [
        Clip(
            "m", subject, "c1", 0, 8, 12, 30.0, label="neg" if subject == "ben" else "pos", source=str(folder / source)
        )
        for subject, source in sources.items()
    ]
    path = changed_manifest(tmp_path / "manifest.csv", clips, {4: {"source": f"{folder}/{second}"}})
    code, out = called(capsys, "check", "manifest", path)
    is_told = "with row 2, which is of subject m/anna" in out
    assert is_told == (SECOND[second] == SHARED)
    assert code == 1 or not is_told
    store = tmp_path / "store"
    assert called(capsys, "prepare", "manifest", path, store, "--set", "data.size=96")[0] == 0
    code, out = called(capsys, "train", store, tmp_path / "run", "--dry-run", "--device", "cpu", *tiny_sets)
    if SECOND[second]:
        assert code == 1 and f"m/carl/c1 trains and clip m/anna/c1 is held out, but {SECOND[second]}" in out
    else:
        assert code == 0, out
