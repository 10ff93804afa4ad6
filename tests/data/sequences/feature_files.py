"""Manifests of features, for tests."""

from pathlib import Path

import numpy as np

from atm_gcn.data import Clip, write_manifest
from tests.sequences import CLASSES, feature_clips


def write_features(folder: Path, suffix: str = ".npz", people: int = 3, **changes) -> Path:
    """Write the clips of ``feature_clips`` with a row for the onset before them; return the manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    clips = []
    for data in feature_clips(people):
        rows = np.concatenate([np.zeros((1, data.x.size(1)), np.float32), data.x.numpy()])
        source = folder / f"{data.subject}-{data.clip}{suffix}"
        if suffix == ".npz":
            np.savez(source, x=rows)
        elif suffix == ".npy":
            np.save(source, rows)
        else:
            np.savetxt(source, rows, delimiter=",", fmt="%.9g")
        given = {"apex": int(data.global_index) + 1, "offset": len(rows) - 1, "label": CLASSES[int(data.y)]} | changes
        clips.append(Clip("data", data.subject, data.clip, 0, fps=100.0, source=str(source), **given))
    write_manifest(clips, folder / "features.csv")
    return folder / "features.csv"
