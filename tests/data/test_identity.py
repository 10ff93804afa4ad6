"""Ids as a person reads them: certainly equal, likely to be equal, different."""

import unicodedata

import pytest

from atm_gcn.data.identity import (
    linked_groups,
    normal,
    quote_distinctly,
    quote_exactly,
    similar_groups,
    similarity_keys,
    usual_spelling,
)

CERTAIN = {
    "normal form": ("Jos\u00e9", "Jose\u0301"),
    "zero width": ("s01", "s\u200b01\u2060"),
    "joiners": ("ab", "a\u200d\u200cb"),
    "byte order mark": ("s01", "\ufeffs01"),
    "soft hyphen": ("s01", "s\u00ad01"),
    "direction": ("anna", "\u202aanna\u202c\u200f"),
    "variation selector": ("a1", "a\ufe0f1\U000e0101"),
    "control": ("s01", "s\x0001\x7f"),
    "full width": ("s01", "\uff53\uff10\uff11"),
    "Arabic digits": ("s01", "s\u0660\u0661"),
    "Devanagari digits": ("10", "\u0967\u0966"),
    "mathematical letters": ("anna", "\U0001d41a\U0001d427\U0001d427\U0001d41a"),
    "spaces": ("s 01", " s\u00a0\u3000\t01\u2003"),
    "blank Braille": ("s 01", "s\u280001"),
    "Hangul": ("\ud55c", "\u1112\u1161\u11ab"),
    "joined after removal": ("\u00e9", "e\u034f\u0301"),
    "ligature": ("fin", "\ufb01n"),
}
LIKELY = [
    ("s01", "S01"),
    ("1", "01"),
    ("sub1", "sub01"),
    ("s01", "s 01"),
    ("s_01", "s-1"),
    ("1.0", "1"),
    ("'01", "1"),
    ("1-2", "1_2"),
    ("anna", "\u0430nn\u0430"),  # Cyrillic
    ("\u0410NNA", "anna"),
    ("s01", "sO1"),
    ("l1", "11"),
    ("Jos\u00e9", "Jose"),
    ("Stra\u00dfe", "STRASSE"),
    ("\u039d\u0399\u039a\u039f\u03a3", "\u03bd\u03af\u03ba\u03bf\u03c2"),  # capitals and small letters of one word
    ("\u0130zmir", "izmir"),
]
DIFFERENT = [
    ("1", "11"),
    ("1", "10"),
    ("1_11", "11_1"),
    ("1_1", "11"),
    ("-1", "1"),
    ("\u22121", "1"),
    ("a+", "a"),
    ("i", "l"),
    ("-", "_"),
    ("s1", "s1a"),
    ("\u0915", "\u0915\u093f"),  # a vowel sign is no accent
    ("\u5f20\u4e09", "\u5f20\u4e00"),
]


@pytest.mark.parametrize(("text", "written"), CERTAIN.values(), ids=CERTAIN)
def test_encodings_of_one_text_have_one_normal_form(text, written):
    assert written != text
    assert normal(written) == normal(text) == text


def test_a_normal_form_stays():
    for sign in map(chr, range(0x110000)):
        changes = unicodedata.category(sign) in ("Cc", "Cf", "Mn", "Nd", "Zs", "Zl", "Zp")
        if changes or not unicodedata.is_normalized("NFKC", sign):
            text = normal(f"x{sign}y{sign}")
            assert normal(text) == text, ascii(sign)


def test_signs_that_people_see_stay():
    for text in ("\u5f20\u4e09", "\u0645\u062d\u0645\u062f", "a\u0600", "S01", "s-01", "01", "\U0001f600"):
        assert normal(text) == text
    assert normal("\u200b\u00a0") == ""


@pytest.mark.parametrize(("one", "other"), LIKELY)
def test_ways_to_write_one_id_are_similar(one, other):
    assert normal(one) != normal(other)
    assert similarity_keys(normal(one)) & similarity_keys(normal(other))


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_other_ids_do_not(one, other):
    assert not similarity_keys(normal(one)) & similarity_keys(normal(other))


def test_no_two_of_a_hundred_usual_ids_are_similar():
    for form in ("{}", "s{:02d}", "sub{:03d}", "P{}", "spNO.{}", "g1_{}", "{0}-{0}"):
        assert similar_groups(form.format(number) for number in range(100)) == []
    assert similar_groups("abcdefghijklmnopqrstuvwxyz") == []


def test_groups_hold_what_is_similar_through_others():
    assert similar_groups(["s01", "x", "S1", "s_1", "x", "y"]) == [["s01", "S1", "s_1"]]
    assert linked_groups([{1}, {2}, {2, 3}, {4}, {3, 1}]) == [[0, 1, 2, 4]]
    assert usual_spelling(["a", "b", "b", "c", "c"], ["a", "b", "c"]) == "b"


def test_invisible_differences_are_escaped():
    assert quote_exactly("s01\u200b") == r"'s01\u200b'"
    assert quote_exactly("Jose\u0301") == r"'Jose\u0301'"
    assert quote_exactly("\u1112\u1161\u11ab") == r"'\u1112\u1161\u11ab'"
    assert quote_exactly("Jos\u00e9") == "'Jos\u00e9'"
    assert quote_distinctly("s01", "S01") == ("'s01'", "'S01'")
    assert quote_distinctly("anna", "\u0430nna") == ("'anna'", r"'\u0430nna'")
    assert unicodedata.is_normalized("NFC", quote_distinctly("Jos\u00e9", "Jose")[0])
