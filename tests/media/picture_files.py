"""Picture files made byte by byte, where OpenCV does not write the kind that is wanted."""

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np

_FORMS = {3: "H", 4: "I", 16: "Q"}


def smooth(shape: tuple[int, ...], white: int, seed: int = 0) -> np.ndarray:
    """A smooth uint16 picture that reaches from 0 to ``white``."""
    noise = np.random.default_rng(seed).random(shape).astype(np.float32)
    blurred = cv2.GaussianBlur(noise, (0, 0), 4)
    return np.round((blurred - blurred.min()) / np.ptp(blurred) * white).astype(np.uint16)


def encoded(image: np.ndarray, suffix: str, *options: int) -> bytes:
    """What OpenCV writes."""
    done, data = cv2.imencode(suffix, image, list(options))
    assert done
    return data.tobytes()


def tiff(
    image: np.ndarray,
    tags: dict[int, int | list[int]] | None = None,
    order: str = "<",
    packed_bits: int = 0,
    tile: int = 0,
    planar: bool = False,
    big: bool = False,
    pages: int = 1,
) -> bytes:
    """An uncompressed TIFF, RGB for three channels.

    Args:
        image: ``[H, W]`` or ``[H, W, C]``.
        tags: Values of further tags, or other ones.
        order: ``"<"`` or ``">"``.
        packed_bits: Bits per value if values are packed without gaps.
        tile: Side of the tiles instead of one strip.
        planar: Whether each channel has a strip of its own.
        big: Whether it is a BigTIFF.
        pages: How often the picture is in the file.
    """
    height, width = image.shape[:2]
    channels = image.shape[2] if image.ndim == 3 else 1
    data = _packed(image, packed_bits) if packed_bits else _tiles(image, order, tile, planar)
    kind = {"u": 1, "i": 2, "f": 3}[image.dtype.kind]
    entries = {
        256: width,
        257: height,
        258: [packed_bits or 8 * image.dtype.itemsize] * channels,
        259: 1,
        262: 2 if channels > 2 else 1,
        277: channels,
        339: [kind] * channels,
    } | (tags or {})
    if tile:
        entries |= {322: tile, 323: tile, 324: [0] * len(data), 325: [len(block) for block in data]}
    else:
        entries |= {278: height, 273: [0] * len(data), 279: [len(block) for block in data], 284: 2 if planar else 1}
    places = 324 if tile else 273
    count_form, wide = ("Q", "Q") if big else ("H", "I")
    size, start = struct.calcsize("=" + wide), 16 if big else 8
    head = (b"II" if order == "<" else b"MM") + (
        struct.pack(order + "HHHQ", 43, 8, 0, start) if big else struct.pack(order + "HI", 42, start)
    )
    out = bytearray(head)
    for page in range(pages):
        extra_at = len(out) + struct.calcsize("=" + count_form) + len(entries) * (4 + 2 * size) + size
        extra, rows = bytearray(), bytearray()
        lists = {tag: value if isinstance(value, list) else [value] for tag, value in entries.items()}
        wide_tags = {256, 257, 273, 278, 279, 324, 325}
        forms = {tag: (16 if big else 4) if tag in wide_tags else 3 for tag in lists}
        extra_size = sum(
            len(values) * struct.calcsize("=" + _FORMS[forms[tag]])
            for tag, values in lists.items()
            if len(values) * struct.calcsize("=" + _FORMS[forms[tag]]) > size
        )
        at = extra_at + extra_size
        lists[places] = [at + sum(len(block) for block in data[:number]) for number in range(len(data))]
        for tag in sorted(lists):
            content = struct.pack(f"{order}{len(lists[tag])}{_FORMS[forms[tag]]}", *lists[tag])
            if len(content) > size:
                content, extra = struct.pack(order + wide, extra_at + len(extra)), extra + content
            rows += struct.pack(order + "HH" + wide, tag, forms[tag], len(lists[tag])) + content.ljust(size, b"\0")
        end = at + sum(map(len, data))
        following = end if page < pages - 1 else 0
        out += struct.pack(order + count_form, len(lists)) + rows + struct.pack(order + wide, following) + extra
        for block in data:
            out += block
    return bytes(out)


def _packed(image: np.ndarray, bits: int) -> list[bytes]:
    rows = []
    for row in image.reshape(len(image), -1):
        text = "".join(f"{value:0{bits}b}" for value in row.tolist())
        text = text.ljust(-(-len(text) // 8) * 8, "0")
        rows.append(int(text, 2).to_bytes(len(text) // 8, "big"))
    return [b"".join(rows)]


def _tiles(image: np.ndarray, order: str, tile: int, planar: bool) -> list[bytes]:
    image = image.astype(image.dtype.newbyteorder(order))
    if planar:
        return [image[..., channel].tobytes() for channel in range(image.shape[2])]
    if not tile:
        return [image.tobytes()]
    padding = [(0, -side % tile) for side in image.shape[:2]] + [(0, 0)] * (image.ndim - 2)
    padded = np.pad(image, padding)
    steps = [range(0, side, tile) for side in padded.shape[:2]]
    return [padded[y : y + tile, x : x + tile].tobytes() for y in steps[0] for x in steps[1]]


def png(rows: np.ndarray, width: int, bits: int, colour_type: int, **chunks: bytes) -> bytes:
    """A PNG of packed rows, uint8 ``[H, bytes]``, with further chunks before the pixels."""
    filtered = np.pad(rows, ((0, 0), (1, 0))).tobytes()
    parts = {"IHDR": struct.pack(">IIBBBBB", width, len(rows), bits, colour_type, 0, 0, 0)} | chunks
    parts |= {"IDAT": zlib.compress(filtered), "IEND": b""}
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind.encode(), content) for kind, content in parts.items())


def with_chunk(data: bytes, kind: bytes, content: bytes) -> bytes:
    """A PNG with one more chunk after its header."""
    return data[:33] + _chunk(kind, content) + data[33:]


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def turned(jpeg: bytes, orientation: int) -> bytes:
    """A JPEG with an orientation in Exif data."""
    exif = b"Exif\0\0MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 274, 3, 1, orientation, 0, 0)
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:]


def write_series(folder: Path, files: list[bytes], suffix: str) -> Path:
    """A folder of numbered pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(files):
        (folder / f"img{number}{suffix}").write_bytes(data)
    return folder
