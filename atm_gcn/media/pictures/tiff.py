"""The tags of a TIFF file that give its values a meaning."""

import struct
from collections.abc import Iterator
from contextlib import suppress

from atm_gcn.media.pictures.header import Header

SUBFILE, WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, SAMPLES, PLANES = 254, 256, 257, 258, 259, 262, 277, 284
TILE_WIDTH, TILE_HEIGHT = 322, 323
MAX_SAMPLE_VALUE, SAMPLE_FORMAT, S_MAX_SAMPLE_VALUE, DNG_VERSION = 281, 339, 341, 50706
_DEFAULTS = {BITS: (1,), COMPRESSION: (1,), PHOTOMETRIC: (1,), SAMPLES: (1,), PLANES: (1,), SAMPLE_FORMAT: (1,)}
_WANTED = {SUBFILE, WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, SAMPLES, PLANES}
_WANTED |= {TILE_WIDTH, TILE_HEIGHT, MAX_SAMPLE_VALUE, SAMPLE_FORMAT, S_MAX_SAMPLE_VALUE, DNG_VERSION}
_TYPES = {1: "B", 3: "H", 4: "I", 8: "h", 9: "i", 11: "f", 12: "d", 16: "Q"}  # of a tag's values
_SIZES = {kind: struct.calcsize("=" + form) for kind, form in _TYPES.items()}
_MOST_PICTURES = 64  # read from one file, whose chain of pictures may be a circle
_MOST_TAGS = 4096  # of a picture
_FLOATING, _PALETTE = 3, 3
_GREY_OR_RGB = ((1, 0), (1, 1), (3, 2), (4, 2))  # channels and their meaning; the fourth is alpha
_JPEG = (6, 7)
_COMPRESSIONS = {1, 2, 3, 4, 5, *_JPEG, 8, 32773, 32946}  # none, fax, LZW, JPEG, deflate, PackBits
_REDUCED_OR_MASK = 1 | 4


def tiff_header(data: bytes) -> Header:
    """Read the tags of a TIFF or BigTIFF of either byte order.

    Raises:
        struct.error, IndexError, KeyError, OverflowError: If the file ends before its tags, or they are invalid.
    """
    pages = _directories(data)
    first = next(pages, {})
    tags = _DEFAULTS | first
    width, height, bits = int(tags[WIDTH][0]), int(tags[HEIGHT][0]), int(max(tags[BITS]))
    packed = bits in (10, 12, 14)  # OpenCV decodes these to the upper bits of 16
    brightest = max((*tags.get(MAX_SAMPLE_VALUE, ()), *tags.get(S_MAX_SAMPLE_VALUE, ())), default=0)
    return Header(
        "TIFF",
        width,
        height,
        bits,
        white=((1 << bits) - 1) << (16 - bits) if packed else None,
        significant=bits if packed else None,
        brightest=int(brightest) if 0 < brightest < 65535 else None,
        floating=tags[SAMPLE_FORMAT][0] == _FLOATING,
        inverted=bits > 8 and tags[PHOTOMETRIC][0] == 0,
        several=any(_is_alike(page, first) for page in _whole(pages)),
        tile=int(tags.get(TILE_WIDTH, (0,))[0]) * int(tags.get(TILE_HEIGHT, (0,))[0]),
        unread=_unread(tags, bits),
    )


def _is_alike(page: dict[int, tuple], first: dict[int, tuple]) -> bool:
    """Whether a further picture is like the first, and not a thumbnail or mask of it."""
    same_size = page.get(WIDTH) == first[WIDTH] and page.get(HEIGHT) == first[HEIGHT]
    return same_size and not page.get(SUBFILE, (0,))[0] & _REDUCED_OR_MASK


def _whole(pages: Iterator[dict[int, tuple]]) -> Iterator[dict[int, tuple]]:
    """The pictures up to the first invalid one, since some programs leave the end of the chain unset."""
    with suppress(struct.error, OverflowError):
        yield from pages


def _unread(tags: dict[int, tuple], bits: int) -> str:
    """The feature that OpenCV cannot read, or reads wrongly; empty if none."""
    kind, samples = tags[SAMPLE_FORMAT][0], tags[SAMPLES][0]
    photometric, compression = tags[PHOTOMETRIC][0], tags[COMPRESSION][0]
    if DNG_VERSION in tags or photometric > 32000:
        return "camera RAW data"
    if compression not in _COMPRESSIONS:
        return f"compression {compression}"
    if 1 < bits < 8 and (bits, photometric) != (4, _PALETTE):
        return f"{bits} bits per value"
    if kind == _FLOATING and bits not in (32, 64):
        return f"{bits}-bit floating-point values"
    if kind != _FLOATING and (bits > 16 or bits in (9, 11, 13, 15) or (bits > 8 and compression in _JPEG)):
        return f"{bits}-bit integers"
    if bits > 8 and (samples, photometric) not in _GREY_OR_RGB:
        return f"{bits}-bit values in {samples} channels that are neither grey nor RGB"
    if bits > 8 and samples > 1 and tags[PLANES][0] == 2:
        return f"{bits}-bit values in separate planes"
    return ""


def _directories(data: bytes) -> Iterator[dict[int, tuple]]:
    """The wanted tags of each picture in the file."""
    order = "<" if data[:2] == b"II" else ">"
    big = 43 in data[2:4]
    count, offset = struct.Struct(order + ("Q" if big else "H")), struct.Struct(order + ("Q" if big else "I"))
    entry = struct.Struct(order + ("HHQ" if big else "HHI"))  # tag, type and number of its values
    (at,) = offset.unpack_from(data, 8 if big else 4)
    for _ in range(_MOST_PICTURES):
        if not at:
            return
        first, step = at + count.size, entry.size + offset.size
        (entries,) = count.unpack_from(data, at)
        if entries > _MOST_TAGS:
            raise OverflowError("more tags than any program writes")
        end = first + step * entries
        tags: dict[int, tuple] = {}
        for place in range(first, end, step):
            tag, kind, number = entry.unpack_from(data, place)
            if tag in _WANTED and kind in _TYPES:
                value = place + entry.size
                if number * _SIZES[kind] > offset.size:
                    (value,) = offset.unpack_from(data, value)
                # Of a tag that occurs twice, decoders read the first.
                tags.setdefault(tag, struct.unpack_from(f"{order}{min(number, 16)}{_TYPES[kind]}", data, value))
        yield tags
        (at,) = offset.unpack_from(data, end)
