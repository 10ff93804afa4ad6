"""Pictures of depth are prepared beside the frames: found, cropped alike, stored, read and refused."""

import json
import os
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from atm_gcn.config import DataConfig
from atm_gcn.data import FrameStore, MERDataset, dataset_clips, prepare
from atm_gcn.data.collate import collate_clips
from atm_gcn.data.store import JoinedStore
from atm_gcn.data.store.clip_data import depth_tensor
from atm_gcn.errors import ATMGCNError
from tests.data.annotations.trees import build
from tests.data.recordings import drawn_face, picture, write_folder
from tests.data.rgbd import FACE, WALL, depth_of, rgbd_clips, write_depth

CONFIG = DataConfig(size=16, depth=True)


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    return rgbd_clips(tmp_path_factory.mktemp("clips"))


@pytest.fixture(scope="module")
def store(clips, tmp_path_factory):
    return prepare(clips, tmp_path_factory.mktemp("store") / "store", CONFIG)


@pytest.fixture
def copy(store, tmp_path):
    return shutil.copytree(store.path, tmp_path / "copy")


def test_depth_is_stored_in_millimetres_beside_the_frames(store):
    assert store.has_depth and store.meta["format"] == 3 and store.meta["config"]["depth"] is True
    depth = store.depth(2)
    assert depth.shape == (5, 16, 16) and depth.dtype == np.uint16
    assert depth[0, 0, 0] == WALL and [depth[number, 6, 5] for number in (0, 4)] == [FACE, FACE - 40]
    assert (depth > 0).all()  # the pixel that lacks its depth is less than half of any that is stored
    assert np.load(store.path / "depth.npy").shape == (20, 16, 16)
    assert list(store.check_frames()) == []


def test_without_depth_a_store_is_what_it_was(clips, tmp_path):
    without, plain = prepare(clips, tmp_path / "a", DataConfig(size=16, depth=False)), DataConfig(size=16)
    assert "depth" not in plain.record() and "depth" in DataConfig(size=16, depth=True).record()
    assert not without.has_depth and without.meta["format"] == 2
    assert sorted(file.name for file in without.path.iterdir()) == [
        *("frames.npy", "manifest.csv", "meta.json", "times.npy"),
    ]
    assert "depth" not in (without.path / "manifest.csv").read_text().partition("\n")[0]
    assert "depth" not in MERDataset(without)[0]
    with pytest.raises(ATMGCNError, match="a: has no depth; prepare it with --depth"):
        without.depth(0)


def test_the_frames_are_the_same_with_depth(clips, store, tmp_path):
    without = prepare(clips, tmp_path / "store", DataConfig(size=16))
    assert all(np.array_equal(without.read(index), store.read(index)) for index in range(4))
    assert without.checksum != store.checksum
    with pytest.raises(ATMGCNError, match="made with depth=False, where depth=True is asked"):
        prepare(clips, tmp_path / "store", CONFIG)


def test_an_item_has_depth_in_the_units_of_its_onset(store):
    data, depth = MERDataset(store)[1], store.depth(1).astype(np.float64)
    expected = (depth - depth[0].mean()) / depth[0].std()
    assert data.depth.shape == (4, 1, 16, 16)
    np.testing.assert_allclose(data.depth[:, 0], expected[1:], atol=1e-4)
    batch = collate_clips([data, MERDataset(store)[0]])
    assert batch.depth.shape == (8, 1, 16, 16) and batch.depth[:4].equal(data.depth)
    assert store.item(1, 1, "frames").depth.equal(data.depth)
    joined = JoinedStore(store, store)
    assert joined.item(5, 1).depth.equal(data.depth)


def test_holes_are_filled_with_the_median_of_the_onset():
    depth = np.array([[[500, 500, 0, 900]], [[500, 0, 700, 900]]], np.uint16)
    filled = np.array([500, 500, 500, 900.0])
    (node,) = depth_tensor(depth)
    np.testing.assert_allclose(node[0, 0], (np.array([500, 500, 700, 900]) - filled.mean()) / filled.std(), rtol=1e-5)
    still = np.full((3, 2, 2), 700, np.uint16)
    assert not depth_tensor(still).any() and depth_tensor(still).shape == (2, 1, 2, 2)
    assert not depth_tensor(np.array([np.zeros((2, 2)), np.ones((2, 2))], np.uint16)).any()


def test_depth_is_cropped_and_registered_with_its_frame(tmp_path):
    """The depth is drawn from the frame, so that it still is in the store if both went through one map."""

    def grey(number: int) -> np.ndarray:
        return cv2.cvtColor(drawn_face(x=150 + 2 * number), cv2.COLOR_RGB2GRAY)

    clips = rgbd_clips(tmp_path)
    for clip in clips:
        color = Path(clip.source)
        for folder in (color, color.parent / "depth"):
            shutil.rmtree(folder)
        write_folder(color, range(5), lambda number: np.repeat(grey(number)[..., None], 3, axis=2), "{}.png")
        write_depth(color.parent / "depth", range(5), lambda number: grey(number).astype(np.uint16) * 100)
    settings = {"size": 64, "face": "align", "register": "translation", "register_limit": 0.1}
    store = prepare(clips, tmp_path / "store", DataConfig(depth=True, **settings))
    assert "unregistered" not in store.meta and np.ptp(store.registration(0)[:, 0, 2]) > 0.02
    np.testing.assert_allclose(store.depth(0), store.read(0)[..., 0] * 100.0, atol=150)  # 1.5 grey levels, of rounding


