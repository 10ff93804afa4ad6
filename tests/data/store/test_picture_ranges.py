"""What the pictures of a store look like in numbers, and which pictures are unlike them."""

import numpy as np
import pytest

from atm_gcn.config import DataConfig
from atm_gcn.data import FrameStore, load_manifest, prepare
from atm_gcn.data.store.picture_ranges import (
    STATISTICS,
    differences,
    faces_shown,
    picture_ranges,
    picture_statistics,
    shows_face,
)
from atm_gcn.synth import synthesize
from tests.sharing import made_once


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """Frame stores of drawn faces of two seeds and sizes, read at 64 pixels."""

    def draw(folder):
        for seed, size in ((1, 96), (2, 128)):
            clips = folder / f"clips{seed}"
            synthesize(clips, subjects=3, clips_per_subject=3, size=size, seed=seed)
            prepare(load_manifest(clips), folder / f"store{seed}", DataConfig(size=64))

    folder = made_once(tmp_path_factory, "picture-ranges", draw)
    return [FrameStore.open(folder / f"store{seed}") for seed in (1, 2)]


def test_known_pictures():
    white, halves = np.full((16, 16, 3), 255, np.uint8), np.zeros((16, 16, 3), np.uint8)
    halves[:, 8:] = (200, 100, 0)
    assert picture_statistics(white) == pytest.approx(
        {"brightness": 255, "shadows": np.log2(263), "contrast": 0, "colourfulness": 0, "even_share": 1}, abs=1e-3
    )
    found = picture_statistics(halves)
    assert found["brightness"] == pytest.approx((0.299 * 200 + 0.587 * 100) / 2, abs=1e-3)
    assert (found["shadows"], found["colourfulness"], found["even_share"]) == (3, 100, 1)
    stripes = np.zeros((16, 16, 3), np.uint8)
    stripes[:, ::2] = 100
    assert picture_statistics(stripes)["even_share"] == 0


def test_the_range_is_that_of_the_chosen_clips(drawn):
    store = drawn[0]
    values = [picture_statistics(store.read(clip)[0])["brightness"] for clip in (0, 4)]
    found = picture_ranges(store, [0, 4])
    assert set(found) == set(STATISTICS)
    assert found["brightness"]["least"] == pytest.approx(min(values), abs=1e-3)
    assert found["brightness"]["most"] == pytest.approx(max(values), abs=1e-3)
    assert found["brightness"]["mean"] == pytest.approx(np.mean(values), abs=1e-3)
    assert picture_ranges(store, []) is None


def test_drawn_faces_of_another_seed_and_size_are_like_the_training_clips(drawn):
    for own, other in (drawn, drawn[::-1]):
        ranges = picture_ranges(own, range(len(own)))
        for store in (own, other):
            assert [differences(ranges, store.read(clip)[0]) for clip in range(len(store))] == [[]] * len(store)


def test_a_picture_that_is_unlike_is_described(drawn):
    ranges = picture_ranges(drawn[0], range(9))
    picture = drawn[0].read(0)[0]
    assert differences(ranges, picture // 8) == ["is darker", "has darker shadows", "is less colourful"]
    noise = np.random.default_rng(0).normal(0, 25, picture.shape)
    textured = (picture + noise).clip(0, 255).astype(np.uint8)
    assert "has a less even surface" in differences(ranges, textured)
    assert differences({}, picture // 8) == []


def test_a_card_says_in_how_many_clips_a_face_is_found(drawn):
    store = drawn[1]
    found = faces_shown(store, range(len(store)))
    assert found == {"searched": 9, "found": 9, "detector": "mtcnn"}
    assert faces_shown(store, [0, 4])["searched"] == 2 and faces_shown(store, []) is None
    assert not shows_face([np.zeros((64, 64, 3), np.uint8)])
    cropped = FrameStore(store.path, store.meta | {"config": store.meta["config"] | {"face": "crop"}}, store.clips)
    assert faces_shown(cropped, [0]) is None
