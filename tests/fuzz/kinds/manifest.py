"""A manifest. Another valid cell is no damage: every clip that is stored must be the one that its row says."""

import csv
import io
import tempfile
from pathlib import Path
from random import Random
from typing import Any

from atm_gcn.config import DataConfig
from atm_gcn.data import load_manifest, prepare, write_manifest
from atm_gcn.data.annotations.dataset_check import check_dataset
from atm_gcn.data.identity import normal
from tests.fuzz.mutators import changed_bytes, changed_cells
from tests.runs import tiny_clips

FILE = "manifest.csv"


class Manifest:
    """Read by ``check`` and by ``prepare``."""

    def make(self, folder: Path) -> None:
        write_manifest(tiny_clips(folder / "clips", subjects=2), folder / FILE)

    def mutate(self, rng: Random, folder: Path) -> bool:
        file = folder / FILE
        if rng.random() < 0.3:
            file.write_bytes(changed_bytes(rng, file.read_bytes()))
        else:
            file.write_bytes(changed_cells(rng, file.read_text()).encode("utf-8", "surrogatepass"))
        return True

    def read(self, folder: Path) -> Any:
        found = check_dataset("manifest", folder, frames=False)
        clips = load_manifest(folder / FILE)
        for clip, row in zip(clips, _rows(folder / FILE) or [None] * len(clips), strict=True):
            if row is not None:
                assert (clip.subject, clip.name, clip.label) == tuple(
                    normal(row[k]) for k in ("subject", "name", "label")
                )
                assert (clip.onset, clip.offset, clip.fps) == tuple(float(row[k]) for k in ("onset", "offset", "fps"))
        assert len(clips) == found.clips
        with tempfile.TemporaryDirectory() as out:
            store = prepare(clips, Path(out, "store"), DataConfig(size=16), jobs=1)
            return [(one.clip.key, one.clip.label, one.num_frames, one.sha256) for one in store.clips], store.classes


KIND = Manifest()


def _rows(file: Path) -> list[dict[str, str]]:
    """The rows as the csv module reads them, where the file is plain enough for it."""
    text = file.read_bytes().decode("utf-8-sig")
    rows = [
        row for row in csv.DictReader(io.StringIO(text, newline="")) if any((v or "").strip() for v in row.values())
    ]
    plain = text.startswith("dataset,subject,name,onset") and "'" not in text
    return [{key: value.strip() for key, value in row.items()} for row in rows] if plain else []
