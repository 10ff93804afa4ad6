"""The action units that a cell of an annotation table names."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from atm_gcn.data.identity import normal

UNITS = (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17)
"""The twelve units that most datasets of micro-expressions have in common."""
KNOWN = frozenset((*range(1, 3), *range(4, 40), *range(41, 47), *range(50, 77), *range(80, 99)))
"""Numbers that the Facial Action Coding System gives to units, to movements of head and eyes, and to descriptors."""
NONE = "none"
"""How a clip in which no unit is present is written, in tables and in predictions."""
AT_REST, UNCERTAIN = "in the face at rest", "uncertain"

State = Literal[-1, 0, 1]
"""Of one unit in one clip: 1 present, 0 absent, -1 unknown."""
PRESENT, ABSENT, UNKNOWN = 1, 0, -1

_PREFIX = re.compile(r"\baus?\s*[-:.]?\s*(?=[lrbut]{0,2}\d)", re.IGNORECASE)
_SIDE = re.compile(r"\b([lr])\s+(?=\d)", re.IGNORECASE)
_OR = re.compile(r"\s*(?:or|/|\||或)\s*", re.IGNORECASE)
_SEPARATOR = re.compile(r"[+,;&、\s]+|and", re.IGNORECASE)
_UNIT = re.compile(r"[lrbut]{0,2}(\d{1,2})(?:\.0+)?[a-e]?[lr]?[a-e]?", re.IGNORECASE)
_DOUBT = re.compile(r"\(\s*[?？]\s*\)|[?？]")
_REST = re.compile(r"\(k\)?", re.IGNORECASE)


@dataclass(frozen=True)
class ActionUnits:
    """What a cell says.

    Args:
        present: The units that it names without doubt.
        uncertain: The units that it names with a question mark, or as one of several alternatives.
        dropped: Parts that do not count as present, each with the reason.
        unread: Parts that are not understood.
        is_none: Whether it says that no unit is present.
    """

    present: frozenset[int] = frozenset()
    uncertain: frozenset[int] = frozenset()
    dropped: tuple[tuple[str, str], ...] = ()
    unread: tuple[str, ...] = ()
    is_none: bool = False

    @property
    def is_known(self) -> bool:
        """Whether it says which units are present: all of it is understood, and it is not empty."""
        return not self.unread and bool(self.present or self.uncertain or self.dropped or self.is_none)

    def states(self, units: Iterable[int]) -> tuple[State, ...]:
        """For each of some units, whether it is present (1), absent (0), or unknown (-1)."""
        return tuple(PRESENT if unit in self.present else -(unit in self.uncertain) for unit in units)  # type: ignore[misc]


def read_units(text: str) -> ActionUnits:
    r"""Read the action units of a cell, such as ``4+L10``, ``B23``, ``R12A`` or ``AU4 or AU7``.

    - Units are joined by ``+``, commas (also Chinese ones), semicolons, ``&``, ``and`` or spaces. ``AU`` in front of a
      number is left out. A spreadsheet's ``4.0`` is 4.
    - A side or place in front or behind does not count: ``L``, ``R``, ``B`` (both), ``U`` (one), ``T`` and ``B`` (top
      and bottom lip). Neither does an intensity, ``A`` to ``E``, behind. ``L10``, ``10R`` and ``R10B`` are unit 10.
    - A unit with a question mark is uncertain: neither present nor absent.
    - ``or`` and ``/`` separate alternatives, all of which are uncertain: ``1+4 or 7`` is 1, and 4 or 7. If all name the
      same unit, such as ``L12 or R12``, it is present.
    - A unit with ``(k)`` is in the face at rest and does not count (4DME).
    - ``0`` and ``none`` say that no unit is present. An empty cell, or a question mark alone, says nothing.
    - All else is not understood. Then nothing is known of the clip, since the rest may name any unit.

    Args:
        text: The cell.
    """
    text = normal(text).replace("，", ",").replace("、", ",")
    if text.casefold() in ("0", "0.0", NONE):
        return ActionUnits(is_none=True)
    spaced = _SIDE.sub(r"\1", _PREFIX.sub("", text))
    spaced = _OR.sub("|", re.sub(r"\s*(?=\(|\?|？)", "", spaced))
    present, uncertain, dropped, unread = set[int](), set[int](), list[tuple[str, str]](), list[str]()
    for part in filter(None, _SEPARATOR.split(spaced)):
        choices = part.split("|")
        if any(_REST.search(choice) for choice in choices):
            dropped.append((part, AT_REST))
            unread += [part] if None in [_number(_REST.sub("", choice)) for choice in choices] else []
            continue
        numbers = [_number(_DOUBT.sub("", choice)) for choice in choices]
        if None in numbers:
            unread.append(part.replace("|", " or "))
        elif len(set(numbers)) > 1 or _DOUBT.search(part):
            uncertain.update(number for number in numbers if number is not None)
            dropped.append((part.replace("|", " or "), UNCERTAIN))
        else:
            present.update(number for number in numbers if number is not None)
    return ActionUnits(
        present=frozenset(present),
        uncertain=frozenset(uncertain - present),
        dropped=tuple(dropped),
        unread=tuple(unread),
    )


def _number(text: str) -> int | None:
    match = _UNIT.fullmatch(text)
    return int(match[1]) if match and int(match[1]) in KNOWN else None


def unit_name(unit: int) -> str:
    """``"AU4"`` for 4."""
    return f"AU{unit}"


def unit_number(name: str) -> int:
    """The inverse of :func:`unit_name`."""
    return int(name.removeprefix("AU"))


def units_text(states: Sequence[int], names: Sequence[str]) -> str:
    """The units of a clip in words: ``"AU1+AU4"``, with ``AU7?`` for an unknown one; ``"none"`` without any."""
    marked = [name + "?" * (state == UNKNOWN) for state, name in zip(states, names, strict=True) if state != ABSENT]
    return "+".join(marked) or NONE


def annotated_text(cell: str, names: Sequence[str]) -> str | None:
    """:func:`units_text` of a cell of a table, for units with these names; None if the cell does not say them."""
    units = read_units(cell)
    return units_text(units.states(unit_number(name) for name in names), names) if units.is_known else None


def states_of(text: str, names: Sequence[str]) -> tuple[int, ...]:
    """The inverse of :func:`units_text`.

    Raises:
        ValueError: If the text names a unit that is not among ``names``, or one twice.
    """
    marks = [] if text == NONE else text.split("+")
    found = {mark.removesuffix("?"): UNKNOWN if mark.endswith("?") else PRESENT for mark in marks}
    if len(found) < len(marks) or not found.keys() <= set(names):
        raise ValueError(f"{text[:60]!r} does not name units among {', '.join(names)}")
    return tuple(found.get(name, ABSENT) for name in names)
