"""Damaged copies of each table: each has a stated problem or error, and no row vanishes or is misread."""

import random

import pytest

from atm_gcn.data.annotations import read_annotations
from atm_gcn.errors import ATMGCNError

from .tables import TABLES, write

VARIANTS = 200
DATASETS = tuple(TABLES)
GARBAGE = ("x12", "12,5", "-7", "4.5", "unknown", "1e400", "２３x", "=A1", "??", "\t", "0x1F")
# Columns that a clip is read from, and those of them that hold numbers.
READ = {
    "casme": ((0, 1, 3, 4, 6, 8, 9), (3, 4, 6)),
    "casme2": ((0, 1, 3, 4, 5, 7, 8), (3, 4, 5)),
    "casmesq": ((0, 1, 2, 3, 4, 5, 6, 7), (2, 3, 4)),
    "samm": ((0, 1, 3, 4, 5, 8, 9), (3, 4, 5)),
    "sammlv": ((0, 1, 3, 4, 5, 7, 8), (3, 4, 5)),
    "smic": ((0, 1, 2, 3, 4), (2, 3)),
    "casme3": ((0, 1, 2, 3, 4, 5, 7), (2, 3, 4)),
    "casme3c": ((0, 2, 3, 4, 5), (2, 3)),
    "mmew": ((0, 1, 2, 3, 4, 5, 6), (2, 3, 4)),
    "4dme": ((1, 2, 3, 9, 10, 11, 12), (9, 10, 11)),
    "composite": ((0, 1, 2, 3), (3,)),
    "manifest": ((0, 1, 2, 3, 4, 5, 6, 7, 8), (3, 4, 5, 6)),
}
FIRST = dict.fromkeys(DATASETS, 1) | {"samm": 14, "sammlv": 10, "casmesq": 0, "composite": 0}


def delete_cells(dataset, table, rng):
    rows = rng.sample(range(FIRST[dataset], len(table)), rng.randint(1, 5))
    for row in rows:
        table[row][rng.choice(READ[dataset][0])] = None
    return set(rows)


def put_text_into_numbers(dataset, table, rng):
    rows = rng.sample(range(FIRST[dataset], len(table)), rng.randint(1, 5))
    for row in rows:
        table[row][rng.choice(READ[dataset][1])] = rng.choice(GARBAGE)
    return set(rows)


def swap_columns(dataset, table, rng):
    # Subject and name of a manifest are any text, and any number is a frame rate: only the frames can tell.
    a, b = (3, 5) if dataset == "manifest" else rng.sample(READ[dataset][0], 2)
    for row in table[FIRST[dataset] :]:
        row[a], row[b] = row[b], row[a]
    return set(range(len(table)))


def repeat_rows(dataset, table, rng):
    rows = rng.sample(range(FIRST[dataset], len(table)), rng.randint(1, 4))
    table += [list(table[row]) for row in rows]
    return set()


def empty_the_sheet(dataset, table, rng):
    rows = set(range(len(table)))
    del table[rng.choice([0, FIRST[dataset]]) :]
    return rows


def take_another_table(dataset, table, rng):
    other = rng.choice([name for name in DATASETS if name != dataset])
    table[:] = TABLES[other]()
    return set(range(99))


DAMAGES = (delete_cells, put_text_into_numbers, swap_columns, repeat_rows, empty_the_sheet, take_another_table)


@pytest.mark.parametrize("variants", [VARIANTS // 5, pytest.param(VARIANTS, marks=pytest.mark.slow)])
@pytest.mark.parametrize("dataset", DATASETS)
def test_damaged_copies(tmp_path, dataset, variants):
    sound = read_annotations(dataset, write(tmp_path / "manifest.csv", TABLES[dataset]()))
    assert len(sound[0]) >= 24
    seen = {"error": 0, "problem": 0}
    for seed in range(variants):
        rng = random.Random(f"{dataset} {seed}")
        table, damage = TABLES[dataset](), DAMAGES[seed % len(DAMAGES)]
        touched = damage(dataset, table, rng)
        excel = seed % 4 == 0 and dataset != "manifest"
        path = write(tmp_path / ("t.xlsx" if excel else "t.csv"), table)
        try:
            clips, problems = read_annotations(dataset, path)
        except ATMGCNError as error:
            assert str(path) in str(error)
            assert "\n" not in str(error)
            seen["error"] += 1
            continue
        where = f"{damage.__name__}, seed {seed}"
        assert set(problems) != set(sound[1]), f"{where}: no new problem"
        _no_row_vanished(FIRST[dataset], table, clips, problems, where)
        if damage is not swap_columns:
            _untouched_rows_read_the_same(FIRST[dataset], touched, sound[0], clips, where)
        seen["problem"] += 1
    assert min(seen.values()) > variants // 8, seen


def _no_row_vanished(first, table, clips, problems, where):
    rows = {i + 1 for i, row in enumerate(table) if i >= first and any(cell not in (None, "", "\t") for cell in row)}
    dropped = {problem.row for problem in problems if problem.action == "dropped" and problem.row > first}
    assert len(clips) + len(dropped) == len(rows), where


def _untouched_rows_read_the_same(first, touched, sound, clips, where):
    found = {clip.key: clip for clip in clips}
    for row, clip in enumerate(sound, start=first):
        if row not in touched:
            assert found.get(clip.key) is not None, f"{where}: row {row + 1} is gone"
            assert found[clip.key] == clip, f"{where}: row {row + 1} reads otherwise"


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".xlsx", ".xls"])
def test_damaged_bytes(tmp_path, suffix):
    content = write(tmp_path / f"sound{suffix}", TABLES["casme2"]()).read_bytes()
    path = tmp_path / f"t{suffix}"
    for seed in range(VARIANTS):
        rng, damaged = random.Random(seed), bytearray(content)
        if seed % 3 == 0:
            del damaged[rng.randrange(len(damaged)) :]
        for _ in range(rng.choice([1, 20, 400])):
            if damaged:
                damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        path.write_bytes(damaged)
        try:
            clips, _ = read_annotations("casme2", path)
        except ATMGCNError as error:
            assert str(path) in str(error)
        else:
            assert all(clip.onset <= clip.offset for clip in clips)
