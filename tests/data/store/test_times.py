"""The times of a clip's frames: from the file into the store, and out of it as positions of the nodes."""

from fractions import Fraction

import numpy as np
import pytest

from atm_gcn.config import DataConfig
from atm_gcn.data import Clip, FrameStore, MERDataset, prepare
from atm_gcn.data.annotations.dataset_check import check_dataset
from atm_gcn.data.manifest import write_manifest
from atm_gcn.files import write_json
from tests.data.recordings import picture, write_folder
from tests.media.videos import encode, moving_bar

TIMES = [*range(0, 600, 60), *range(600, 1020, 30)]  # 10 frames per second, then 20
SMALL = DataConfig(size=16)


def variable(path):
    return encode(path, [moving_bar(n) for n in range(24)], times=TIMES, time_base=Fraction(1, 600))


def two_clips(tmp_path, fps: float = 20.0) -> list[Clip]:
    video = variable(tmp_path / "v.mp4")
    folder = write_folder(tmp_path / "folder", [3, 4, 5, 6, 7], image=picture)
    return [
        Clip("own", "a", "video", 2, 8, 20, fps, label="x", source=str(video)),
        Clip("own", "b", "folder", 3, 5, 7, 50.0, label="y", source=str(folder)),
    ]


def test_times_and_positions_are_those_of_the_files(tmp_path):
    store = prepare(two_clips(tmp_path), tmp_path / "store", SMALL)
    np.testing.assert_allclose(store.seconds(0), np.array(TIMES[2:21]) / 600, atol=1e-6)
    np.testing.assert_allclose(store.seconds(1), np.arange(5) / 50)
    pos = MERDataset(store)[0].pos.numpy()
    np.testing.assert_allclose(pos, 1 + (np.array(TIMES[3:21]) - 120) / 600 * 20, atol=1e-3)
    assert MERDataset(store)[1].pos.tolist() == [2, 3, 4, 5]


def test_resampled_clips_count_at_the_rate_they_are_resampled_to(tmp_path):
    store = prepare(two_clips(tmp_path), tmp_path / "store", DataConfig(size=16, fps=10))
    assert np.round(np.diff(store.seconds(0)), 3).tolist() == [0.1] * 13
    assert MERDataset(store)[0].pos.tolist() == pytest.approx(list(range(2, 15)), abs=1e-3)


def test_the_annotated_rate_is_used_where_the_setting_says_so(tmp_path):
    clips = two_clips(tmp_path, fps=200.0)
    stamps = prepare(clips, tmp_path / "stamps", SMALL)
    slow = prepare(clips, tmp_path / "slow", DataConfig(size=16, clock="fps"))
    np.testing.assert_allclose(np.diff(slow.seconds(0)), np.diff(stamps.seconds(0)) / 10)


def test_a_rate_that_contradicts_the_file_is_a_problem(tmp_path, caplog):
    write_manifest(two_clips(tmp_path, fps=30.0), tmp_path / "manifest.csv")
    found = check_dataset("manifest", tmp_path)
    (problem,) = [one for one in found.frame_problems if one.clip]
    assert problem.clip == "own/a/video" and not found.complete
    assert "fps is 30, but by its time stamps" in problem.kind and "has 20 frames per second" in problem.kind
    prepare(two_clips(tmp_path, fps=30.0), tmp_path / "store", SMALL)
    assert "1 clips: fps is 30, but by its time stamps" in caplog.text
    for agreed in (20.0, 13.94):  # the usual rate and the mean
        write_manifest(two_clips(tmp_path, fps=agreed), tmp_path / "manifest.csv")
        assert check_dataset("manifest", tmp_path).complete


def test_a_video_that_ends_early_is_incomplete(tmp_path):
    clips = two_clips(tmp_path)
    whole = encode(tmp_path / "v.mp4", [moving_bar(n) for n in range(24)], muxer={"movflags": "faststart"})
    whole.write_bytes(whole.read_bytes()[: int(0.8 * whole.stat().st_size)])
    write_manifest(clips, tmp_path / "manifest.csv")
    found = check_dataset("manifest", tmp_path)
    assert not found.complete
    assert any("ends early" in problem.kind and " of 24 frames" in problem.kind for problem in found.frame_problems)


def test_a_store_of_the_earlier_format_counts_frames(tmp_path):
    store = prepare(two_clips(tmp_path), tmp_path / "store", SMALL)
    (store.path / "times.npy").unlink()
    meta = {key: value for key, value in store.meta.items() if key != "sha256"}
    write_json(store.path / "meta.json", meta | {"format": 1})
    text = (store.path / "manifest.csv").read_text(encoding="utf-8").splitlines()
    keep = [place for place, name in enumerate(text[0].split(",")) if name != "rate"]
    rows = [",".join(line.split(",")[place] for place in keep) for line in text]
    (store.path / "manifest.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    old = FrameStore.open(store.path)
    assert MERDataset(old)[0].pos.tolist() == list(range(2, 20))
    np.testing.assert_allclose(old.seconds(1), np.arange(3, 8) / 50)
