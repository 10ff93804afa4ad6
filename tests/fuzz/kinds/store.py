"""A frame store: damaged files, and forged facts whose digest is right."""

import json
import shutil
from pathlib import Path
from random import Random
from typing import Any

from atm_gcn.data import FrameStore, MERDataset
from atm_gcn.data.store.meta import meta_digest
from atm_gcn.errors import ATMGCNError
from atm_gcn.files import file_digest
from tests.fuzz.mutators import changed_bytes, changed_cells, changed_json, json_text
from tests.runs import tiny_store

FILES = ("meta.json", "manifest.csv", "times.npy", "frames.npy")


class Store:
    """Read by opening it, by ``check store``, and as a dataset."""

    def make(self, folder: Path) -> None:
        tiny_store(folder / "work", subjects=2)
        shutil.copytree(folder / "work" / "store", folder / "store")
        shutil.rmtree(folder / "work")

    def mutate(self, rng: Random, folder: Path) -> bool:
        store = folder / "store"
        name = rng.choice(FILES)
        file = store / name
        match rng.randrange(8):
            case 0:
                file.unlink()
                return False
            case 1:
                shutil.copyfile(store / rng.choice(FILES), folder / "copy")
                shutil.copyfile(folder / "copy", file)
                return False
            case 2 | 3 | 4:
                other = (store / rng.choice(FILES)).read_bytes()
                file.write_bytes(changed_bytes(rng, file.read_bytes(), other))
                return False
            case 5:
                text = (store / "manifest.csv").read_text()
                (store / "manifest.csv").write_bytes(changed_cells(rng, text).encode("utf-8", "replace"))
            case _:
                meta = json.loads((store / "meta.json").read_text())
                (store / "meta.json").write_text(json_text(rng, changed_json(rng, meta)))
        if rng.random() < 0.5:
            return False
        _sign(store)
        return True

    def read(self, folder: Path) -> Any:
        store = FrameStore.open(folder / "store")
        problems = list(store.check_frames())
        if problems:
            raise ATMGCNError(problems[0])
        clips = [MERDataset(store)[index] for index in range(len(store))]
        return (
            [(clip.clip, clip.subject, int(clip.y), clip.pos.tolist(), clip.global_index.tolist()) for clip in clips],
            [clip.frames.sum(dim=(1, 2, 3)).tolist() for clip in clips],
            [store.seconds(index).tolist() for index in range(len(store))],
            (store.classes, store.subjects, store.meta["checksum"]),
        )


KIND = Store()


def _sign(store: Path) -> None:
    """Give changed files of a store the digests that they would have had."""
    try:
        meta = json.loads((store / "meta.json").read_text())
        meta["sha256"] = {name: file_digest(store / name) for name in ("manifest.csv", "times.npy")}
        meta["sha256"]["meta.json"] = meta_digest(meta)
        (store / "meta.json").write_text(json.dumps(meta))
    except (ValueError, TypeError, AttributeError, RecursionError, ATMGCNError):
        pass  # too broken to be signed
