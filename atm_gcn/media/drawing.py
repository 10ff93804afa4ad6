"""Drawing on frames: the box of a face, a running curve, a label."""

import cv2
import numpy as np

from atm_gcn.media.faces import Box, Face

INK, PAPER, MARK, OTHER, FAINT = (255, 255, 255), (20, 20, 20), (255, 176, 0), (110, 200, 255), (150, 150, 150)
FONT = cv2.FONT_HERSHEY_SIMPLEX


def draw_box(frame: np.ndarray, box: Box, moving: bool) -> None:
    """Outline a face, in amber while it moves; in place."""
    end = (box.x + box.side, box.y + box.side)
    cv2.rectangle(frame, (box.x, box.y), end, MARK if moving else INK, thickness_of(frame), cv2.LINE_AA)


def draw_face(frame: np.ndarray, face: Face, meant: bool) -> None:
    """Outline a detected face and mark its landmarks, in amber if it is the one that is meant, else blue; in place.

    Lines and marks have the size that a picture of about 350 pixels needs; the marks of small faces are smaller.
    """
    colour = MARK if meant else OTHER
    x, y, width, height = (round(value) for value in face.rectangle)
    for ink, thickness in ((PAPER, 4), (colour, 2)):
        cv2.rectangle(frame, (x, y), (x + width, y + height), ink, thickness, cv2.LINE_AA)
    radius = min(max(0.03 * face.side, 2.0), 4.0)
    for point in [] if face.points is None else face.points:
        centre = [round(16 * (value - 0.5)) for value in point.tolist()]  # in sixteenths of a pixel
        cv2.circle(frame, centre, round(16 * (radius + 1.5)), PAPER, -1, cv2.LINE_AA, 4)
        cv2.circle(frame, centre, round(16 * radius), colour, -1, cv2.LINE_AA, 4)


def draw_number(frame: np.ndarray, box: Box, number: int, moving: bool) -> None:
    """Write the number of a person into the upper left corner of the face's box; in place."""
    scale, thickness = 0.75 * unit_of(frame), thickness_of(frame)
    (_, height), _ = cv2.getTextSize(str(number), FONT, scale, thickness)
    pad = round(5 * unit_of(frame))
    place = (box.x + pad, box.y + pad + height)
    cv2.putText(frame, str(number), place, FONT, scale, PAPER, 3 * thickness, cv2.LINE_AA)
    cv2.putText(frame, str(number), place, FONT, scale, MARK if moving else INK, thickness, cv2.LINE_AA)


def draw_label(frame: np.ndarray, text: str) -> None:
    """Write a line at the top left on a dark ground; in place."""
    scale, thickness = 0.75 * unit_of(frame), thickness_of(frame)
    (width, height), below = cv2.getTextSize(text, FONT, scale, thickness)
    pad = round(8 * unit_of(frame))
    _darken(frame, 0, 0, width + 2 * pad, height + below + 2 * pad)
    cv2.putText(frame, text, (pad, pad + height), FONT, scale, MARK, thickness, cv2.LINE_AA)


def draw_curve(
    frame: np.ndarray, motion: np.ndarray, threshold: np.ndarray, marks: np.ndarray, top: float, capacity: int
) -> None:
    """Plot the latest motion and its threshold along the bottom, the newest values at the right; in place.

    Args:
        frame: uint8 RGB ``[H, W, 3]``.
        motion: The latest values, NaN where there is none, at most ``capacity`` of them.
        threshold: Of each.
        marks: Which of them belong to a movement that was spotted, bool.
        top: Value at the upper edge.
        capacity: Values from the left edge to the right.
    """
    height, width = frame.shape[:2]
    strip = max(24, height // 6)
    _darken(frame, 0, height - strip, width, strip)
    x = width - 1 - (len(motion) - 1 - np.arange(len(motion))) * (width - 1) / max(capacity - 1, 1)
    for first, last in _runs(marks):
        _shade(frame, round(x[first]), height - strip, max(2, round(x[last] - x[first])), strip)
    for values, colour in ((threshold, FAINT), (motion, INK)):
        y = height - 3 - np.clip(values / top, 0, 1) * (strip - 6)
        for first, last in _runs(np.isfinite(values)):
            points = np.stack([x[first : last + 1], y[first : last + 1]], axis=-1)
            cv2.polylines(frame, [np.round(points).astype(np.int32)], False, colour, thickness_of(frame), cv2.LINE_AA)
    size, left = 0.4 * unit_of(frame), 4
    for name, colour in (("motion", INK), ("threshold", FAINT)):
        place = (left, height - strip + round(14 * unit_of(frame)))
        cv2.putText(frame, name, place, FONT, size, colour, 1, cv2.LINE_AA)
        left += cv2.getTextSize(f"{name}  ", FONT, size, 1)[0][0]


def unit_of(frame: np.ndarray) -> float:
    """Scale of letters: 1 for a picture 480 pixels high."""
    return max(0.5, frame.shape[0] / 480)


def thickness_of(frame: np.ndarray) -> int:
    """Width of lines."""
    return max(1, round(1.5 * unit_of(frame)))


def _darken(frame: np.ndarray, x: int, y: int, width: int, height: int) -> None:
    part = frame[y : y + height, x : x + width]
    part[:] = (0.3 * part + 0.7 * np.array(PAPER)).astype(np.uint8)


def _shade(frame: np.ndarray, x: int, y: int, width: int, height: int) -> None:
    part = frame[y : y + height, max(x, 0) : x + width]
    part[:] = (0.65 * part + 0.35 * np.array(MARK)).astype(np.uint8)


def _runs(flags: np.ndarray) -> list[tuple[int, int]]:
    """First and last position of every run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return [(int(first), int(last) - 1) for first, last in zip(edges[::2], edges[1::2], strict=True)]
