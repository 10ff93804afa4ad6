"""An expression in a long video: annotated, or found by a method."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from atm_gcn.defaults import KINDS, Kind
from atm_gcn.errors import ATMGCNError, either

_KIND = re.compile(r"(?P<micro>micro|me\b)|(?P<macro>macro|mae\b)", re.IGNORECASE)


@dataclass(frozen=True)
class Interval:
    """An expression from its first frame to its last, both included.

    Args:
        video: Name of the video, unique together with ``subject``.
        onset: Number of the first frame.
        offset: Number of the last frame, not before ``onset``.
        emotion: Class, None if it is not known.
        kind: ``"micro"`` or ``"macro"``.
        subject: Who is seen; empty where the name of the video says enough.

    Raises:
        ATMGCNError: If ``offset`` is before ``onset``, or ``kind`` is another.
    """

    video: str
    onset: int
    offset: int
    emotion: str | None = None
    kind: Kind = "micro"
    subject: str = ""

    def __post_init__(self) -> None:
        if self.offset < self.onset:
            raise ATMGCNError(f"offset {self.offset} is before onset {self.onset}; correct the frames")
        if self.kind not in KINDS:
            raise ATMGCNError(f"kind must be {either(KINDS)}, not {self.kind!r}")

    @property
    def place(self) -> tuple[str, str]:
        """Subject and video."""
        return self.subject, self.video

    @classmethod
    def of(cls, given: "Interval | Mapping[str, Any] | Sequence[Any]") -> "Interval":
        """An interval; a mapping of its fields; or ``(video, onset, offset)``, then emotion, kind and subject."""
        if isinstance(given, Interval):
            return given
        return cls(**given) if isinstance(given, Mapping) else cls(*given)


def kind_of(text: str) -> Kind | None:
    """The kind that a word names, such as ``"Micro - 1/2"``, ``"me"`` or ``"mae"``; None if it names none."""
    found = _KIND.match(text.strip())
    if found is None:
        return None
    return "micro" if found["micro"] else "macro"
