"""What is found while a recording is decoded that is no error."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple


class Remark(NamedTuple):
    """What was found while a recording was decoded, which is no error.

    Args:
        kind: What it is, in the same words for every recording.
        detail: Values, numbers or names of this recording; may be empty.
    """

    kind: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.kind} ({self.detail})" if self.detail else self.kind


def summarise(remarks: Iterable[tuple[Path, Remark]]) -> list[str]:
    """One sentence for every kind of remark, with the first recording of which it is true and the number of others."""
    kinds: dict[str, list[str]] = {}
    for path, remark in remarks:
        kinds.setdefault(remark.kind, []).append(f"{path}: {remark}")
    return [f"{first}{_and(len(others))}" for first, *others in kinds.values()]


def _and(others: int) -> str:
    if not others:
        return ""
    return f"; likewise {others} other recording{'' if others == 1 else 's'}"
