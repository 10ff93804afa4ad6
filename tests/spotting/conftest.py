"""A frame store of long videos of three people, and a finished spotting run on it."""

import pytest

from tests.sharing import made_once


def write_long_store(folder):
    """Drawn videos in ``videos`` and a frame store of their clips in ``store``."""
    from atm_gcn.config import DataConfig
    from atm_gcn.data import load_manifest, prepare
    from atm_gcn.synth import Liveliness, synthesize_long_dataset

    people = Liveliness(macros=3.75, macro_duration=(0.7, 1.0))
    synthesize_long_dataset(folder / "videos", 3, 16.0, size=64, lively=people, per_minute=11.25)
    prepare(load_manifest(folder / "videos"), folder / "store", DataConfig(size=32))


@pytest.fixture(scope="session")
def long_folder(tmp_path_factory):
    """Folder with ``videos`` and ``store``."""
    return made_once(tmp_path_factory, "long-videos", write_long_store)


@pytest.fixture(scope="session")
def long_store(long_folder):
    """The frame store, opened."""
    from atm_gcn.data import FrameStore

    return FrameStore.open(long_folder / "store")


@pytest.fixture(scope="session")
def finished(long_folder, tmp_path_factory):
    """Folder of a finished run with both spotters."""
    return made_once(tmp_path_factory, "spotting-run", lambda out: run(long_folder, out))


def run(long_folder, out, **options):
    """A run with models that train in a blink."""
    from atm_gcn.data import FrameStore
    from atm_gcn.spotting import SpotterTraining, micro_clips, spot_and_recognise
    from atm_gcn.training.settings import resolve
    from tests.runs import tiny_config

    store, base = FrameStore.open(long_folder / "store"), tiny_config()
    config = resolve(base, base, micro_clips(store))
    return spot_and_recognise(config, store, out, training=SpotterTraining(steps=4), **options)
