"""A folder of pictures in several formats, one of which is damaged, or claims to be larger than it is."""

import hashlib
import struct
import zlib
from pathlib import Path
from random import Random
from typing import Any

import cv2
import numpy as np

from atm_gcn.media.sources import open_source
from tests.fuzz.mutators import changed_bytes
from tests.media.picture_files import smooth, tiff

SHAPE = (40, 48, 3)
SUFFIXES = (".png", ".jpg", ".bmp", ".webp", ".tif")


class Picture:
    """Read as a recording, twice."""

    def make(self, folder: Path) -> None:
        for number, suffix in enumerate(SUFFIXES):
            image = smooth(SHAPE, 255, seed=number).astype(np.uint8)
            (folder / suffix[1:]).mkdir()
            for frame in range(3):
                path = folder / suffix[1:] / f"img{frame}{suffix}"
                if suffix == ".tif":
                    path.write_bytes(tiff(smooth(SHAPE, 65535, seed=frame)))
                else:
                    assert cv2.imwrite(str(path), np.roll(image, frame, axis=1))

    def mutate(self, rng: Random, folder: Path) -> bool:
        file = rng.choice(sorted(folder.glob("*/img*")))
        data = file.read_bytes()
        if file.suffix == ".png" and rng.random() < 0.5:
            file.write_bytes(_png_that_claims(rng, data))
            return True
        file.write_bytes(_claiming(rng, file.suffix, data) if rng.random() < 0.3 else changed_bytes(rng, data))
        return file.suffix != ".png"  # the other formats have no checksum that would tell

    def read(self, folder: Path) -> Any:
        return [_content(folder / suffix[1:]) for suffix in SUFFIXES]


KIND = Picture()


def _content(folder: Path) -> list[str]:
    once, again = (list(open_source(folder).iterate([0, 1, 2])) for _ in range(2))
    assert all(np.array_equal(one, two) for one, two in zip(once, again, strict=True)), "two readings differ"
    assert all(frame.dtype == np.uint8 and frame.ndim == 3 and frame.shape[2] == 3 for frame in once)
    return [hashlib.sha256(frame).hexdigest() for frame in once]


def _png_that_claims(rng: Random, data: bytes) -> bytes:
    """Another size, depth or colour in a header whose checksum is right."""
    header = bytearray(data[12:29])
    place = rng.choice((4, 8))
    match rng.randrange(3):
        case 0:
            header[place : place + 4] = struct.pack(">I", rng.choice((0, 1, 30_000, 2**20, 2**31 - 1, 2**32 - 1)))
        case 1:
            header[4:12] = struct.pack(">II", *[rng.choice((30_000, 60_000))] * 2)
        case _:
            header[rng.choice((12, 13, 14, 15, 16))] = rng.randrange(20)
    return data[:12] + header + struct.pack(">I", zlib.crc32(header)) + data[33:]


def _claiming(rng: Random, suffix: str, data: bytes) -> bytes:
    """Another size in the header of a format without checksums."""
    content, size = bytearray(data), rng.choice((0, 1, 30_000, 65_535))
    if suffix == ".jpg":
        place = next((content.find(mark) for mark in (b"\xff\xc0", b"\xff\xc2") if mark in content), 0)
        content[place + 5 : place + 9] = struct.pack(">HH", size, size)
    elif suffix == ".bmp":
        content[18:26] = struct.pack("<ii", rng.choice((size, -size)), size)
    elif suffix == ".tif":
        entry = content.find(struct.pack("<HH", rng.choice((256, 257, 258, 277)), 3))
        content[entry + 8 : entry + 12] = struct.pack("<I", rng.choice((size, 2**31)))
    else:
        content[24:30] = rng.randbytes(6)
    return bytes(content)
