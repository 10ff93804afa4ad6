"""What the cell of a table says of action units."""

import pytest

from atm_gcn.data.action_units.reading import (
    KNOWN,
    UNITS,
    annotated_text,
    read_units,
    states_of,
    unit_name,
    unit_number,
    units_text,
)

PRESENT = {
    "4": {4},
    "4.0": {4},
    "4+L10": {4, 10},
    "B23": {23},
    "R12A": {12},
    "AU12A, AU25B": {12, 25},
    "4+9+L10+14": {4, 9, 10, 14},
    "L2+26+38": {2, 26, 38},
    "AU 1+2": {1, 2},
    "AUR2+45": {2, 45},
    "R1 + R2": {1, 2},
    "4，7": {4, 7},
    "4、7": {4, 7},
    "4;7": {4, 7},
    "6 and 7": {6, 7},
    "1 2": {1, 2},
    "L 10": {10},
    "14R": {14},
    "U14B": {14},
    "t23": {23},
    "au４": {4},
    "R4+L4?": {4},
    "L12 or R12": {12},
}
"""Cells without doubt, and the units that they name. The first forms are those of the published tables."""
UNCERTAIN = {
    "4?": (set(), {4}),
    "4+7?": ({4}, {7}),
    "4+7 (?)": ({4}, {7}),
    "AU4 or AU7": (set(), {4, 7}),
    "1+2 or 4": ({1}, {2, 4}),
    "12/14/15+6": ({6}, {12, 14, 15}),
    "4 或 7": (set(), {4, 7}),
}


@pytest.mark.parametrize(("cell", "units"), PRESENT.items())
def test_units_without_doubt(cell, units):
    read = read_units(cell)
    assert read.present == units and read.is_known
    assert not (read.uncertain or read.unread)


@pytest.mark.parametrize(("cell", "units"), UNCERTAIN.items())
def test_alternatives_and_question_marks_are_uncertain(cell, units):
    read = read_units(cell)
    assert (read.present, read.uncertain) == units and read.is_known
    assert {why for _, why in read.dropped} == {"uncertain"}


def test_units_at_rest_do_not_count():
    read = read_units("AU4(k)+L7+12(k")
    assert read.present == {7} and read.dropped == (
        ("4(k)", "in the face at rest"),
        ("12(k", "in the face at rest"),
    )
    assert read_units("AU4(k)").states([4, 7]) == (0, 0)


@pytest.mark.parametrize("cell", ["0", "0.0", "none", "None"])
def test_no_unit_is_something_else_than_no_annotation(cell):
    assert read_units(cell).is_known and read_units(cell).states(UNITS) == (0,) * len(UNITS)
    assert not read_units("").is_known and not read_units("  ").is_known


@pytest.mark.parametrize(
    ("cell", "unread"),
    [
        ("abc", "abc"),
        ("0x1F", "0x1F"),
        ("4-10", "4-10"),
        ("4+xyz", "xyz"),
        ("102", "102"),
        ("47", "47"),
        ("3", "3"),
        ("4.12", "4.12"),
        ("(4)", "(4)"),
        ("4+?", "?"),
        ("?", "?"),
        ("4 or x", "4 or x"),
        ("x(k)", "x(k)"),
        ("2020-04-10", "2020-04-10"),
    ],
)
def test_what_is_not_understood_is_told_and_makes_all_unknown(cell, unread):
    read = read_units(cell)
    assert read.unread == (unread,) and not read.is_known
    assert annotated_text(cell, ["AU4", "AU7"]) is None


def test_every_known_number_is_read_with_every_decoration():
    for unit in KNOWN:
        for form in ("{}", "L{}", "AU{}C", "R{}B", "{}.0", "AU {} "):
            assert read_units(form.format(unit)).present == {unit}


def test_texts_and_states():
    names = [unit_name(unit) for unit in (4, 7, 12)]
    for states in [(1, 0, -1), (0, 0, 0), (1, 1, 1), (-1, -1, 0)]:
        assert states_of(units_text(states, names), names) == states
    assert units_text((1, 0, -1), names) == "AU4+AU12?" and units_text((0, 0, 0), names) == "none"
    assert annotated_text("L12+4 or 7+38", names) == "AU4?+AU7?+AU12"
    assert unit_number("AU12") == 12
    for wrong in ("AU5", "AU4+AU4", "", "negative"):
        with pytest.raises(ValueError, match="does not name units among AU4, AU7, AU12"):
            states_of(wrong, names)
