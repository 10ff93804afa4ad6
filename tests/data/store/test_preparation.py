"""Preparing a frame store: what is in it, and what is refused."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from atm_gcn.config import DataConfig
from atm_gcn.data import Clip, FrameStore, prepare
from atm_gcn.errors import ATMGCNError
from tests.data.recordings import drawn_face, number_of, three_clips, write_folder, write_image

SMALL = DataConfig(size=16)


def numbers_in(store: FrameStore, index: int) -> list[int]:
    return [number_of(frame) for frame in store.read(index)]


def test_every_frame_comes_to_its_place(tmp_path):
    store = prepare(three_clips(tmp_path), tmp_path / "store", SMALL)
    assert [numbers_in(store, index) for index in range(3)] == [
        list(range(5, 17)),
        list(range(12)),
        list(range(4, 14)),
    ]
    assert store.frames.shape == (34, 16, 16, 3)
    assert [(one.first, one.num_frames) for one in store.clips] == [(0, 12), (12, 12), (24, 10)]
    assert [(one.apex_position, one.apex_source) for one in store.clips[::2]] == [(4, "annotated"), (6, "annotated")]
    assert store.clips[1].apex_source == "max-motion" and store.clips[1].apex_position >= 1
    assert store.classes == ["joy", "rage"]
    assert store.subjects == ["own/p1", "own/p2"]
    assert sorted(path.name for path in (tmp_path / "store").iterdir()) == [
        "frames.npy",
        "manifest.csv",
        "meta.json",
        "times.npy",
    ]
    assert not (tmp_path / "store.partial").exists()


def test_resampling_and_capping(tmp_path):
    store = prepare(three_clips(tmp_path), tmp_path / "store", DataConfig(size=16, fps=12.5, max_frames=5))
    assert numbers_in(store, 0) == [5, 7, 9, 13, 15]  # 5, 7, ... 15 at half the rate, thinned to 5, the apex kept
    assert numbers_in(store, 2) == [4, 6, 8, 10, 12]
    assert store.clips[0].apex_position == 2


def test_an_apex_on_the_onset_is_chosen_anew(tmp_path):
    clips = three_clips(tmp_path)
    clips[0] = replace(clips[0], apex=clips[0].onset)
    store = prepare(clips, tmp_path / "store", DataConfig(size=16, apex="middle"))
    assert (store.clips[0].apex_position, store.clips[0].apex_source) == (6, "middle")
    assert store.clips[0].clip.apex == 5  # the annotation itself is kept


def test_one_face_box_a_clip(tmp_path):
    """The head moves right after the onset: a box that followed it would hide that."""
    folder = write_folder(tmp_path / "face", range(4), image=lambda number: drawn_face(x=120 + 12 * number))
    clips = [Clip("own", "p1", name, 0, 2, 3, 25.0, label=name, source=str(folder)) for name in ("a", "b")]
    store = prepare(clips, tmp_path / "store", DataConfig(size=64, face="crop"))
    skin = [np.mean(np.nonzero(frame[32, :, 0] > 150)) for frame in store.read(0)]
    assert abs(skin[0] - 31.5) < 4  # centred in the onset frame
    assert np.all(np.diff(skin) > 2)


def test_clips_without_a_face_are_left_out_and_named(tmp_path, caplog):
    clips, config = three_clips(tmp_path), DataConfig(size=16, face="crop")
    face = write_folder(tmp_path / "face", range(4), image=lambda number: drawn_face())
    for name in ("x", "y"):
        clips.insert(1, Clip("own", "p3", name, 0, 2, 3, 25.0, label=name, source=str(face)))
    store = prepare(clips, tmp_path / "store", config)
    assert [one.clip.name for one in store.clips] == ["y", "x"] and store.classes == ["x", "y"]
    assert store.frames.shape == (8, 16, 16, 3) and store.frames.any(axis=(1, 2, 3)).all()
    assert list(store.meta["left_out"]) == ["own/p1/a", "own/p1/b", "own/p2/c"]
    assert "3 of 5 clips show no face and are left out: own/p1/a, own/p1/b, own/p2/c" in caplog.text
    assert len(prepare(clips, tmp_path / "store", config)) == 2  # it is the store of these clips
    with pytest.raises(ATMGCNError, match=r"of other clips \(5 in it, 4 asked\)"):
        prepare(clips[:-1], tmp_path / "store", config)


@pytest.mark.parametrize("jobs", [1, 3])
def test_a_store_does_not_depend_on_the_number_of_jobs(tmp_path, jobs):
    clips = three_clips(tmp_path)
    for name, count in (("one", jobs), ("two", 2)):
        prepare(clips, tmp_path / name, SMALL, jobs=count)
    for file in ("frames.npy", "times.npy", "manifest.csv", "meta.json"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_settings_are_recorded_as_they_were_given(tmp_path):
    settings = {"fps": 29.97002997003, "register": "translation", "register_limit": 1e-7, "face_detector": "haar"}
    config = DataConfig(size=16, **settings)
    store = prepare(three_clips(tmp_path), tmp_path / "store", config)
    assert store.config == FrameStore.open(store.path).config == config
    assert prepare(three_clips(tmp_path), tmp_path / "store", config).config == config


def refuses(message: str, clips, out: Path, config: DataConfig = SMALL) -> None:
    with pytest.raises(ATMGCNError, match=message):
        prepare(clips, out, config)
    assert not out.exists()


def test_clips_that_cannot_be_prepared_are_named(tmp_path):
    clips, out = three_clips(tmp_path), tmp_path / "store"

    def with_first(**changes):
        return [replace(clips[0], **changes), *clips[1:]]

    refuses("own/p1/a: has one frame only", with_first(onset=9, offset=9), out)
    refuses("own/p1/a: onset 17 lies after offset 16", with_first(onset=17), out)
    refuses("own/p1/a: apex 3 .*|onset 5 lies after apex 3", with_first(apex=3), out)
    refuses("own/p1/a: .*frames 17, 18 are missing; it has 12 frames, numbered 5 to 16", with_first(offset=18), out)
    refuses("own/p1/a: .*no such folder of frames or video", with_first(source=str(tmp_path / "gone")), out)
    refuses("own/p2/c: .*frames 20, 21 are missing; it has 20 frames", [*clips[:2], replace(clips[2], offset=21)], out)
    refuses("no face found in any frame of the 3 clips", clips, out, DataConfig(size=16, face="crop"))
    (tmp_path / "a" / "img9.png").write_bytes(b"broken")
    refuses(r"own/p1/a: .*img9\.png: is corrupt", clips, out)
    write_image(tmp_path / "a" / "img9.png", drawn_face())
    refuses("own/p1/a: .*frame 9 is 320x240, those before it 32x24", clips, out)


def test_classes(tmp_path):
    clips, out = three_clips(tmp_path), tmp_path / "store"
    assert prepare(clips, tmp_path / "given", DataConfig(size=16, classes=["rage", "joy"])).classes == ["rage", "joy"]
    refuses(
        "own/p1/b: label 'rage' is not among data.classes", clips, out, DataConfig(size=16, classes=["joy", "fear"])
    )
    refuses("no clip has the class 'fear'", clips, out, DataConfig(size=16, classes=["joy", "rage", "fear"]))
    refuses("all 2 clips have the class 'joy'", clips[::2], out)
    refuses("no clips", [], out)
