"""Onset, apex and offset put in order: which slips can be mended, and by which rule."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

LONGEST = 2.0
"""Seconds. Micro-expressions last half a second; a longer clip is believed, but said."""

_NUMBER = re.compile(r"(\d{1,9})(?:\.0*)?")
_BLANK = {"", "/", "-", "--", "?", "na", "n/a", "nan", "none", "null"}


@dataclass(frozen=True)
class Note:
    """What was found at a row and what was done: see :class:`atm_gcn.data.clip.Problem`."""

    kind: str
    action: str
    decide: str = ""


@dataclass(frozen=True)
class Span:
    """The three frame numbers of a clip; None where the table holds none."""

    onset: int | None
    apex: int | None
    offset: int | None

    @property
    def ordered(self) -> bool:
        """Whether onset <= apex <= offset, with all of them known but perhaps the apex."""
        if self.onset is None or self.offset is None:
            return False
        middle = self.onset if self.apex is None else self.apex
        return self.onset <= middle <= self.offset

    def __str__(self) -> str:
        return ", ".join("none" if value is None else str(value) for value in (self.onset, self.apex, self.offset))


def read_span(cells: dict[str, str], fps: float) -> tuple[Span | None, list[Note]]:
    """Read the three frame numbers of a row, in order.

    Args:
        cells: Text of ``onset``, ``offset`` and, where the table has such a column, ``apex``.
        fps: Frames per second, by which a length is judged.

    Returns:
        The span, or None if it cannot be had; and a note for everything that was odd.
    """
    notes: list[Note] = []
    numbers: dict[str, int | None] = {}
    for field in ("onset", "apex", "offset"):
        numbers[field], note = _cell(field, cells[field]) if field in cells else (None, None)
        notes += [note] if note else []
    if any(note.action == "dropped" for note in notes):
        return None, notes
    span = Span(**numbers)
    if not span.ordered:
        span, note = _mend(span, fps)
        notes.append(note)
        if span is None:
            return None, notes
    return _judge(span, fps, notes)


def frame_number(text: str) -> int | None:
    """The frame number that a cell holds (``46`` or ``46.0``), or None."""
    match = _NUMBER.fullmatch(text)
    return int(match[1]) if match else None


def _cell(field: str, text: str) -> tuple[int | None, Note | None]:
    number = frame_number(text)
    if number is not None:
        return number, None
    blank = text.casefold() in _BLANK
    if field == "apex":
        written = repr(text) if text else "empty"
        return None, Note(f"apex is {written}: left open, to be found in the frames", "repaired")
    if field == "offset" and blank:
        return None, None  # the clip may end at its apex
    written = f"{text!r}, which is no frame number" if text else "empty"
    return None, Note(f"{field} is {written}", "dropped")


def _mend(span: Span, fps: float) -> tuple[Span | None, Note]:
    """Bring a span into order by the first rule that fits."""
    onset, apex, offset = span.onset, span.apex, span.offset
    if apex is not None and offset and onset > apex > offset:
        return Span(offset, apex, onset), Note(f"onset {onset} and offset {offset} are exchanged", "repaired")
    slips = set(_one_digit_off(span, round(fps * LONGEST))) if offset else set()
    if len(slips) == 1:
        mended = slips.pop()
        return mended, Note(
            f"onset, apex, offset {span} are out of order: one digit is wrong, read {mended}", "repaired"
        )
    if not offset or offset < onset:
        if apex is not None and apex > onset:
            kind = f"offset is {'empty' if offset is None else offset}, before apex {apex}: the clip ends at its apex"
            return replace(span, offset=apex), Note(kind, "repaired")
        return None, Note(f"onset, apex, offset {span} are out of order and cannot be mended", "dropped")
    side = f"before onset {onset}" if apex < onset else f"after offset {offset}"
    return replace(span, apex=None), Note(f"apex {apex} lies {side}: left open, to be found in the frames", "repaired")


def _one_digit_off(span: Span, longest: int) -> Iterator[Span]:
    """Every strictly ordered, short enough span that differs from this one in a single digit of a single number."""
    if span.apex is None:
        return
    for field in ("onset", "apex", "offset"):
        digits = str(getattr(span, field))
        for place in range(len(digits)):
            for digit in "0123456789"[place == 0 :]:
                guess = replace(span, **{field: int(digits[:place] + digit + digits[place + 1 :])})
                if guess.onset < guess.apex < guess.offset <= guess.onset + longest:
                    yield guess


def _judge(span: Span, fps: float, notes: list[Note]) -> tuple[Span | None, list[Note]]:
    if span.onset == span.offset:
        return None, [
            *notes,
            Note(f"onset and offset are both frame {span.onset}: one frame holds no motion", "dropped"),
        ]
    if span.apex == span.onset:
        notes.append(Note(f"onset and apex are both frame {span.onset}", "kept"))
    length = span.offset - span.onset + 1
    if length > fps * LONGEST:
        notes.append(Note(f"runs over {length} frames, {length / fps:.1f} seconds", "kept"))
    return span, notes
