"""Writing files whole or not at all."""

import json
import os
import re
import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from atm_gcn.errors import ATMGCNError
from atm_gcn.files.lock import try_lock
from atm_gcn.files.refusals import NO_LINK, NO_WAIT, write_errors

TEMPORARY = re.compile(r"\.(.+\.)?atm-gcn-[0-9a-f]{32}\.partial")
LONGEST = 200  # bytes of a file's name that are repeated in the temporary one, which may have 255


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Yield a temporary file in the folder of ``path``, which is renamed to ``path`` at the end of the block.

    If the block ends early, also by a killed process or a full disk, an earlier file of that name stays intact. A link
    of that name is replaced, not followed. The file's permissions follow the umask.

    Raises:
        ATMGCNError: If the system refuses to write.
    """
    path = Path(path)
    with write_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(temporary_name(path.name))
        descriptor = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL | NO_LINK, 0o666)
    try:
        try_lock(descriptor)  # remove_leftovers keeps files whose writer holds a lock
        with write_errors(path):
            try:
                yield partial
                os.fsync(descriptor)
            finally:
                os.close(descriptor)  # Windows renames no open file
            partial.replace(path)
    finally:
        with suppress(OSError):
            partial.unlink()


def temporary_name(name: str) -> str:
    """An unpredictable name, at which no link can have been placed, that :func:`is_leftover` recognises."""
    named = f"{name}." if len(os.fsencode(name)) <= LONGEST else ""
    return f".{named}atm-gcn-{secrets.token_hex(16)}.partial"


def is_leftover(name: str, names: Collection[str] = ()) -> bool:
    """Whether a file's name is one of :func:`temporary_name`, or ``NAME.PID.partial``, as earlier versions wrote.

    Args:
        name: The name.
        names: The NAMEs of the latter.
    """
    earlier = re.fullmatch(r"(.+)\.\d+\.partial", name)
    return bool(TEMPORARY.fullmatch(name) or (earlier and earlier[1] in names))


def remove_leftovers(folder: Path, names: Collection[str] = ()) -> None:
    """Delete the leftovers below a folder whose writers have ended; see :func:`is_leftover`."""
    for inside, _, files in os.walk(folder):
        for name in files:
            if not is_leftover(name, names):
                continue
            with suppress(OSError):
                descriptor = os.open(Path(inside, name), os.O_RDWR | NO_LINK | NO_WAIT)
                try:
                    if try_lock(descriptor):
                        Path(inside, name).unlink()
                finally:
                    os.close(descriptor)


def write_bytes(path: str | Path, content: bytes | memoryview) -> None:
    """Write a file, whole or not at all."""
    with replacing(path) as partial:
        partial.write_bytes(content)


def write_text(path: str | Path, text: str) -> None:
    """Write UTF-8 text, whole or not at all.

    Raises:
        ATMGCNError: If the system refuses to write, or the text is not valid Unicode, as file names may be.
    """
    write_bytes(path, encoded(path, text))


def write_json(path: str | Path, content: Any, decimals: int | None = 6) -> None:
    """Write indented JSON with sorted keys and floats rounded to ``decimals``, so that equal content is equal text.

    Settings are written with ``decimals=None``, as they are.
    """
    write_text(path, json.dumps(rounded(content, decimals), indent=2, sort_keys=True, ensure_ascii=False) + "\n")


def encoded(path: str | Path, text: str) -> bytes:
    """Text as UTF-8, for a file at ``path``."""
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        odd = text[max(error.start - 20, 0) : error.end + 20]
        raise ATMGCNError(f"{path}: cannot hold {odd!a}, which is not valid UTF-8; rename that file") from error


def rounded(content: Any, decimals: int | None = 6) -> Any:
    """A copy of nested dicts and lists in which every float has ``decimals`` digits after the point; None for all."""
    if isinstance(content, dict):
        return {key: rounded(value, decimals) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [rounded(value, decimals) for value in content]
    return round(content, decimals) if isinstance(content, float) and decimals is not None else content
