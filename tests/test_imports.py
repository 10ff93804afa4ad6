"""Imports follow the rules of :mod:`tests.import_rules`, and every rule is in use."""

import subprocess
import sys
from graphlib import TopologicalSorter

import pytest

from tests.import_rules import (
    EVERYWHERE,
    EXCEPTIONS,
    FILES,
    MAY_IMPORT,
    MODULES,
    ONLY_IN,
    PACKAGE,
    imported,
    inside,
    module_of,
    permission,
    room_of,
)

HEAVY = ("torch", "cv2", "av", "click", "matplotlib", "kornia")


def crossings():
    """Every import from one room into another: importing module, its room, imported module."""
    for path in FILES:
        module = module_of(path)
        for target in inside(path) if module else ():
            if room_of(target) != room_of(module) and room_of(target) not in EVERYWHERE:
                yield module, room_of(module), target


CROSSINGS = sorted(crossings())


def test_every_module_is_in_a_room():
    assert [module for module in MODULES if module and not room_of(module)] == []
    assert set(MAY_IMPORT) <= MODULES, "remove rooms that are gone from tests/import_rules.py"


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_imports_go_one_way(room):
    wrong = [
        f"{module} imports {target}"
        for module, home, target in CROSSINGS
        if home == room and permission(room, target) is None and (module, room_of(target)) not in EXCEPTIONS
    ]
    assert not wrong, f"{wrong}: not allowed by MAY_IMPORT[{room!r}] in tests/import_rules.py"


def test_the_rules_have_no_circle():
    rooms = {room: {room_of(entry) for entry in entries} - {room} for room, entries in MAY_IMPORT.items()}
    assert set(TopologicalSorter(rooms).static_order()) == set(MAY_IMPORT)


def test_every_permission_is_used():
    used = {(room, permission(room, target)) for _, room, target in CROSSINGS}
    allowed = {(room, entry) for room, entries in MAY_IMPORT.items() if room not in EVERYWHERE for entry in entries}
    assert allowed - used == set(), "remove these from MAY_IMPORT in tests/import_rules.py"
    waiting = {(module, room_of(target)) for module, _, target in CROSSINGS}
    assert waiting >= EXCEPTIONS, "remove what is resolved from EXCEPTIONS in tests/import_rules.py"


def test_the_package_imports_nothing_from_its_own_front():
    assert [path for path in FILES if "" in inside(path)] == []


def test_packages_are_used_only_where_they_may_be():
    wrong, used = [], set()
    for path in FILES:
        place = path.relative_to(PACKAGE).as_posix()
        for package in {name.partition(".")[0] for name in imported(path)} & ONLY_IN.keys():
            homes = {home for home in ONLY_IN[package] if place.startswith(home)}
            used |= {(package, home) for home in homes}
            wrong += [] if homes else [f"{place} uses {package}"]
    assert wrong == []
    allowed = {(package, home) for package, homes in ONLY_IN.items() for home in homes}
    assert allowed - used == set(), "remove these from ONLY_IN in tests/import_rules.py"


def loaded_by(statement: str) -> list[str]:
    code = f"import sys; {statement}; print(*[m for m in {HEAVY} if m in sys.modules])"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()


def test_importing_the_package_is_cheap():
    assert loaded_by("import atm_gcn") == []


def test_importing_the_model_brings_in_no_heavy_tools():
    assert loaded_by("from atm_gcn import ATMGCN, RunConfig") == ["torch"]
