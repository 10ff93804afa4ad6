"""Frame numbers that are out of order: what is repaired, by which rule, and what is not."""

import pytest

from atm_gcn.data.annotations._rows.frame_order import Span, frame_number, read_span


def read(onset: object, apex: object, offset: object, fps: float = 30.0):
    cells = {"onset": str(onset), "apex": str(apex), "offset": str(offset)}
    span, notes = read_span(cells, fps)
    return span, [note.action for note in notes], " / ".join(note.kind for note in notes)


def test_a_row_in_order_has_nothing_to_say():
    assert read(355, 361, 365) == (Span(355, 361, 365), [], "")
    assert read("355.0", "361.00", 365)[0] == Span(355, 361, 365)


@pytest.mark.parametrize("text", ["", "-3", "4.5", "1e5", "4+L10", "inf", "46 frames", "9" * 12, "²"])
def test_what_is_no_frame_number(text):
    assert frame_number(text) is None


@pytest.mark.parametrize("apex", ["/", "", "n/a", "soon"])
def test_apex_without_a_number_is_left_open(apex):
    span, actions, kind = read(100, apex, 120)
    assert span == Span(100, None, 120)
    assert actions == ["repaired"]
    assert "left open" in kind


@pytest.mark.parametrize("apex", [83, 9999])
def test_apex_outside_is_left_open(apex):
    span, actions, kind = read(112, apex, 120)
    assert span == Span(112, None, 120)
    assert actions == ["repaired"]
    assert str(apex) in kind


@pytest.mark.parametrize("offset", [0, "", "/", 11])
def test_clip_without_offset_ends_at_its_apex(offset):
    span, actions, _ = read(138, 143, offset)
    assert span == Span(138, 143, 143)
    assert actions == ["repaired"]


def test_one_wrong_digit_is_repaired_where_only_one_digit_can_be_meant():
    assert read(3647, 2668, 2694)[:2] == (Span(2647, 2668, 2694), ["repaired"])
    assert read(3600, 3610, 2620)[:2] == (Span(3600, 3610, 3620), ["repaired"])
    assert read(1234, 1230, 1244)[0] == Span(1234, None, 1244)  # 1235 to 1239 would do as well


def test_exchanged_onset_and_offset():
    assert read(120, 110, 100)[:2] == (Span(100, 110, 120), ["repaired"])


@pytest.mark.parametrize(
    "row", [("", 5, 9), ("x", 5, 9), (5, 7, "x"), (5, "", ""), (9, 5, 0), (100, "", 90), (7, 7, 7)]
)
def test_what_cannot_be_repaired_is_dropped(row):
    span, actions, _ = read(*row)
    assert span is None
    assert actions[-1] == "dropped"
    assert actions.count("dropped") == 1


def test_kept_with_a_note():
    assert read(69, 69, 123)[1:] == (["kept"], "onset and apex are both frame 69")
    span, actions, kind = read(100, 110, 3000)
    assert (span, actions) == (Span(100, 110, 3000), ["kept"])
    assert "2901 frames" in kind
    assert read(100, 110, 160, fps=200.0)[1] == []
