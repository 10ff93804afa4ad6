"""Folders of pictures of more than 8 bits, or of formats that are not read, and the notes on them."""

import logging
from dataclasses import replace

import cv2
import numpy as np
import pytest

from atm_gcn.config import DataConfig
from atm_gcn.data import prepare, write_manifest
from atm_gcn.data.annotations.dataset_check import check_dataset
from atm_gcn.data.unannotated import clip_from_source
from atm_gcn.errors import ATMGCNError
from atm_gcn.media.sources import open_source, open_stream
from tests.data.recordings import picture, three_clips, write_folder, write_image

DEPTH_NOTE = "has 16-bit pictures of which 12 bits are used, according to their brightest value"


def camera_folder(folder, numbers=range(8), factor=16):
    """12 significant bits in 16-bit TIFF, as high-speed cameras write them."""
    folder.mkdir(parents=True, exist_ok=True)
    ramp = np.tile(np.linspace(0, 255, 64), (48, 1)).round().astype(np.uint16)
    for number in numbers:
        assert cv2.imwrite(str(folder / f"img{number}.tif"), np.roll(ramp, number, axis=1) * factor)
    return folder


def test_twelve_bits_keep_the_grey_levels_of_eight(tmp_path):
    source = open_source(camera_folder(tmp_path / "clip"))
    frames = source.read(source.numbers)
    assert frames.max() == 254 and len(np.unique(frames)) == 64  # 255 * 16 of 4095
    assert source.notes == (DEPTH_NOTE,)


def test_the_depth_is_that_of_the_folder_whichever_frames_are_read(tmp_path):
    folder = camera_folder(tmp_path / "clip", range(4), factor=2)
    alone = open_source(folder).read([0])
    camera_folder(folder, range(4, 8))
    assert open_source(folder).read([0]).max() < alone.max()
    assert np.array_equal(open_source(folder).read([0, 5])[0], open_source(folder).read([0])[0])


def test_prepare_says_every_depth_once(tmp_path, caplog):
    clips = three_clips(tmp_path)
    for clip in clips[:2]:
        camera_folder(tmp_path / clip.name, range(17))
        for file in (tmp_path / clip.name).glob("*.png"):
            file.unlink()
    caplog.set_level(logging.INFO)
    prepare(clips, tmp_path / "store", DataConfig(size=16))
    lines = [record.getMessage() for record in caplog.records if DEPTH_NOTE in record.getMessage()]
    assert lines == [f"2 of 3 recordings: {DEPTH_NOTE}"]


def test_check_lists_the_depth_and_stays_complete(tmp_path):
    clips = three_clips(tmp_path)
    camera_folder(tmp_path / "d", range(12))
    clips[1] = replace(clips[1], source=str(tmp_path / "d"))
    (tmp_path / "a" / "img7.cr2").write_bytes(b"raw")
    write_manifest(clips, tmp_path / "manifest.csv")
    found = check_dataset("manifest", tmp_path)
    kinds = {problem.kind for problem in found.frame_problems}
    assert f"{tmp_path / 'd'} {DEPTH_NOTE}" in kinds
    assert f"{tmp_path / 'a'} has camera RAW pictures that are left out: not read" in kinds
    assert {(problem.clip, problem.action) for problem in found.frame_problems} == {("", "kept")}
    assert found.complete


def test_predict_and_spotting_say_the_depth(tmp_path):
    folder = camera_folder(tmp_path / "clip")
    assert DEPTH_NOTE in clip_from_source(folder, DataConfig(size=16))[1].notes
    assert DEPTH_NOTE in open_stream(folder, fps=25).notes


def test_stores_of_the_upper_bits_have_another_fingerprint(tmp_path):
    """A fingerprint of 16-bit pictures covers how they are read; that of others is as it was."""
    deep = open_source(camera_folder(tmp_path / "deep"))
    content, _ = deep._traits(np.array([0]))
    assert content.startswith((tmp_path / "deep" / "img0.tif").read_bytes()) and content.endswith(b"folder")
    plain = open_source(write_folder(tmp_path / "plain", [0]))
    assert plain._traits(np.array([0]))[0] == (tmp_path / "plain" / "img0.png").read_bytes()


@pytest.mark.parametrize(
    "suffix, name", [(".heic", "HEIC"), (".DNG", "camera RAW"), (".cr2", "camera RAW"), (".avif", "AVIF")]
)
def test_folders_of_pictures_that_are_not_read_are_refused_by_name(tmp_path, suffix, name):
    for number in range(3):
        (tmp_path / f"img{number}{suffix}").write_bytes(b"x")
    with pytest.raises(
        ATMGCNError, match=rf"holds 3 {name} pictures \({suffix.lower()}\), which are not read; convert"
    ):
        open_source(tmp_path)
    write_image(tmp_path / "img7.png", picture(7))
    assert open_source(tmp_path).numbers.tolist() == [7]
    assert open_source(tmp_path).notes == (f"has {name} pictures that are left out: not read",)


@pytest.mark.parametrize("suffix", [".gif", ".jp2", ".ppm", ".webp", ".bmp", ".tiff"])
def test_folders_of_other_formats_are_read(tmp_path, suffix):
    folder = write_folder(tmp_path / "clip", range(3), lambda number: picture(number, 48, 64), "img{}" + suffix)
    assert open_source(folder).read([0, 2]).shape == (2, 48, 64, 3)


def test_a_single_picture_is_no_recording(tmp_path):
    write_folder(tmp_path, range(3))
    with pytest.raises(ATMGCNError, match=r"img1.png: is one picture; give the folder"):
        open_source(tmp_path / "img1.png")
