"""The order of onset, apex and offset, and the rules by which slips are repaired."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from atm_gcn.data.annotations._rows.note import Note
from atm_gcn.defaults import KINDS

LONGEST = {"micro": 2.0, "macro": 10.0}
"""Seconds, by kind. Micro-expressions last half a second, most others up to four; a longer clip is kept with a note."""

_NUMBER = re.compile(r"(\d{1,9})(?:\.0*)?")
_BLANK = {"", "/", "-", "--", "-1", "?", "na", "n/a", "nan", "none", "null"}


@dataclass(frozen=True)
class Span:
    """The three frame numbers of a clip; the apex is None where it is unknown."""

    onset: int
    apex: int | None
    offset: int

    @property
    def ordered(self) -> bool:
        """Whether onset <= apex <= offset, as far as the apex is known."""
        middle = self.onset if self.apex is None else self.apex
        return self.onset <= middle <= self.offset

    def __str__(self) -> str:
        return _written(self.onset, self.apex, self.offset)


def read_span(cells: dict[str, str], fps: float, kind: str = KINDS[0]) -> tuple[Span | None, list[Note]]:
    """Read the three frame numbers of a row, in order.

    Args:
        cells: Text of ``onset``, ``offset`` and, where the table has such a column, ``apex``.
        fps: Frames per second, by which a length is judged.
        kind: Kind of the expression, which says how long it may be.

    Returns:
        The span, or None if it cannot be read; and a note for everything that was odd.
    """
    notes: list[Note] = []
    numbers: dict[str, int | None] = {"apex": None}
    for field in ("onset", "apex", "offset"):
        if field in cells:
            numbers[field], note = _read_cell(field, cells[field])
            notes += [note] if note else []
    onset, apex, offset = numbers["onset"], numbers["apex"], numbers["offset"]
    if onset is None or any(note.action == "dropped" for note in notes):
        return None, notes
    span = None if offset is None else Span(onset, apex, offset)
    if span is None or not span.ordered:
        span, note = _repair(onset, apex, offset, round(fps * LONGEST[kind]))
        notes.append(note)
    return _check_length(span, fps, LONGEST[kind], notes)


def frame_number(text: str) -> int | None:
    """The frame number that a cell holds (``46`` or ``46.0``), or None."""
    match = _NUMBER.fullmatch(text)
    return int(match[1]) if match else None


def _read_cell(field: str, text: str) -> tuple[int | None, Note | None]:
    number = frame_number(text)
    if number is not None:
        return number, None
    blank = text.casefold() in _BLANK
    if field == "apex":
        kind = f"apex is {repr(text) if text else 'empty'}: left open, to be found in the frames"
        return None, Note("no-apex", kind, "repaired") if blank else Note("invalid-apex", kind, "repaired")
    if field == "offset" and blank:
        return None, None  # the clip may end at its apex
    written = f"{text!r}, which is no frame number" if text else "empty"
    return None, Note("invalid-frame-number", f"{field} is {written}", "dropped")


def _repair(onset: int, apex: int | None, offset: int | None, longest: int) -> tuple[Span | None, Note]:
    """Bring frame numbers into order by the first rule that fits."""
    written = _written(onset, apex, offset)
    if apex is not None and offset:
        if onset > apex > offset:
            kind = f"onset {onset} and offset {offset} are exchanged"
            return Span(offset, apex, onset), Note("order", kind, "repaired")
        guesses = set(_one_digit_off((onset, apex, offset), longest))
        if len(guesses) == 1:
            span = guesses.pop()
            kind = f"onset, apex, offset {written} are out of order: one digit is wrong, read {span}"
            return span, Note("order", kind, "repaired")
    if not offset or offset < onset:
        if apex is not None and apex > onset:
            kind = f"offset is {'empty' if offset is None else offset}, before apex {apex}: the clip ends at its apex"
            return Span(onset, apex, apex), Note("order", kind, "repaired")
        return None, Note("order", f"onset, apex, offset {written} are out of order and cannot be repaired", "dropped")
    side = f"before onset {onset}" if apex is not None and apex < onset else f"after offset {offset}"
    kind = f"apex {apex} lies {side}: left open, to be found in the frames"
    return Span(onset, None, offset), Note("order", kind, "repaired")


def _one_digit_off(numbers: tuple[int, int, int], longest: int) -> Iterator[Span]:
    """Every strictly ordered, short enough span that differs in a single digit of a single number."""
    for place, number in enumerate(numbers):
        digits = str(number)
        for at in range(len(digits)):
            for digit in "0123456789"[at == 0 :]:
                guess = list(numbers)
                guess[place] = int(digits[:at] + digit + digits[at + 1 :])
                onset, apex, offset = guess
                if onset < apex < offset <= onset + longest:
                    yield Span(onset, apex, offset)


def one_frame(number: int) -> Note:
    """The note of a clip whose onset and offset are this frame."""
    return Note("one-frame", f"onset and offset are both frame {number}: one frame holds no motion", "dropped")


def _check_length(span: Span | None, fps: float, longest: float, notes: list[Note]) -> tuple[Span | None, list[Note]]:
    if span is None:
        return None, notes
    if span.onset == span.offset:
        return None, [*notes, one_frame(span.onset)]
    if span.apex == span.onset:
        notes.append(Note("apex-at-onset", f"onset and apex are both frame {span.onset}", "kept"))
    length = span.offset - span.onset + 1
    if length > fps * longest:
        notes.append(Note("long-clip", f"runs over {length} frames, {length / fps:.1f} seconds", "kept"))
    return span, notes


def _written(*numbers: int | None) -> str:
    return ", ".join("none" if number is None else str(number) for number in numbers)
