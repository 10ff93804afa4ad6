"""Picture files decoded to 8 bits per value, or refused in one sentence."""

import os
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from atm_gcn.errors import ATMGCNError
from atm_gcn.media.pictures.content import check_header, picture_bytes
from atm_gcn.media.pictures.depth import Depth
from atm_gcn.media.pictures.formats import PICTURE_SUFFIXES, UNREAD_SUFFIXES, conversion, unread_format
from atm_gcn.media.pictures.header import Header
from atm_gcn.media.pictures.header_readers import read_header

# Problems of a file are reported once, by ATMGCNError.
if "OPENCV_LOG_LEVEL" not in os.environ:
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)

_OVERSHOOT = 0.01  # of floating-point values beyond 0 and 1, as filters leave it


class Picture(NamedTuple):
    """A decoded picture.

    Args:
        header: The header of the file.
        values: BGR ``[H, W, 3]``, uint16 where ``header.bits`` exceeds 8, else uint8.
    """

    header: Header
    values: np.ndarray

    @property
    def needs_depth(self) -> bool:
        """Whether the values are to be scaled to 0..255 by :func:`to_8_bits`; else they are ready."""
        return self.header.needs_depth


def read_picture(file: Path) -> Picture:
    """Decode a picture file to its values.

    Values of 8 bits are decoded as OpenCV decodes colour: grey as three equal channels, without alpha, rotated by Exif
    data. Floating-point values, of which 0 is black and 1 white, become 8 bits.

    Raises:
        ATMGCNError: If the file cannot be read, is incomplete or too large, holds several pictures, or its format is
            not supported.
    """
    data = picture_bytes(file)
    header = read_header(data)
    if header is not None:
        check_header(file, header)
        values = None if header.cut_off else _decode(data, header)
        # Exif data may turn a picture.
        if values is not None and sorted(values.shape[:2]) == sorted((header.height, header.width)):
            return Picture(header, _checked(file, header, values))
    other = unread_format(data)
    if other:
        raise ATMGCNError(f"{file}: is of the format {other}, which is not read; {conversion(file.name)}")
    raise ATMGCNError(f"{file}: is corrupt, or no image; copy it again from its source")


def to_8_bits(picture: Picture, depth: Depth) -> np.ndarray:
    """Scale the values of a picture: ``depth.white`` and what is brighter become 255.

    Returns:
        uint8 BGR ``[H, W, 3]``.
    """
    scaled = cv2.convertScaleAbs(picture.values, alpha=255 / depth.white)
    return 255 - scaled if picture.header.inverted else scaled


def needs_depth(data: bytes) -> bool:
    """Whether the picture in a file's bytes has values that :func:`to_8_bits` has to scale."""
    header = read_header(data)
    return header is not None and header.needs_depth


def refuse_single(file: Path) -> None:
    """Raise an :class:`ATMGCNError` if a recording is a single picture or a stack of pictures in one file.

    Animations in GIF and PNG are videos, and pass.
    """
    suffix = file.suffix.lower()
    if suffix in UNREAD_SUFFIXES:
        raise ATMGCNError(f"{file}: is a {UNREAD_SUFFIXES[suffix]} picture, which is not read; {conversion(file.name)}")
    header = read_header(picture_bytes(file)) if suffix in PICTURE_SUFFIXES else None
    if header is None or (header.several and header.format in ("GIF", "PNG")):
        return
    check_header(file, header)
    raise ATMGCNError(f"{file}: is one picture; give the folder that holds the frames of the recording")


def _decode(data: bytes, header: Header) -> np.ndarray | None:
    """BGR ``[H, W, 3]`` of any type; None if OpenCV cannot."""
    flags = cv2.IMREAD_COLOR
    if header.floating:
        flags = cv2.IMREAD_UNCHANGED  # the only flag that reads grey ones
    elif header.bits > 8:
        flags |= cv2.IMREAD_ANYDEPTH
    try:
        values = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), flags)
    except cv2.error:
        return None
    if values is None or flags != cv2.IMREAD_UNCHANGED:
        return values
    values = values.reshape(*values.shape[:2], -1)
    return np.repeat(values, 3, axis=2) if values.shape[2] < 3 else values[..., :3]


def _checked(file: Path, header: Header, values: np.ndarray) -> np.ndarray:
    """The values as uint8 or uint16, as the header states."""
    if header.floating:
        return _from_floating(file, values)
    wanted = np.uint8 if header.bits <= 8 else np.uint16
    if values.dtype == wanted:
        return values
    if values.dtype == np.int16 and wanted == np.uint16:
        if values.min() >= 0:
            return values.view(np.uint16)
        raise ATMGCNError(f"{file}: holds negative values; add one number to all pictures so that black is 0")
    raise ATMGCNError(f"{file}: holds {values.dtype} values, which are not read; {conversion(file.name)}")


def _from_floating(file: Path, values: np.ndarray) -> np.ndarray:
    darkest, brightest = float(values.min()), float(values.max())
    if np.isnan(darkest):
        raise ATMGCNError(f"{file}: has pixels that are no number (NaN); replace them")
    if darkest < -_OVERSHOOT or brightest > 1 + _OVERSHOOT:
        raise ATMGCNError(
            f"{file}: holds floating-point values from {darkest:g} to {brightest:g}; those from 0 to 1 are read: "
            "divide all pictures by one value, or save them with 8 or 16 bits"
        )
    return cv2.convertScaleAbs(values.clip(0, 1), alpha=255)
