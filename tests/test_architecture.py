"""The picture of the architecture page is drawn from the import rules as they are, and the page names every room."""

from docs import draw_imports
from tests.import_rules import room_of

PAGE = draw_imports.FILE.with_name("architecture.md").read_text(encoding="utf-8")


def test_the_picture_is_current():
    assert draw_imports.FILE.read_text(encoding="utf-8") == draw_imports.draw(), "run python -m docs.draw_imports"


def test_arrows_lead_to_all_that_a_room_may_import():
    drawn = {}
    for room, other in draw_imports.arrows():
        drawn.setdefault(room, set()).add(other)

    def reached(room):
        return set().union(*({other} | reached(other) for other in drawn.get(room, ())))

    assert all(reached(room) >= imports for room, imports in draw_imports.IMPORTS.items())


def test_the_page_names_the_rooms():
    single_modules = {"batch_check", "checkpoint", "config", "explanation", "losses", "metrics", "training"}
    missing = {room for room in draw_imports.ROOMS if f"`{room}`" not in PAGE} - single_modules
    assert not missing and all(room_of(room) for room in single_modules)
