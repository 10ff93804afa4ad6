"""Ids and labels as a person reads them: which texts are equal, and which are likely to mean the same.

Texts that differ in their encoding only are equal: Unicode's normal forms, full-width characters, digits of another
script, invisible characters. :func:`normal` brings them to one spelling, in which the package keeps every id.
Texts that differ in capitals, leading zeros, separators, accents or letters of the same shape are likely to mean the
same. They share a key of :func:`similarity_keys`, and the user decides.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence

# Unicode's Default_Ignorable_Code_Point, as far as its general category is not Cf (format).
_IGNORABLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
_VISIBLE_FORMAT = re.compile("[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd]")  # signs over numbers
_BLANK = str.maketrans({"\u2800": " "})  # an empty cell of Braille

_ACCENTS = re.compile("[\u0300-\u036f]")
_LEADING_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")
_WHOLE_NUMBER = re.compile(r"(\d+)\.0+")  # 1.0, as spreadsheets write 1
_SIGN = re.compile(r"[-\u2010-\u2015\u2212](?=\d)")
_CYRILLIC = {"АВЕЅІЈКМНОРСТУХ": "abesijkmhopctyx", "авеѕіјкмнорстухһԁԛԝ": "abesijkmhopctyxhdqw"}
_GREEK = {"ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ": "abezhikmnoptyx", "οανρικυχ": "oavpikux"}
_LATIN = {"ıɑɡI|": "iag11"}
_TWINS = {
    ord(one): other
    for script in (_CYRILLIC, _GREEK, _LATIN)
    for letters, others in script.items()
    for one, other in zip(letters, others, strict=True)
}
"""Letters that look like Latin ones, in lower and upper case."""
_DIGIT_TWINS = str.maketrans("ol", "01")


def normal(text: str) -> str:
    """The one spelling of texts that differ in their encoding only.

    Unicode NFKC, without invisible characters (format and control characters, variation selectors), decimal digits of
    any script as ASCII, and every run of white space as one space, none at either end. Applying it twice changes
    nothing.
    """
    if text.isascii() and text.isprintable():  # a short cut for most texts
        return " ".join(text.split())
    text = unicodedata.normalize("NFKC", text).translate(_BLANK)
    seen = "".join(_digit(sign) for sign in text if not _invisible(sign))
    return " ".join(unicodedata.normalize("NFKC", seen).split())


def similarity_keys(text: str) -> frozenset[str]:
    """Keys of a text in its :func:`normal` form; two texts that share one are likely to mean the same.

    Keys ignore capitals, accents, leading zeros, and punctuation except between two digits or as a sign: ``s01``,
    ``S1``, ``s_01`` and ``s 1`` share a key; ``1_11`` and ``11_1``, or ``1`` and ``-1``, do not. In one of the keys,
    Cyrillic and Greek letters stand for Latin ones of the same shape, ``O`` for ``0``, ``l`` and ``I`` for ``1``.
    """
    return frozenset((_written_key(text), _seen_key(text)))


def similar_groups(texts: Iterable[str]) -> list[list[str]]:
    """Groups of different texts that are likely to mean the same, in the order of first occurrence."""
    different = list(dict.fromkeys(texts))
    return [[different[i] for i in group] for group in linked_groups([similarity_keys(text) for text in different])]


def linked_groups(keys: Sequence[Iterable[Hashable]]) -> list[list[int]]:
    """Groups of two or more positions that share a key, directly or through others; ascending."""
    groups: dict[int, list[int]] = {position: [position] for position in range(len(keys))}
    home: dict[Hashable, int] = {}
    root = list(range(len(keys)))
    for position, own in enumerate(keys):
        for key in own:
            first, second = sorted((root[home.setdefault(key, position)], root[position]))
            if first != second:
                for member in groups[second]:
                    root[member] = first
                groups[first] += groups.pop(second)
    return [sorted(members) for members in groups.values() if len(members) > 1]


def usual_spelling(texts: Sequence[str], group: Iterable[str]) -> str:
    """The member of ``group`` that occurs most often among ``texts``, of equally frequent ones the first."""
    counts = Counter(texts)
    return max(group, key=lambda text: counts[text])


def quote_exactly(text: str) -> str:
    """A text in quotes, the characters escaped by which it differs from its :func:`normal` form."""
    odd = [normal(f"a{sign}b") != f"a{sign}b" or unicodedata.combining(sign) for sign in text]
    shown = "".join(ascii(sign)[1:-1] if is_odd else sign for sign, is_odd in zip(text, odd, strict=True))
    return f"'{shown}'" if any(odd) or text == normal(text) else ascii(text)


def quote_distinctly(one: str, other: str) -> tuple[str, str]:
    """Two similar texts in quotes, escaped where they would look the same."""
    quote = repr if _written_key(one) == _written_key(other) else ascii
    return quote(one), quote(other)


def _written_key(text: str) -> str:
    return _squeezed(_bare(text).casefold()) or text


def _seen_key(text: str) -> str:
    return _squeezed(_bare(text).translate(_TWINS).casefold().translate(_DIGIT_TWINS)) or text


def _bare(text: str) -> str:
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", text)))


def _digit(sign: str) -> str:
    return str(unicodedata.decimal(sign)) if sign.isdecimal() else sign


def _invisible(sign: str) -> bool:
    category = unicodedata.category(sign)
    if category == "Cf":
        return not _VISIBLE_FORMAT.match(sign)
    return (category == "Cc" and not sign.isspace()) or bool(_IGNORABLE.match(sign))


def _squeezed(text: str) -> str:
    """A text without leading zeros, and without separators except between digits."""
    whole = _WHOLE_NUMBER.fullmatch(text)
    sign = "-" if _SIGN.match(text) else ""
    joined = ""
    for part in "".join(" " if _separates(c) else c for c in (whole[1] if whole else text)).split():
        joined += ("-" if joined[-1:].isdigit() and part[0].isdigit() else "") + part
    return sign + _LEADING_ZEROS.sub("", joined)


def _separates(sign: str) -> bool:
    return sign == "\u2212" or unicodedata.category(sign)[0] == "P"  # U+2212 is the minus sign
