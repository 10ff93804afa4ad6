"""Files that appear whole or not at all."""

import hashlib
import json
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from atm_gcn.errors import ATMGCNError

LARGEST_JSON = 64 * 2**20
"""Bytes of a JSON file that is read; a manifest of 100,000 clips has about a quarter of it."""


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Give a temporary path in the folder of ``path`` to write to; it takes the name ``path`` once the block is done.

    Whatever ends the block early, a killed process or a full disk too, leaves an earlier file of that name intact.

    Raises:
        ATMGCNError: If the system refuses to write.
    """
    path = Path(path)
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise ATMGCNError(f"{path}: cannot be written ({error.strerror or error})") from error
    finally:
        with suppress(OSError):
            partial.unlink()


def write_text(path: str | Path, text: str) -> None:
    """Write UTF-8 text, whole or not at all."""
    with replacing(path) as partial:
        partial.write_text(text, encoding="utf-8")


def write_json(path: str | Path, content: Any, decimals: int = 6) -> None:
    """Write JSON that reads well and compares well: sorted keys, floats rounded to ``decimals``."""
    write_text(path, json.dumps(rounded(content, decimals), indent=2, sort_keys=True, ensure_ascii=False) + "\n")


def rounded(content: Any, decimals: int = 6) -> Any:
    """A copy of nested dicts and lists in which every float has ``decimals`` digits after the point."""
    if isinstance(content, dict):
        return {key: rounded(value, decimals) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [rounded(value, decimals) for value in content]
    return round(content, decimals) if isinstance(content, float) else content


def read_json(path: Path, fix: str) -> dict[str, Any]:
    """Read a JSON object, all numbers of which are finite.

    Args:
        path: The file.
        fix: What to do about a damaged one, for the error.

    Raises:
        ATMGCNError: If the file is missing, too large, or no JSON object.
    """
    try:
        if path.stat().st_size > LARGEST_JSON:
            raise ATMGCNError(f"{path}: has more than {LARGEST_JSON // 2**20} MB, which no such file has; {fix}")
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
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ATMGCNError(f"{path}: cannot be read ({error.strerror})") from error
