"""Codes of problems: the ones in use, their meanings, and the page that lists them."""

import re
from pathlib import Path

import atm_gcn.data
from atm_gcn.data.annotations import read_annotations
from atm_gcn.data.problem import CODES
from tests.data.annotations.tables import casme2, write

PACKAGE = Path(atm_gcn.data.__file__).parent
PAGE = Path(__file__).parents[2] / "docs" / "datasets" / "README.md"


def test_every_code_in_use_has_a_meaning_and_every_meaning_a_use():
    text = "".join(path.read_text() for path in PACKAGE.rglob("*.py") if path.name != "problem.py")
    used = set(re.findall(r'(?:Note|Problem)\(\s*(?:code=)?"([a-z-]+)"', text)) | {"similar-labels", "similar-ids"}
    assert used == CODES.keys()
    assert list(CODES) == sorted(CODES)


def test_the_page_lists_every_code_with_its_meaning():
    assert dict(re.findall(r"^\| `([a-z-]+)` \| (.+) \|$", PAGE.read_text(), re.MULTILINE)).items() >= CODES.items()


def test_a_row_has_the_code_of_its_problem(tmp_path):
    table = casme2()
    table[2][3:6] = 90, 60, 40
    table[3][4] = None
    table[4][3:6] = 44, 44, 44
    problems = read_annotations("casme2", write(tmp_path / "t.csv", table))[1]
    assert [(problem.row, problem.code, problem.action) for problem in problems] == [
        (3, "order", "repaired"),
        (4, "no-apex", "repaired"),
        (5, "one-frame", "dropped"),
        (7, "no-apex", "repaired"),
    ]
