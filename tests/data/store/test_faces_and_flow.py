"""Stores with faces, registration and optical flow: what is in them, and what is refused."""

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from atm_gcn.config import DataConfig
from atm_gcn.data import Clip, FrameStore, MERDataset, prepare
from atm_gcn.data.store import JoinedStore
from atm_gcn.errors import ATMGCNError
from atm_gcn.media.optical_flow import flow_view
from tests.data.recordings import drawn_face, write_folder, write_image

FLOW = {"flow": "dis", "flow_size": 16}
SETTINGS = {"size": 32, "face": "align", "register": "translation", "register_limit": 0.1, **FLOW}
CONFIG = DataConfig(**SETTINGS)
EMPTY = np.full((240, 320, 3), 60, np.uint8)


def two_faces(_: int) -> np.ndarray:
    return np.concatenate([drawn_face(radius=50), drawn_face(x=150, radius=70)], axis=1)


IMAGES = {  # of frame n
    "drifts": lambda number: drawn_face(x=150 + 2 * number),
    "jumps": lambda number: drawn_face(x=150 + 20 * number),
    "two": two_faces,
    "empty": lambda _: EMPTY,
}


def clips_in(folder: Path) -> list[Clip]:
    for name, image in IMAGES.items():
        write_folder(folder / name, range(4), image=image)
    return [
        Clip("own", f"p{place}", name, 0, 2, 3, 25.0, label="xy"[place % 2], source=str(folder / name))
        for place, name in enumerate(IMAGES)
    ]


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    return clips_in(tmp_path_factory.mktemp("clips"))


@pytest.fixture(scope="module")
def store(clips, tmp_path_factory):
    return prepare(clips, tmp_path_factory.mktemp("store") / "store", CONFIG)


@pytest.fixture
def copy(store, tmp_path):
    return shutil.copytree(store.path, tmp_path / "copy")


def content(path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(path.iterdir())}


def test_what_is_found_and_done_is_recorded(store):
    assert [one.clip.name for one in store.clips] == ["drifts", "jumps", "two"]
    assert store.meta["left_out"] == {"own/p3/empty": "no face"} and store.meta["format"] == 3
    assert list(store.meta["unregistered"]) == ["own/p1/jumps"]
    assert store.meta["unregistered"]["own/p1/jumps"].startswith("frame 1: the head moves by")
    face = store.face(2)
    assert (face["done"], face["detector"], face["choice"], face["frame"], face["faces"]) == (
        *("align", "mtcnn", "largest", 0),
        2,
    )
    assert face["box"][0] > 320 and np.shape(face["points"]) == (5, 2) and 0.5 < face["confidence"] <= 1
    assert np.shape(face["transform"]) == (2, 3)


def test_registration_is_the_path_of_the_head(store):
    path = store.registration(0)
    side = np.hypot(*np.array(store.face(0)["transform"])[:, 0])  # pixels of the recording
    assert path.shape == (4, 2, 3) and np.array_equal(path[0], np.eye(2, 3))
    assert path[:, 0, 2] == pytest.approx(2 * np.arange(4) / side, abs=0.002)
    assert np.array_equal(store.registration(1), np.broadcast_to(np.eye(2, 3), (4, 2, 3)))
    drift, jump = (np.abs(np.diff(store.read(index).astype(float), axis=0)).mean() for index in (0, 1))
    assert drift < 1 < jump


def test_flow_is_that_of_the_stored_pictures(store):
    frames, flow = store.read(1), store.flow(1)
    assert flow.shape == (4, 16, 16, 3) and flow.dtype == np.float16 and not flow[0].any()
    assert np.array_equal(flow[3], flow_view(frames[0], frames[3], "dis", 16))
    data = MERDataset(store)[1]
    assert np.array_equal(data.flow.permute(0, 2, 3, 1).numpy(), flow[1:].astype(np.float32))
    assert "flow" not in MERDataset(store, view="frames")[1]


def test_stores_do_not_depend_on_jobs_and_interruptions(clips, store, tmp_path):
    """The last clip breaks off the preparation after the others are done."""
    folder = tmp_path / "clips"
    frame = Path(clips_in(folder)[2].source) / "img2.png"
    frame.write_bytes(b"broken")
    moved = clips_in(tmp_path / "elsewhere")
    for clip in moved:
        shutil.rmtree(clip.source)
        shutil.copytree(folder / clip.name, clip.source)
    broken = Path(moved[2].source) / "img2.png"
    with pytest.raises(ATMGCNError, match=r"own/p2/two: .*img2\.png"):
        prepare(moved, tmp_path / "store", CONFIG, jobs=1)
    assert (tmp_path / "store.partial" / "done.jsonl").read_text().count("\n") == 3
    write_image(broken, two_faces(2))
    prepare(moved, tmp_path / "store", CONFIG, jobs=3)
    whole, at_once = content(tmp_path / "store"), content(store.path)
    assert sorted(whole) == [
        *("faces.json", "flow.npy", "frames.npy", "manifest.csv", "meta.json", "registration.npy", "times.npy"),
    ]
    for name in ("faces.json", "flow.npy", "frames.npy", "registration.npy", "times.npy"):
        assert whole[name] == at_once[name]
    assert prepare(moved, tmp_path / "store", CONFIG).checksum == json.loads(whole["meta.json"])["checksum"]