def test_a_clip_that_stays_unregistered_keeps_its_depth(clips, store, tmp_path):
    config = CONFIG.model_copy(update={"register": "translation", "face_detector": "haar", "size": 16})
    registered = prepare(clips, tmp_path / "store", config)
    assert len(registered.meta["unregistered"]) == 4  # the pictures have no texture
    assert np.array_equal(registered.depth(3), store.depth(3))


def test_casme3_as_it_is_published(tmp_path):
    root = build(tmp_path / "root", "casme3")
    clips, _ = dataset_clips("casme3", root)
    for clip in clips:
        frames = Path(clip.source)
        height, width = cv2.imread(str(next(frames.iterdir()))).shape[:2]
        numbers = [int(file.stem) for file in frames.iterdir()]
        write_depth(frames.parent / "depth", numbers, lambda number, h=height, w=width: depth_of(number % 50, h, w))
    again, problems = dataset_clips("casme3", root)
    assert again == clips and not [problem for problem in problems if "depth" in problem.kind]
    store = prepare(clips, tmp_path / "store", CONFIG)
    assert all(WALL in store.depth(index) for index in range(len(store)))


def change(path: Path, clip: int) -> None:
    """Change the depth of the first pixel of a clip of 5 frames."""
    depth = np.lib.format.open_memmap(path, mode="r+")
    depth[5 * clip, 0, 0] += 1
    depth.flush()


def test_changed_depth_is_found(copy, store):
    change(copy / "depth.npy", clip=3)
    (sentence,) = FrameStore.open(copy).check_frames()
    assert sentence.endswith(f"the depth of clip {store.clips[-1].clip.key} is not the one that was prepared")
    os.truncate(copy / "depth.npy", 300)
    with pytest.raises(ATMGCNError, match=r"depth\.npy: is truncated"):
        FrameStore.open(copy)
    (copy / "depth.npy").unlink()
    with pytest.raises(ATMGCNError, match=r"depth\.npy: is missing"):
        FrameStore.open(copy)


def test_an_interrupted_preparation_resumes_with_the_same_bytes(tmp_path, store, caplog):
    clips = rgbd_clips(tmp_path / "clips")
    broken = Path(clips[2].source).parent / "depth" / "2.png"
    whole = broken.read_bytes()
    broken.write_bytes(whole[: len(whole) - 40] + bytes(40))
    with pytest.raises(ATMGCNError, match=r"own/p1/c2: .*depth/2\.png: is corrupt"):
        prepare(clips, tmp_path / "store", CONFIG, jobs=1)
    change(tmp_path / "store.partial" / "depth.npy", clip=0)
    broken.write_bytes(whole)
    resumed = prepare(clips, tmp_path / "store", CONFIG)
    assert caplog.messages[0].startswith("1 of 2 clips are decoded again, whose files were lost or changed: own/p0/c0")
    for name in ("frames.npy", "depth.npy"):
        assert (resumed.path / name).read_bytes() == (store.path / name).read_bytes()
    assert json.loads((resumed.path / "meta.json").read_text())["checksum"] == store.checksum


def test_other_depth_is_another_store(tmp_path):
    clips = rgbd_clips(tmp_path / "clips")
    prepare(clips, tmp_path / "store", CONFIG)
    write_depth(Path(clips[0].source).parent / "depth", range(5), lambda number: depth_of(number + 1))
    with pytest.raises(ATMGCNError, match="made before the frames of its clips were changed"):
        prepare(clips, tmp_path / "store", CONFIG)


def refuses(clips, out: Path, message: str) -> None:
    with pytest.raises(ATMGCNError, match=message):
        prepare(clips, out, CONFIG)


def test_missing_depth_is_named(tmp_path):
    clips = rgbd_clips(tmp_path)
    depth = Path(clips[1].source).parent / "depth"
    (depth / "3.png").unlink()
    fix = r"complete the folder, or prepare without depth \(data\.depth=false\)"
    refuses(clips, tmp_path / "out", rf"own/p0/c1: .*depth: frame 3 is missing; it has 4 frames, .*; {fix}")
    write_depth(depth, [3], lambda number: depth_of(number, 12, 16))
    refuses(clips, tmp_path / "out", r"depth/3\.png|depth: frame 3 is 16x12, those before it 32x24")
    write_depth(depth, range(5), lambda number: depth_of(number, 12, 16))
    refuses(clips, tmp_path / "out", r"depth/0\.png: is 16x12, and its frame 32x24; depth must be registered")
    write_depth(depth, range(5), picture)
    refuses(clips, tmp_path / "out", r"depth/0\.png: is a picture in colour, and depth must be grey")
    shutil.rmtree(depth)
    refuses(
        clips, tmp_path / "out", r"own/p0/c1: .*color: has no depth, which is read from a folder named depth beside"
    )
    shutil.move(clips[0].source, tmp_path / "frames")
    moved = [clips[0].__class__(**{**clips[0].__dict__, "source": str(tmp_path / "frames")}), *clips[2:]]
    refuses(moved, tmp_path / "out", r"frames: has no depth, .* beside a folder of frames named color")
