"""Worlds of recorded data, which lie in folders that options name."""

import csv
from pathlib import Path

import numpy as np
import torch
from torch.nn.functional import adaptive_avg_pool2d
from torch_geometric.data import Data

from atm_gcn.errors import ATMGCNError
from atm_gcn.media.pictures.decoding import read_picture
from benchmarks.method.worlds.motion import as_data
from benchmarks.method.worlds.ts_files import read_ts
from benchmarks.method.worlds.world import World

GRID = 8


def real_flow(folder: Path) -> list[Data]:
    """Clips of a manifest whose frames are pictures of optical flow, the first of them grey.

    The features of a picture are the means of u, v and strain over 8 x 8 cells, less those of the grey picture.
    """
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    classes = sorted({row["label"] for row in rows})
    clips = []
    for row in rows:
        pictures = [_cells(path) for path in sorted((folder / row["source"]).glob("*.png"))]
        x = np.stack(pictures[1:]) - pictures[0]
        subject = f"{row['dataset']}-{row['subject']}"
        clips.append(as_data(x, int(row["apex"]) - 1, classes.index(row["label"]), subject, row["name"]))
    return clips


def _cells(path: Path) -> np.ndarray:
    values = read_picture(path).values.astype(np.float64)  # [H, W, 3]
    return adaptive_avg_pool2d(torch.from_numpy(values).permute(2, 0, 1), GRID).flatten().numpy() / 32


def japanese_vowels(folder: Path) -> list[Data]:
    """270 utterances, 12 coefficients in 7 to 26 frames; the class is the speaker. The middle frame is the apex."""
    series, labels, classes = read_ts(folder / "JapaneseVowels" / "JapaneseVowels_TRAIN.ts")
    return [
        as_data(x, len(x) // 2, classes.index(label), f"{index:03d}", "0")
        for index, (x, label) in enumerate(zip(series, labels, strict=True))
    ]


def pickup_gesture(folder: Path) -> list[Data]:
    """100 gestures of ten kinds: acceleration along one axis, in windows of 16 samples every 4."""
    clips: list[Data] = []
    for part in ("TRAIN", "TEST"):
        series, labels, classes = read_ts(folder / "PickupGestureWiimoteZ" / f"PickupGestureWiimoteZ_{part}.ts")
        for samples, label in zip(series, labels, strict=True):
            deviation = 2 * (samples[:, 0] - samples[0, 0])
            x = np.lib.stride_tricks.sliding_window_view(deviation, 16)[::4]
            clips.append(as_data(x, None, classes.index(label), f"{len(clips):03d}", "0"))
    return clips


def recorded_worlds(flow: Path | None, aeon: Path | None) -> tuple[list[World], list[str]]:
    """The worlds whose folder is given and exists, and a line for each that is left out."""
    found, left_out = [], []
    for world, folder, option in all_recorded(flow, aeon):
        if folder is None:
            left_out.append(f"{world.name}: {option} names no folder")
        elif not folder.is_dir():
            left_out.append(f"{world.name}: {folder} is no folder")
        else:
            found.append(world)
    return found, left_out


def all_recorded(flow: Path | None, aeon: Path | None) -> list[tuple[World, Path | None, str]]:
    """All recorded worlds, the folder of each, and the option that names it."""
    flows = (_real_flow(flow), flow, "--real-flow")
    return [flows, (_vowels(aeon), aeon, "--aeon"), (_gesture(aeon), aeon, "--aeon")]


def aeon_folder(path: Path) -> Path:
    """The folder of the series: ``path`` itself, or that within an installed package aeon."""
    inside = path / "datasets" / "data"
    return inside if inside.is_dir() else path


def _given(folder: Path | None) -> Path:
    if folder is None:
        raise ATMGCNError("the folder of a recorded world is missing; name it with --real-flow or --aeon")
    return folder


def _real_flow(folder: Path | None) -> World:
    return World(
        "real flow",
        "Real micro-expressions as two steps of optical flow, onset to apex and apex to offset.",
        False,
        lambda seed: real_flow(_given(folder)),
        redrawn=False,
    )


def _vowels(folder: Path | None) -> World:
    return World(
        "vowels",
        "JapaneseVowels: ragged series that nobody here drew. The class is the speaker, so that the clip is the unit.",
        True,
        lambda seed: japanese_vowels(aeon_folder(_given(folder))),
        redrawn=False,
        unit="clip",
    )


def _gesture(folder: Path | None) -> World:
    return World(
        "gesture",
        "PickupGestureWiimoteZ: ragged series of one channel. Who made a gesture is not said: the clip is the unit.",
        False,
        lambda seed: pickup_gesture(aeon_folder(_given(folder))),
        redrawn=False,
        unit="clip",
    )
