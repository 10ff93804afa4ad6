"""Faces from pictures instead of drawn ones: detected, and placed like the drawn ones."""

from pathlib import Path

import cv2
import numpy as np

from atm_gcn.errors import ATMGCNError
from atm_gcn.media.faces import find_faces
from atm_gcn.media.picture_transform import PictureTransform
from atm_gcn.media.pictures import PICTURE_SUFFIXES, decode_picture
from atm_gcn.synth.face.landmarks import Landmarks, from_eyes

EYES = ((0.375, 0.44), (0.625, 0.44))  # pupils in the cropped picture


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
    """The largest face of a picture, turned upright and scaled so that its eyes are where those of drawn faces are.

    Args:
        path: The picture.
        size: Side of the square in pixels.

    Returns:
        uint8 RGB ``[size, size, 3]`` and the face's landmarks in it.

    Raises:
        ATMGCNError: If the file is no picture or shows no face.
    """
    picture = cv2.cvtColor(decode_picture(Path(path)), cv2.COLOR_BGR2RGB)
    faces = find_faces(picture)
    if not faces or faces[0].points is None:
        raise ATMGCNError(f"{path}: no face found; use a picture of a face that looks at the camera")
    crop = PictureTransform.similarity(np.array(EYES), faces[0].points[:2]).picture(picture, size)
    return crop, from_eyes(*EYES)