def test_several_faces_and_unregistered_clips_are_named(clips, tmp_path, caplog):
    config = CONFIG.model_copy(update={"face_choice": "left", "flow": "none", "without_face": "keep"})
    store = prepare([*clips[1:]], tmp_path / "store", config)
    assert "1 of 3 clips show several faces, of which --face-choice left is taken: own/p2/two (2)" in caplog.text
    assert "1 of 3 clips show no face and stay uncropped: own/p3/empty" in caplog.text
    assert "2 of 3 clips stay unregistered: own/p1/jumps (frame 1" in caplog.text
    assert store.meta["uncropped"] == {"own/p3/empty": "no face"} and store.face(2) is None
    assert store.face(1)["box"][0] < 320
    assert np.unique(store.read(2)).tolist() == [60]


@pytest.mark.parametrize(
    ("choice", "reason"), [(2, "no face 2, at most 1 face in a frame"), ("track", "the face is lost in frame 6")]
)
def test_clips_without_the_chosen_face_are_left_out(clips, tmp_path, caplog, choice, reason):
    folder = write_folder(tmp_path / "leaves", range(7), image=lambda number: drawn_face(x=90 + 20 * number))
    leaves = Clip("own", "p4", "leaves", 0, 2, 6, 25.0, label="x", source=str(folder))
    chosen = [clips[2], replace(clips[2], name="again", label="y"), leaves]
    store = prepare(chosen, tmp_path / "store", DataConfig(size=16, face="crop", face_choice=choice))
    assert store.meta["left_out"] == {"own/p4/leaves": reason}
    assert f"1 of 3 clips are left out by --face-choice {choice}: own/p4/leaves ({reason})" in caplog.text


def test_no_clip_with_the_chosen_face_is_an_error(clips, tmp_path):
    config = DataConfig(size=16, face="crop", face_choice=5)
    with pytest.raises(
        ATMGCNError, match=r"none of the 2 clips can be used with --face-choice 5; own/p0/drifts: no face"
    ):
        prepare(clips[:2], tmp_path / "none", config)


def test_a_store_without_them_says_how_to_get_them(tmp_path, clips):
    store = prepare(clips[:2], tmp_path / "store", DataConfig(size=16))
    assert not store.has_flow
    for read, message in (
        (store.flow, "has no optical flow; prepare it with --flow dis"),
        (store.registration, "is not registered; prepare it with --register similarity"),
        (store.face, "has no record of faces; prepare it with --face crop or align"),
    ):
        with pytest.raises(ATMGCNError, match=message):
            read(0)


def test_changed_files_are_refused(copy):
    def refuses(message: str) -> None:
        with pytest.raises(ATMGCNError, match=message):
            FrameStore.open(copy)

    faces = (copy / "faces.json").read_text()
    (copy / "faces.json").write_text(faces.replace("mtcnn", "haar"))
    refuses(r"faces\.json: was changed after the store was prepared")
    (copy / "faces.json").write_text(faces)
    path = np.load(copy / "registration.npy")
    np.save(copy / "registration.npy", 2 * path)
    refuses(r"registration\.npy: was changed after")
    np.save(copy / "registration.npy", path[1:])
    refuses(r"registration\.npy: holds float64 \[11, 2, 3\] where its manifest needs float64 \[12, 2, 3\]")
    np.save(copy / "registration.npy", path)
    with (copy / "flow.npy").open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"\x01")
    (sentence,) = FrameStore.open(copy).check_frames()
    assert sentence == f"{copy / 'flow.npy'}: the optical flow of clip own/p2/two is not the one that was prepared"
    (copy / "flow.npy").unlink()
    refuses(r"flow\.npy: is missing")


def test_of_other_settings_is_another_store(store, clips):
    for change, difference in (
        ({"face_detector": "haar", "face": "crop"}, "face=align, face_detector=mtcnn, where face=crop"),
        ({"flow": "farneback"}, "flow=dis, where flow=farneback is asked"),
        ({"register_limit": 0.3}, r"register_limit=0\.1, where register_limit=0\.3"),
    ):
        with pytest.raises(ATMGCNError, match=f"made with {difference}"):
            prepare(clips, store.path, DataConfig(**SETTINGS | change))
    assert prepare(clips, store.path, DataConfig(**SETTINGS, view="both")).config.view == "frames"


def test_stores_of_other_pictures_are_not_joined(store, tmp_path, clips):
    other = prepare(clips, tmp_path / "other", DataConfig(**SETTINGS | {"flow": "none"}))
    with pytest.raises(ATMGCNError, match=r"was prepared with flow none, and .*store with dis; prepare one again"):
        JoinedStore(store, other)
    joined = JoinedStore(store, store)
    assert joined.has_flow and np.array_equal(joined.item(4, 1).flow, store.item(1, 1).flow)
