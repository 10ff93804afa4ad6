"""A tiny run, and a face video with a brief movement in it."""

import pytest

from atm_gcn.synth.long_video import LONG_RECORDING, load_planted, synthesize_long
from tests.sharing import made_once


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory):
    """Folder of a finished run, whose clips are 32 pixels wide and at most 40 frames long."""
    from atm_gcn.training.preflight import resolve
    from atm_gcn.training.run import run_folds
    from tests.runs import tiny_config, tiny_store

    def train(folder):
        store = tiny_store(folder, fps=30.0, max_frames=40)
        config = tiny_config(epochs=1).merge({"data": {"fps": 30.0, "max_frames": 40}})
        run_folds(resolve(config, config, store), store, folder / "run")

    return made_once(tmp_path_factory, "inference", train) / "run"


@pytest.fixture(scope="session")
def ensemble(tiny_run):
    from atm_gcn.inference.ensemble import Ensemble

    return Ensemble.open(tiny_run / "folds" / "tiny__s0")


@pytest.fixture(scope="session")
def long_video(tmp_path_factory):
    """Twelve seconds of a drawn face with two planted micro-expressions; the video and the truth."""

    def draw(folder):
        folder.mkdir()
        path = folder / "long.avi"
        synthesize_long(path, 12, per_minute=10, size=160, seed=3, subject=0, recording=LONG_RECORDING)

    path = made_once(tmp_path_factory, "long-video", draw) / "long.avi"
    return path, load_planted(path)


@pytest.fixture(scope="session")
def face_run(tmp_path_factory):
    """Folder of a run on aligned, registered drawn faces and their optical flow; ``store`` and ``clips`` lie beside."""
    from atm_gcn.config import DataConfig
    from atm_gcn.data import load_manifest, prepare
    from atm_gcn.synth import synthesize
    from atm_gcn.training.preflight import resolve
    from atm_gcn.training.run import run_folds
    from tests.runs import tiny_config

    def train(folder):
        synthesize(folder / "clips", subjects=2, clips_per_subject=3, size=112, seed=1)
        data = {"size": 32, "fps": 30.0, "face": "align", "register": "similarity", "flow": "dis", "view": "both"}
        data |= {"flow_size": 16, "max_frames": 40}
        store = prepare(load_manifest(folder / "clips"), folder / "store", DataConfig(**data))
        config = tiny_config(epochs=1).merge({"data": data})
        run_folds(resolve(config, config, store), store, folder / "run")

    return made_once(tmp_path_factory, "face-run", train) / "run"
