"""The measurement on real optical flow, on drawn pictures and next to no training."""

from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

from atm_gcn.data import Clip, write_manifest
from atm_gcn.training.execution import executor
from atm_gcn.training.results.predictions import Prediction
from benchmarks.method import real_motion
from benchmarks.method.real_motion_scores import Results, scores_of_seeds
from tests.data.recordings import write_image

CLASSES = ("negative", "positive", "surprise")
TINY = (
    "model.stem_channels=[4,4]",
    "model.block_channels=[4,8,8,8]",
    "model.motion_channels=8",
    "model.hidden_channels=8",
    "train.optim.epochs=1",
)
ROWS = ("ATM-GCN, apex", "ATM-GCN", "w/o GCN")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Four people with a clip of each class, whose first step alone shows the class."""
    folder, rng, clips = tmp_path_factory.mktemp("data"), np.random.default_rng(0), []
    for person in ("ann", "ben", "cleo", "dan"):
        for number, label in enumerate(CLASSES):
            source = folder / person / label
            write_image(source / "img0.png", np.full((20, 20, 3), 128, np.uint8))
            for frame in (1, 2):
                picture = rng.integers(118, 138, (20, 20, 3))
                picture[..., number] += 60 * (frame == 1)
                write_image(source / f"img{frame}.png", picture.astype(np.uint8))
            clips.append(Clip("own", person, label, 0, 1, 2, 30.0, label=label, source=f"{person}/{label}"))
    write_manifest(clips, folder / "manifest.csv")
    write_manifest([replace(clip, offset=1) for clip in clips], folder / "manifest-apex.csv")
    return folder


def call(data, folder, *options):
    settings = [part for setting in TINY for part in ("--set", setting)]
    rows = [part for row in ROWS for part in ("--row", row)]
    common = ["--folds", "2", "--seeds", "2", "--out", str(folder / "rows.json"), *rows]
    return CliRunner().invoke(real_motion.main, [str(data), str(folder / "work"), *common, *settings, *options])


def test_scores_are_those_of_each_seed_and_their_mean():
    rows = [
        Prediction("a", "s", "x", "x", (0.6, 0.4), seed=0),
        Prediction("a", "s", "x", "y", (0.1, 0.9), seed=1),
        Prediction("a", "s", "x", "x", (0.55, 0.45), seed=2),
    ]
    scores = scores_of_seeds(rows, ["x", "y"])
    assert scores["acc"].seeds == [1, 0, 1] and scores["acc"].value == pytest.approx(2 / 3)


def test_rows_continue_after_an_interruption_and_are_never_trained_twice(data, tmp_path, monkeypatch):
    train_fold, trained, stop_before = executor.train_fold, [], 6

    def counted(config, store, *args, **options):
        if len(trained) == stop_before:
            raise KeyboardInterrupt
        trained.append((store.clips[0].num_frames, config.model.use_gcn))
        return train_fold(config, store, *args, **options)

    monkeypatch.setattr(executor, "train_fold", counted)
    assert call(data, tmp_path).exit_code == 1
    assert [row.name for row in Results.read(tmp_path / "rows.json").rows] == ["ATM-GCN, apex"]
    stop_before = None
    continued = call(data, tmp_path)
    assert continued.exit_code == 0, continued.output
    assert trained == [(2, True)] * 4 + [(3, True)] * 4 + [(3, False)] * 4  # two folds with two seeds
    results = Results.read(tmp_path / "rows.json")
    assert [row.name for row in results.rows] == list(ROWS)
    assert results.rows[0].parameters == results.rows[1].parameters > results.rows[2].parameters > 0
    assert {(row.steps, row.clips, row.subjects) for row in results.rows} == {("apex", 12, 4), ("both", 12, 4)}
    assert all(row.seconds_per_fold > 0 for row in results.rows)
    pairs = {(pair.first, pair.second) for pair in results.comparisons}
    assert pairs == {pair for pair in real_motion.PAIRS if set(pair) <= set(ROWS)} and len(pairs) == 2
    assert len(results.comparisons) == 2 * len(pairs)
    again = call(data, tmp_path)
    assert again.exit_code == 0 and len(trained) == 12
    assert again.stdout.count("\n") == 2 + 2 * len(ROWS) + 2 + 3 + len(results.comparisons)
    assert continued.stdout.endswith(again.stdout)
    other = call(data, tmp_path, "--size", "32")
    assert other.exit_code == 1 and "was begun with size 28, not 32" in other.output
