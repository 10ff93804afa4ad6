"""Which of several faces is meant."""

from collections.abc import Sequence
from typing import Literal

from atm_gcn.media.faces.face import Face

FaceChoice = Literal["largest", "left", "right", "centre", "track"] | int


def choose_face(faces: Sequence[Face], choice: str | int, shape: tuple[int, ...]) -> Face | None:
    """One face of a frame.

    Args:
        faces: The faces of the frame.
        choice: ``"largest"``; ``"left"`` or ``"right"`` for the leftmost or rightmost; ``"centre"`` for the one whose
            centre is closest to that of the frame; N for the N-th from the left, from 1; ``"track"`` for the largest,
            which is then to be followed.
        shape: Height and width of the frame; more values are ignored.

    Returns:
        None if there is no face, or fewer than N.
    """
    ordered = from_left(faces)
    if isinstance(choice, int):
        return ordered[choice - 1] if 1 <= choice <= len(ordered) else None
    if not ordered:
        return None
    if choice == "left":
        return ordered[0]
    if choice == "right":
        return ordered[-1]
    if choice == "centre":
        x, y = shape[1] / 2, shape[0] / 2
        return min(ordered, key=lambda face: (face.centre[0] - x) ** 2 + (face.centre[1] - y) ** 2)
    return max(faces, key=lambda face: face.side)


def from_left(faces: Sequence[Face]) -> list[Face]:
    """The faces in the order of their centres from left to right."""
    return sorted(faces, key=lambda face: face.centre)
