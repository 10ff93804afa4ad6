"""Draw docs/imports.svg from the import rules: ``python -m docs.draw_imports`` in the root of the repository.

A room stands above the rooms that it may import. Arrows that follow from others are left out, as are the modules that
any room may import.
"""

from functools import cache
from pathlib import Path

from tests.import_rules import EVERYWHERE, MAY_IMPORT, room_of

FILE = Path(__file__).with_name("imports.svg")
WIDTH, ROW, BOX, CHARACTER = 820, 72, 32, 7.6  # pixels
ROOMS = [room for room in MAY_IMPORT if room not in EVERYWHERE | {"__main__"}]
IMPORTS = {room: {room_of(entry) for entry in MAY_IMPORT[room]} - {room} for room in ROOMS}
STYLE = """
  text { font: 13px ui-monospace, "DejaVu Sans Mono", monospace; text-anchor: middle; fill: #1c2733; }
  rect { fill: #f4f6f8; stroke: #5b6b7b; rx: 6; }
  rect.training { fill: #fdf3e1; }
  path { fill: none; stroke: #8b98a5; stroke-width: 1.2; marker-end: url(#arrow); }
"""


@cache
def below(room: str) -> frozenset[str]:
    """Every room that a room may import, directly or through others."""
    return frozenset(IMPORTS[room]).union(*(below(other) for other in IMPORTS[room]))


@cache
def depth(room: str) -> int:
    """Row of a room, counted from the top: one below the lowest of those that import it."""
    return 1 + max((depth(user) for user in ROOMS if room in IMPORTS[user]), default=-1)


def arrows() -> list[tuple[str, str]]:
    """Imports that do not follow from others, from the importing room to the imported one."""
    return [
        (room, other)
        for room in ROOMS
        for other in sorted(IMPORTS[room])
        if not any(other in below(between) for between in IMPORTS[room])
    ]


def positions() -> dict[str, tuple[float, float]]:
    """Centre of every room's box. A row is ordered by the mean place of the importing rooms, longest arrow first."""
    centres: dict[str, tuple[float, float]] = {}
    for row in range(1 + max(map(depth, ROOMS))):
        rooms = [room for room in ROOMS if depth(room) == row]
        users = {room: [centres[user][0] for user, other in arrows() if other == room] for room in rooms}
        reach = {room: max((depth(other) for user, other in arrows() if user == room), default=0) for room in rooms}
        rooms.sort(key=lambda room: (sum(users[room]) / max(len(users[room]), 1), -reach[room], room))
        for place, room in enumerate(rooms):
            centres[room] = (WIDTH * (place + 0.5) / len(rooms), 24 + ROW * row)
    return centres


def draw() -> str:
    """The picture as SVG."""
    centres = positions()
    height = max(y for _, y in centres.values()) + 24
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" role="img">',
        "<title>What each room of atm_gcn may import</title>",
        f"<style>{STYLE}</style>",
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0L8 4L0 8z" style="fill: #8b98a5; stroke: none"/></marker></defs>',
        f'<rect width="{WIDTH}" height="{height:.0f}" style="fill: white; stroke: none"/>',
    ]
    for room, other in arrows():
        (x, y), (to_x, to_y) = centres[room], centres[other]
        top, bottom = y + BOX / 2, to_y - BOX / 2
        middle = (top + bottom) / 2
        lines.append(
            f'<path d="M{x:.0f} {top:.0f}C{x:.0f} {middle:.0f} {to_x:.0f} {middle:.0f} {to_x:.0f} {bottom:.0f}"/>'
        )
    for room, (x, y) in centres.items():
        width = CHARACTER * len(room) + 24
        kind = ' class="training"' if room.startswith("training") else ""
        lines.append(
            f'<rect{kind} x="{x - width / 2:.1f}" y="{y - BOX / 2:.0f}" width="{width:.1f}" height="{BOX}"/>'
            f'<text x="{x:.0f}" y="{y + 4:.0f}">{room}</text>'
        )
    return "\n".join([*lines, "</svg>", ""])


if __name__ == "__main__":
    FILE.write_text(draw(), encoding="utf-8")
