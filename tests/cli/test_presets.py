"""Every dataset at the length of real clips under the presets: which frames stay, and how the apex was found."""

import numpy as np
import pytest

from atm_gcn.cli.main import run
from atm_gcn.data import FrameStore
from atm_gcn.data.store.frame_store import StoredClip
from tests.data.annotations.tables import FILE_NAMES, TABLES, write, write_frames
from tests.data.annotations.trees import FORMS, clip_folder

ROWS = 6
FPS = {"casme2": 200.0, "samm": 200.0, "smic": 100.0, "casme3": 30.0}


def build(root, dataset: str, last: int = 0) -> None:
    """Table and frames of a few clips, each as long as its row says, or ``last`` frames longer than its onset."""
    table = TABLES[dataset](ROWS)
    header = next(i for i, row in enumerate(table) if row[0] == "Subject")
    names = [str(cell).lower() for cell in table[header]]
    onset, offset = (next(i for i, name in enumerate(names) if name.startswith(word)) for word in ("onset", "offset"))
    for row in table[header + 1 :]:
        row[offset] = row[onset] + last if last else row[offset]
        form = f"{row[0]:03d}_" + FORMS[dataset] if dataset == "samm" else FORMS[dataset]
        write_frames(root / clip_folder(dataset, row), form, row[onset], row[offset])
    write(root / f"{FILE_NAMES[dataset]}.csv", table)


def prepared(tmp_path, dataset: str, preset: str, *settings: str) -> FrameStore:
    arguments = ["prepare", dataset, str(tmp_path), str(tmp_path / "store"), "--preset", preset]
    assert run([*arguments, *(part for setting in ("data.size=16", *settings) for part in ("--set", setting))]) == 0
    return FrameStore.open(tmp_path / "store")


def numbers(store: FrameStore, index: int) -> list[int]:
    """The numbers of a clip's frames, modulo 200, as the pictures tell them."""
    return np.round(store.read(index).mean(axis=(1, 2, 3))).astype(int).tolist()


def apex_of(store: FrameStore, index: int) -> int:
    return numbers(store, index)[store.clips[index].apex_position]


def open_apex(one: StoredClip) -> bool:
    return one.clip.apex is None


@pytest.mark.parametrize("dataset", FPS)
@pytest.mark.parametrize("preset", ["small", "demo", "large"])
def test_onset_and_apex_stay(tmp_path, dataset, preset):
    build(tmp_path, dataset)
    store = prepared(tmp_path, dataset, preset)
    assert len(store) >= 5
    for index, one in enumerate(store.clips):
        clip, told = one.clip, numbers(store, index)
        assert told[0] == clip.onset % 200
        rate = FPS[dataset] if preset == "large" else 30.0
        assert len(told) == int((clip.offset - clip.onset) * rate / FPS[dataset] + 1e-9) + 1
        assert one.apex_source == ("max-motion" if open_apex(one) else "annotated")
        assert open_apex(one) or apex_of(store, index) == clip.apex % 200
    missing = {"casme2": 1, "smic": ROWS}.get(dataset, 0)
    assert sum(map(open_apex, store.clips)) == missing - (dataset == "casme2")  # that clip shows fear, no class of five


@pytest.mark.parametrize("dataset", ["casme2", "casme3"])
def test_a_capped_clip_keeps_onset_apex_and_offset(tmp_path, dataset):
    build(tmp_path, dataset, last=150)
    store = prepared(tmp_path, dataset, "large", "data.max_frames=9")
    for index, one in enumerate(store.clips):
        told = numbers(store, index)
        assert len(told) == 9
        assert (told[0], told[-1]) == (one.clip.onset % 200, one.clip.offset % 200)
        assert apex_of(store, index) == one.clip.apex % 200


@pytest.mark.parametrize("method", ["max-motion", "middle"])
def test_how_a_missing_apex_was_chosen_is_recorded(tmp_path, method):
    build(tmp_path, "smic")
    store = prepared(tmp_path, "smic", "small", f"data.apex={method}")
    assert {one.apex_source for one in store.clips} == {method}
    assert all(0 < one.apex_position < one.num_frames for one in store.clips)
    assert f",{method}\n" in (tmp_path / "store" / "manifest.csv").read_text()
