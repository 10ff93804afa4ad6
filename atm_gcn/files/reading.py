"""Reading files of this package, any of which may be damaged or forged."""

import hashlib
import json
import math
from pathlib import Path
from typing import Any

from atm_gcn.errors import ATMGCNError
from atm_gcn.files.refusals import refuse_special

LARGEST_JSON = 64 * 2**20
"""Largest JSON file that is read, in bytes; that of a run with 100,000 folds is about a quarter of it."""


def read_json(path: Path, fix: str) -> dict[str, Any]:
    """Read a JSON object, all numbers of which are finite.

    Args:
        path: The file.
        fix: How to replace a damaged file, for the error.

    Raises:
        ATMGCNError: If the file is missing, too large, or no JSON object.
    """
    refuse_special(path)
    try:
        if path.stat().st_size > LARGEST_JSON:
            raise ATMGCNError(f"{path}: is larger than {LARGEST_JSON // 2**20} MB, and cannot be sound; {fix}")
        content = json.loads(path.read_text(encoding="utf-8"), parse_constant=_finite, parse_float=_finite)
    except OSError as error:
        raise ATMGCNError(f"{path}: is missing or cannot be read ({error.strerror or error}); {fix}") from error
    except (ValueError, RecursionError) as error:
        raise ATMGCNError(f"{path}: is damaged ({error}); {fix}") from error
    if not isinstance(content, dict):
        raise ATMGCNError(f"{path}: is damaged (no JSON object); {fix}")
    return content


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is not finite")
    return value


def file_digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal.

    Raises:
        ATMGCNError: If the file cannot be read.
    """
    refuse_special(path)
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ATMGCNError(f"{path}: cannot be read ({error.strerror})") from error
