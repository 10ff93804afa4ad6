"""The log of a fold: one record per epoch. Reading it does not import torch."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from atm_gcn.errors import ATMGCNError
from atm_gcn.files import write_text
from atm_gcn.files.refusals import refuse_special
from atm_gcn.training.results.layout import LOG

_FIX = "train the fold again with atm-gcn train --resume"


def write_log(folder: Path, records: Sequence[dict[str, Any]]) -> None:
    """Write a fold's log, one JSON object per line and epoch."""
    write_text(folder / LOG, "".join(json.dumps(record) + "\n" for record in records))


def read_log(path: Path) -> list[dict[str, Any]]:
    """Read what :func:`write_log` wrote.

    Raises:
        ATMGCNError: If the file is missing or damaged.
    """
    refuse_special(path)
    try:
        records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, ValueError, RecursionError) as error:
        raise ATMGCNError(f"{path}: is missing or damaged ({error}); {_FIX}") from error
    for number, record in enumerate(records, start=1):
        is_whole = isinstance(record, dict) and record.get("epoch") == number and "loss" in record
        if not is_whole or not all(math.isfinite(v) for v in record.values() if isinstance(v, int | float)):
            raise ATMGCNError(f"{path}, line {number}: is not the record of epoch {number}; {_FIX}")
    return records
