"""Reading frames by number from folders and videos, and the errors for those that cannot be read."""

import cv2
import numpy as np
import pytest

from atm_gcn.errors import ATMGCNError
from atm_gcn.media.sources import open_source
from tests.data.recordings import number_of, picture, write_folder, write_image, write_video


@pytest.mark.parametrize("pattern", ["img{}.png", "006_{:05d}.jpg", "reg_img{}.bmp", "{}.PNG", "s1_img{}_x.png"])
def test_folder_is_numbered_by_the_last_integer(tmp_path, pattern):
    source = open_source(write_folder(tmp_path / "clip", (9, 10, 11, 30), pattern=pattern))
    assert source.numbers.tolist() == [9, 10, 11, 30]
    frames = source.read([9, 11, 30])
    assert frames.dtype == np.uint8 and frames.shape == (3, 24, 32, 3)
    assert [number_of(frame) for frame in frames] == [9, 11, 30]


def test_frames_are_rgb(tmp_path):
    folder = open_source(write_folder(tmp_path / "clip", [1])).read([1])[0]
    video = open_source(write_video(tmp_path / "clip.avi", [picture(1)] * 3)).read([1])[0]
    for frame in (folder, video):
        assert np.abs(frame.mean(axis=(0, 1)) - (16, 150, 100)).max() < 6  # MJPEG rounds


def test_grey_images_have_three_channels(tmp_path):
    cv2.imwrite(str(tmp_path / "1.png"), np.full((8, 8), 7, np.uint8))
    assert open_source(tmp_path).read([1]).tolist() == np.full((1, 8, 8, 3), 7).tolist()


def test_other_files_are_no_frames(tmp_path):
    folder = write_folder(tmp_path / "clip", [1, 2])
    for name in ("notes7.txt", "._img8.png", "cover.png", "Thumbs.db"):
        (folder / name).write_bytes(b"x")
    assert open_source(folder).numbers.tolist() == [1, 2]


def test_video_gives_any_frames_in_one_pass(tmp_path):
    source = open_source(write_video(tmp_path / "clip.avi", map(picture, range(30)), fps=50.0))
    assert source.fps == 50.0
    assert source.numbers.tolist() == list(range(30))
    assert [number_of(frame) for frame in source.read([0, 7, 8, 29])] == [0, 7, 8, 29]
    assert [number_of(frame) for frame in source.iterate([17])] == [17]


def refuses(message: str, path, numbers=(1,)) -> None:
    with pytest.raises(ATMGCNError, match=message) as error:
        open_source(path).read(numbers)
    assert str(path) in str(error.value)


def test_a_missing_source_is_named(tmp_path):
    refuses("no such folder of frames or video", tmp_path / "nothing")
    (tmp_path / "empty").mkdir()
    refuses("holds no images with a number", tmp_path / "empty")


def test_missing_frames_are_named(tmp_path):
    folder = write_folder(tmp_path / "clip", (1, 2, 5))
    refuses("frame 3 is missing; it has 3 frames, numbered 1 to 5", folder, [2, 3, 5])
    refuses("frames 6, 7, 8 and 2 more are missing", folder, range(6, 11))
    video = write_video(tmp_path / "clip.avi", map(picture, range(4)))
    refuses("frames 4, 9 are missing; it has 4 frames, numbered 0 to 3", video, [3, 4, 9])
    refuses("frame -1 is missing", video, [-1, 2])


def test_corrupt_images_are_named(tmp_path):
    folder = write_folder(
        tmp_path / "clip",
        (1, 2),
        image=lambda n: np.random.default_rng(n).integers(0, 255, (40, 40, 3), dtype=np.uint8),
        pattern="img{}.jpg",
    )
    whole = (folder / "img2.jpg").read_bytes()
    for content in (b"", b"no picture", whole[: len(whole) // 2], whole[:20]):
        (folder / "img2.jpg").write_bytes(content)
        refuses("img2.jpg: is corrupt, or no image", folder, [1, 2])


def test_a_file_that_is_no_video_is_named(tmp_path):
    (tmp_path / "clip.mp4").write_bytes(b"no video" * 50)
    refuses("is not a video that can be read", tmp_path / "clip.mp4")
    (tmp_path / "empty.mp4").write_bytes(b"")
    refuses("is not a video that can be read", tmp_path / "empty.mp4")


def test_a_change_of_size_is_named(tmp_path):
    folder = write_folder(tmp_path / "clip", (1, 2))
    write_image(folder / "img3.png", picture(3, height=20))
    refuses("frame 3 is 32x20, those before it 32x24", folder, [1, 2, 3])


def test_two_files_of_one_number_are_named(tmp_path):
    folder = write_folder(tmp_path / "clip", (1,))
    write_image(folder / "img01.png", picture(1))
    refuses("img01.png and img1.png are both frame 1", folder)
