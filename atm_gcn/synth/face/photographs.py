"""Faces from pictures instead of drawn ones: detection, crop and landmarks."""

from functools import cache, partial
from pathlib import Path

import cv2
import numpy as np

from atm_gcn.errors import ATMGCNError
from atm_gcn.media.faces.detection import find_face
from atm_gcn.media.faces.detectors.haar import load_cascade
from atm_gcn.media.pictures import PICTURE_SUFFIXES, decode_picture
from atm_gcn.synth.face.landmarks import Landmarks, Point, from_eyes

USUAL_EYES = ((0.375, 0.42), (0.625, 0.42))  # pupils in the cropped picture


def list_faces(folder: str | Path) -> list[Path]:
    """The pictures of a folder, by name.

    Raises:
        ATMGCNError: If there is no such folder or no picture in it.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ATMGCNError(f"{folder}: is no folder; --faces takes a folder of pictures with one face each")
    pictures = sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURE_SUFFIXES)
    if not pictures:
        raise ATMGCNError(f"{folder}: holds no pictures; --faces takes {', '.join(sorted(PICTURE_SUFFIXES))}")
    return pictures


def load_face(path: str | Path, size: int) -> tuple[np.ndarray, Landmarks]:
    """The largest face of a picture, cropped to a square with some room around it.

    Args:
        path: The picture.
        size: Side of the square in pixels.

    Returns:
        uint8 RGB ``[size, size, 3]`` and the face's landmarks in it.

    Raises:
        ATMGCNError: If the file is no picture or shows no face.
    """
    picture = cv2.cvtColor(decode_picture(Path(path)), cv2.COLOR_BGR2RGB)
    box = find_face(picture)
    if box is None:
        raise ATMGCNError(f"{path}: no face found; use a picture of a face that looks at the camera")
    side = 1.33 * box.side
    scale = size / side
    left, top = box.x + box.side / 2 - side / 2, box.y + box.side / 2 - side / 2
    shrunk = cv2.GaussianBlur(picture, (0, 0), 0.4 / scale) if scale < 1 else picture
    place = np.array([[scale, 0, -left * scale], [0, scale, -top * scale]], dtype=np.float32)
    crop = cv2.warpAffine(shrunk, place, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return crop, from_eyes(*_find_eyes(crop))


def _find_eyes(crop: np.ndarray) -> tuple[Point, Point]:
    """The pupils by the eye cascade where it sees one on each side, else where they usually are."""
    size = len(crop)
    upper = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)[: round(0.6 * size)]
    found = _eye_cascade().detectMultiScale(upper, 1.05, 4, minSize=(round(size / 12),) * 2)
    centres = [((x + w / 2) / size, (y + h / 2) / size) for x, y, w, h in np.reshape(found, (-1, 4)).tolist()]
    left, right = (min(centres, key=partial(_distance, usual), default=usual) for usual in USUAL_EYES)
    strayed = max(_distance(left, USUAL_EYES[0]), _distance(right, USUAL_EYES[1])) > 0.08
    return USUAL_EYES if strayed else (left, right)


def _distance(one: Point, other: Point) -> float:
    return float(np.hypot(other[0] - one[0], other[1] - one[1]))


@cache
def _eye_cascade() -> cv2.CascadeClassifier:
    return load_cascade("haarcascade_eye.xml")
