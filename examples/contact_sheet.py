"""Draw a contact sheet of synthetic clips: the movement between onset and apex, for every class.

    python examples/contact_sheet.py sheet.jpg [folder of face pictures]

One row per class and person, for the clip with the strongest movement: five frames, the difference of apex and onset
times eight, and the true movement as arrows, ten times as long.
"""

import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np

from atm_gcn.data import Clip, load_manifest
from atm_gcn.synth import Bump, load_truth, moved_region, movement_field, synthesize

SIZE = 224
TILE = 176
CROP = slice(16, 208)  # omits most of the backdrop
CAPTIONS = ("onset", "rising", "apex", "falling", "offset", "|apex - onset| x 8", "movement x 10")
MARGIN = 26
INK = (60, 50, 40)


def main(out: str = "contact_sheet.jpg", faces: str | None = None, people: int = 2) -> None:
    with tempfile.TemporaryDirectory() as folder:
        manifest = synthesize(Path(folder) / "clips", subjects=people, size=SIZE, seed=0, faces=faces)
        clips, truth = load_manifest(manifest), load_truth(manifest.parent)
        rows = [draw_row(clip, truth[clip.key]) for clip in clearest(clips, truth)]
    head = np.full((MARGIN, rows[0].shape[1], 3), 255, np.uint8)
    for column, caption in enumerate(CAPTIONS):
        write(head, caption, (MARGIN + column * TILE + 4, 18))
    cv2.imwrite(out, np.vstack([head, *rows]), [cv2.IMWRITE_JPEG_QUALITY, 85])


def clearest(clips: list[Clip], truth: dict[str, list[Bump]]) -> list[Clip]:
    """The clip with the strongest movement of each class and person, sorted by class."""

    def strength(clip: Clip) -> float:
        return float(np.linalg.norm(movement_field(truth[clip.key], 56), axis=-1).max())

    groups = sorted({(clip.label, clip.subject) for clip in clips})
    return [max((c for c in clips if (c.label, c.subject) == group), key=strength) for group in groups]


def draw_row(clip: Clip, moved: list[Bump]) -> np.ndarray:
    numbers = (clip.onset, (clip.onset + clip.apex) // 2, clip.apex, (clip.apex + clip.offset) // 2, clip.offset)
    frames = [cv2.imread(f"{clip.source}/{number:04d}.jpg") for number in numbers]
    smooth = [cv2.GaussianBlur(frames[i].astype(np.float32), (0, 0), 0.8) for i in (0, 2)]
    difference = np.abs(smooth[1] - smooth[0]).max(axis=-1, keepdims=True).repeat(3, axis=-1)
    difference = 255 - np.clip(8 * difference, 0, 255).astype(np.uint8)
    tiles = [shrink(picture) for picture in (*frames, difference, draw_arrows(frames[0], moved))]
    side = np.full((TILE, MARGIN, 3), 255, np.uint8)
    label = np.full((MARGIN, TILE, 3), 255, np.uint8)
    write(label, f"{clip.label}: AU {clip.action_units}", (4, 18))
    side[:] = cv2.rotate(label, cv2.ROTATE_90_COUNTERCLOCKWISE)
    return np.hstack([side, *tiles])


def draw_arrows(picture: np.ndarray, moved: list[Bump], step: int = 9) -> np.ndarray:
    """The displacement on a grid of points of the moved region."""
    pale = cv2.addWeighted(picture, 0.55, np.full_like(picture, 255), 0.45, 0)
    field, region = movement_field(moved, SIZE), moved_region(moved, SIZE)
    for y, x in np.argwhere(region[::step, ::step]) * step:
        tip = np.array([x, y]) + 10 * field[y, x] / 2
        tail = np.array([x, y]) - 10 * field[y, x] / 2
        ends = [tuple(int(v * 16) for v in end) for end in (tail, tip)]
        cv2.arrowedLine(pale, *ends, (30, 30, 200), 1, cv2.LINE_AA, 4, 0.3)
    return pale


def shrink(picture: np.ndarray) -> np.ndarray:
    return cv2.resize(picture[CROP, CROP], (TILE, TILE), interpolation=cv2.INTER_AREA)


def write(picture: np.ndarray, text: str, at: tuple[int, int]) -> None:
    cv2.putText(picture, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.42, INK, 1, cv2.LINE_AA)


if __name__ == "__main__":
    main(*sys.argv[1:])
