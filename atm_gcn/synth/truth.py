"""The true movement of the skin: ``truth.json`` beside the manifest."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from atm_gcn.errors import ATMGCNError
from atm_gcn.files import write_json
from atm_gcn.synth.movement import Bump

FILE_NAME = "truth.json"


def write_truth(bumps: Mapping[str, list[Bump]], path: str | Path) -> None:
    """Write, for every clip's key, the movement from onset to apex."""
    write_json(path, {key: [asdict(bump) for bump in moved] for key, moved in bumps.items()})


def load_truth(path: str | Path) -> dict[str, list[Bump]]:
    """Read ``truth.json`` or that of a folder: clip key -> movement from onset to apex.

    :func:`movement_field` and :func:`moved_region` draw it at any size.

    Raises:
        ATMGCNError: If it cannot be read.
    """
    path = Path(path)
    path = path / FILE_NAME if path.is_dir() else path
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
        return {key: [Bump(**bump) for bump in bumps] for key, bumps in entries.items()}
    except OSError as error:
        raise ATMGCNError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise ATMGCNError(f"{path}: does not hold the movements of a synthetic dataset ({error})") from error
