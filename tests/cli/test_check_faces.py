"""``atm-gcn check --faces``: a page with the face of every clip."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from atm_gcn.cli._shared.face_sheet import DrawnFaceSheet
from atm_gcn.cli.main import run
from atm_gcn.config import DataConfig
from atm_gcn.data import Clip, load_manifest, write_manifest
from atm_gcn.data.clip_pictures.face_check import FaceCheck, check_faces
from atm_gcn.errors import ATMGCNError
from atm_gcn.media.drawing import MARK, OTHER, draw_face
from atm_gcn.media.faces import Face, alignment, find_faces
from atm_gcn.report.face_sheet import counts_of
from tests.data.recordings import write_folder
from tests.media.faces.scenes import scene
from tests.sharing import made_once

STEPS, DRIFT = 4, 1.5  # frames after the onset, pixels per frame
SIZE = (150, 240)


def frames_of(name: str, step: int) -> np.ndarray:
    at = {
        "still": {0: (80, 75)},
        "drifts": {0: (80 + DRIFT * step, 75)},
        "empty": {},
        "two": {2: (60, 75), 0: (180, 75)},
    }
    return scene(at[name], size=SIZE)


def make(folder: Path) -> None:
    clips = []
    for name in ("still", "drifts", "empty", "two"):
        source = write_folder(folder / name, range(STEPS + 1), lambda step, name=name: frames_of(name, step))
        label = "joy" if name == "still" else "rage"
        clips.append(Clip("own", "p1", name, onset=0, apex=2, offset=STEPS, fps=25.0, label=label, source=str(source)))
    write_manifest(clips, folder / "manifest.csv")


@pytest.fixture(scope="module")
def clips(tmp_path_factory) -> Path:
    return made_once(tmp_path_factory, "clips-with-faces", make)


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check(capsys, *arguments):
    code = run(["check", *map(str, arguments)])
    out, err = capsys.readouterr()
    return code, out, err


def test_the_worst_clips_come_first(clips, here, capsys):
    _, out, _ = check(capsys, "manifest", clips, "--faces", "--json")
    found = json.loads(out)["faces"]
    rows = {row["clip"]: row for row in found["of_clips"]}
    assert list(rows)[:2] == ["own/p1/empty", "own/p1/drifts"]
    assert found | {"of_clips": 0} == found | {"of_clips": 0, "clips": 4, "without_face": 1, "several_faces": 1}
    assert [rows[f"own/p1/{name}"]["faces"] for name in ("empty", "drifts", "two")] == [0, 1, 2]
    assert rows["own/p1/empty"]["note"] == "no face" and rows["own/p1/empty"]["drift"] is None
    onset = frames_of("drifts", 0)
    side = np.hypot(*alignment(find_faces(onset)[0], 0.1).matrix[:, 0])
    assert rows["own/p1/drifts"]["drift"] == pytest.approx(224 * DRIFT * STEPS / side, rel=0.1)
    assert rows["own/p1/still"]["drift"] < 0.3

    page = (here / "faces.html").read_text()
    assert page.count("data:image/jpeg;base64,") == 4 + 3  # the frames, and the aligned faces
    assert page.index("own/p1/empty") < page.index("own/p1/drifts") < page.index("own/p1/still")


def test_the_summary_leaves_out_the_drift_of_clips_that_do_not_fit(tmp_path):
    face = Face((40.0, 40.0, 50.0, 60.0), 0.9, None)
    unfit = FaceCheck("a", "10 of the 16 compared frames do not fit the onset", face=face, drift=40.0)
    checks = [
        FaceCheck("b", "no face"),
        unfit,
        FaceCheck("c", face=face, drift=1.0),
        FaceCheck("d", face=face, drift=3),
    ]
    counts = counts_of(checks)
    assert (counts["largest_drift"], counts["median_drift"], counts["unfit_frames"]) == (3, 2.0, 1)
    text = DrawnFaceSheet(tmp_path / "x.html", checks).to_text()
    assert "none in 1: b; frames that do not fit the onset in 1; drift of the others 2.0 px" in text


def test_frames_are_counted_from_the_onset(clips, here, capsys):
    shutil.copytree(clips / "still", here / "late")
    for step in range(STEPS, -1, -1):
        (here / "late" / f"img{step}.png").rename(here / "late" / f"img{step + 30}.png")
    source = write_folder(here / "appears", range(7, 12), lambda step: frames_of("still" if step > 8 else "empty", 0))
    rows = [("late", 30, here / "late"), ("appears", 7, source)]
    write_manifest(
        [
            Clip("own", "p1", name, onset, None, onset + STEPS, fps=25.0, label=name, source=str(at))
            for name, onset, at in rows
        ],
        here / "manifest.csv",
    )
    check(capsys, "manifest", here, "--faces", "--no-frames", "--face-choice", "track", "--out", "page.html")
    page = (here / "page.html").read_text()
    assert "frame&nbsp;0" in page and "frame&nbsp;2" in page and "frame&nbsp;30" not in page and "frame 0\n" not in page


def test_marks_are_visible_in_the_drawn_picture(clips):
    found = check_faces(load_manifest(clips), DataConfig(face="align"))
    assert all(max(one.shown.shape[:2]) == 360 for one in found)
    two = next(one for one in found if len(one.faces) == 2)
    picture = two.shown.copy()
    for face in two.faces:
        draw_face(picture, face, meant=face.rectangle == two.face.rectangle)
    for face in two.faces:
        colour = MARK if face.rectangle == two.face.rectangle else OTHER
        assert (np.abs(picture.astype(int) - colour).max(axis=-1) < 30).sum() > 5 * np.pi * 2**2
        for x, y in face.points:
            assert (
                np.abs(picture[round(y) - 1 : round(y) + 1, round(x) - 1 : round(x) + 1].astype(int) - colour).max()
                < 30
            )


def test_pictures_of_flow_are_refused_before_any_is_read(clips, here, capsys):
    flow = [replace(clip, view="flow", source="nowhere") for clip in load_manifest(clips)]
    write_manifest(flow, here / "manifest.csv")
    code, out, err = check(capsys, "manifest", here, "--faces")
    assert code == 1 and not out and "pictures of optical flow (view flow) show no face; leave --faces out" in err
    with pytest.raises(ATMGCNError, match="show no face"):
        check_faces(flow, DataConfig(face="align"))


def test_another_persons_file_is_not_replaced(clips, here, capsys):
    (here / "faces.html").write_text("mine")
    code, out, err = check(capsys, "manifest", clips, "--faces", "--no-frames")
    assert code == 1 and not out and "faces.html: exists and is no output of atm-gcn" in err
    assert (here / "faces.html").read_text() == "mine"


def test_a_clip_that_cannot_be_read_is_on_the_page(clips, here, capsys):
    folder = shutil.copytree(clips, here / "copy")
    (folder / "still" / "img0.png").write_bytes(b"no picture")
    _, out, err = check(capsys, "manifest", folder, "--faces", "--no-frames", "--out", "page.html")
    assert (
        "faces     in 2 of 4 clips, several in 1; none in 2: own/p1/empty, own/p1/still; drift" in out
        and "written to page.html" in err
    )
    assert "img0.png" in (here / "page.html").read_text()


def test_the_pictures_of_a_frame_store(clips, here, capsys):
    settings = ["--set", "data.size=96", "--set", "data.without_face=keep"]
    assert run(["prepare", "manifest", str(clips), "store", "--face", "align", *settings]) == 0
    code, out, _ = check(capsys, "store", "store", "--faces")
    assert code == 0 and "faces     in 3 of 4 clips, several in 0" in out
    assert "the frame store store" in (here / "faces.html").read_text()


@pytest.mark.parametrize("option", [("--out", "x.html"), ("--face-choice", "left"), ("--face-detector", "haar")])
def test_options_that_need_faces(clips, capsys, option):
    code, _, err = check(capsys, "manifest", clips, *option)
    assert code == 2 and f"{option[0]} needs --faces" in err


def test_an_unknown_detector(clips, here, capsys):
    code, _, err = check(capsys, "manifest", clips, "--faces", "--face-detector", "mtcnnn", "--no-frames")
    assert code == 1 and "mtcnnn" in err and not (here / "faces.html").exists()
