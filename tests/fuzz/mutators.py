"""Ways to change bytes, JSON and tables, each drawn from a seeded generator."""

import copy
import json
import math
from random import Random
from typing import Any

LONG = "x" * 10_000
NUMBERS = (0, -1, 1, 2**31, 2**53 + 1, 2**63, 10**30, -(10**9), 0.5, 1e300, math.nan, math.inf, -math.inf)
TEXTS = (
    "",
    "a",
    "1",
    "nan",
    "true",
    "null",
    "\x00",
    "\x1b[31m",
    "\u202e",
    "../../x",
    "/etc/passwd",
    "=1+1",
    "\ud800",
    LONG,
)
OTHERS = (None, True, False, [], [1], [None], {}, {"a": 1}, {"": None})
DEPTHS = (70, 1_000, 100_000)


def changed_bytes(rng: Random, data: bytes, other: bytes = b"") -> bytes:
    """One to a few changes of bytes, more of them near the beginning, where headers are."""
    content = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 5, 30))):
        if not content:
            break
        place = rng.randrange(len(content))
        if rng.random() < 0.5:
            place = rng.randrange(min(len(content), 300))
        length = rng.randrange(1, 60)
        match rng.randrange(9):
            case 0:
                content[place] ^= 1 << rng.randrange(8)
            case 1:
                content[place] = rng.choice((0, 1, 127, 128, 255))
            case 2:
                del content[place:]
            case 3:
                del content[place : place + length]
            case 4:
                content[place:place] = rng.randbytes(length)
            case 5:
                content[place : place + length] = bytes(length)
            case 6:
                content[place:place] = content[place : place + length]
            case 7:
                content[place : place + length] = other[place : place + length] or rng.randbytes(length)
            case 8:
                content += rng.randbytes(length)
    return bytes(content)


def hostile(rng: Random) -> Any:
    """A value that a reader may not expect; JSON-serialisable but for lone surrogates."""
    return copy.deepcopy(rng.choice(rng.choice((NUMBERS, TEXTS, OTHERS))))


def changed_json(rng: Random, content: Any) -> Any:
    """A copy of nested dicts and lists with one to a few values replaced, removed, multiplied or added."""
    content = copy.deepcopy(content)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        paths = [path for path in _paths(content) if path]
        if not paths:
            return hostile(rng)
        *way, last = rng.choice(paths)
        parent = content
        for key in way:
            parent = parent[key]
        value = parent[last]
        match rng.randrange(6):
            case 0:
                del parent[last]
            case 1 if isinstance(parent, dict):
                parent[rng.choice(("extra", "", "format", LONG))] = hostile(rng)
            case 2 if isinstance(value, list):
                parent[last] = value * rng.choice((0, 2, 1_000))
            case 3 if isinstance(value, int | float) and not isinstance(value, bool):
                parent[last] = value * rng.choice((-1, 2, 1_000, 10**6, 0.5))
            case _:
                parent[last] = hostile(rng)
    return content


def json_text(rng: Random, content: Any) -> str:
    """JSON, now and then with a value that no writer nests so deep, a repeated key, or an end too early."""
    text = json.dumps(content)
    match rng.randrange(30):
        case 0:
            depth = rng.choice(DEPTHS)
            return f'{text.rstrip()[:-1]}, "deep": {"[" * depth}{"]" * depth}}}'
        case 1:
            return text[: rng.randrange(len(text) + 1)]
        case 2:
            return text.replace(":", ": 1e999,", 1)
        case _:
            return text


def changed_cells(rng: Random, text: str) -> str:
    """A CSV file with cells, rows or columns replaced, removed, repeated or exchanged."""
    rows = [line.split(",") for line in text.splitlines()]
    for _ in range(rng.choice((1, 1, 2, 4))):
        row = rng.randrange(len(rows))
        column = rng.randrange(len(rows[row])) if rows[row] else 0
        match rng.randrange(7):
            case 0:
                rows.insert(row, list(rng.choice(rows)))
            case 1 if len(rows) > 1:
                del rows[row]
            case 2:
                other = rng.randrange(len(rows))
                rows[row], rows[other] = rows[other], rows[row]
            case 3 if rows[row]:
                del rows[row][column]
            case 4:
                rows[row].insert(column, str(hostile(rng)))
            case _ if rows[row]:
                rows[row][column] = str(hostile(rng))
    end, mark, comma = rng.choice(("\n", "\n", "\r\n")), rng.choice(("", "", "\ufeff")), rng.choice((",", ",", ";"))
    return mark + end.join(map(comma.join, rows)) + end


def _paths(content: Any, prefix: tuple = ()) -> Any:
    yield prefix
    if len(prefix) < 20:
        items = (
            content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
        )
        for key, value in list(items)[:30]:
            yield from _paths(value, (*prefix, key))
