"""Readers of the headers of picture files, for what the decoder does not report."""

import re
import struct

from atm_gcn.media.pictures.header import Header
from atm_gcn.media.pictures.tiff import tiff_header

_JPEG_FRAMES = range(0xC0, 0xD0)  # markers with the size of the picture, except these:
_JPEG_TABLES = (0xC4, 0xC8, 0xCC)
_JPEG_ALONE = (0x00, 0x01, *range(0xD0, 0xD9))  # markers without a segment
_PNM = re.compile(rb"P([1-6])" + rb"(?:\s|#[^\n\r]*[\n\r])+(\d+)" * 2 + rb"(?:(?:\s|#[^\n\r]*[\n\r])+(\d+))?\s")


def read_header(data: bytes) -> Header | None:
    """The header of a picture; None where the format is another or the header is damaged."""
    for magic, reader in _READERS.items():
        if data.startswith(magic):
            try:
                return reader(data)
            except (struct.error, LookupError, ValueError, OverflowError):
                return None
    return None


def _jpeg(data: bytes) -> Header | None:
    at = 2
    while True:
        at = data.index(b"\xff", at)  # decoders skip what lies between two segments
        marker = data[at + 1]
        if marker in _JPEG_FRAMES and marker not in _JPEG_TABLES:
            bits, height, width = struct.unpack_from(">BHH", data, at + 4)
            cut_off = data.rfind(b"\xff\xd9", at) < 0  # an interrupted copy ends in zeros
            unread = f"{bits} bits per value" if bits > 8 else ""
            scans = data.count(b"\xff\xda", at)
            return Header("JPEG", width, height, bits, cut_off=cut_off, scans=scans, unread=unread)
        if marker == 0xF7:
            return Header("JPEG", 0, 0, unread="the JPEG-LS form")
        if marker == 0xFF:
            at += 1
        elif marker in _JPEG_ALONE:
            at += 2
        else:
            at += 2 + struct.unpack_from(">H", data, at + 2)[0]


def _png(data: bytes) -> Header:
    width, height, bits = struct.unpack_from(">IIB", data, 16)
    significant, several, at, kind = None, False, 8, b""
    while kind != b"IEND" and at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        kind, content = data[at + 4 : at + 8], at + 8
        if kind == b"acTL":
            several = struct.unpack_from(">I", data, content)[0] > 1
        elif kind == b"sBIT" and bits == 16:
            colours = data[content : content + (length if length < 3 else 3)]
            significant = max(colours[:1] if length < 3 else colours)  # what follows is alpha's
        at = content + length + 4
    cut_off = kind != b"IEND" or at > len(data)  # OpenCV would allocate any length that a chunk claims
    return Header("PNG", width, height, bits, significant=significant, several=several, cut_off=cut_off)


def _bmp(data: bytes) -> Header:
    if struct.unpack_from("<I", data, 14)[0] == 12:
        width, height = struct.unpack_from("<HH", data, 18)
    else:
        width, height = struct.unpack_from("<ii", data, 18)
    return Header("BMP", width, abs(height))


def _gif(data: bytes) -> Header:
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    at, pictures = 13 + _palette(flags), 0
    while pictures < 2 and at < len(data) and data[at] != 0x3B:
        if data[at] == 0x2C:
            pictures += 1
            at += 10 + _palette(data[at + 9]) + 1
        else:
            at += 2
        while data[at]:  # blocks that begin with their length
            at += 1 + data[at]
        at += 1
    return Header("GIF", width, height, several=pictures > 1)


def _palette(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _webp(data: bytes) -> Header | None:
    if data[8:12] != b"WEBP":
        return None
    if data[12:16] == b"VP8X":
        width, height = (1 + int.from_bytes(data[at : at + 3], "little") for at in (24, 27))
        return Header("WebP", width, height, several=bool(data[20] & 2))
    if data[12:16] == b"VP8L":
        (packed,) = struct.unpack_from("<I", data, 21)
        return Header("WebP", 1 + (packed & 0x3FFF), 1 + (packed >> 14 & 0x3FFF))
    width, height = struct.unpack_from("<HH", data, 26)
    return Header("WebP", width & 0x3FFF, height & 0x3FFF)


def _jpeg2000(data: bytes) -> Header:
    at = _codestream(data) + 2  # its SIZ segment
    right, bottom, left, top = struct.unpack_from(">IIII", data, at + 6)
    (channels,) = struct.unpack_from(">H", data, at + 38)
    if channels > 4:
        return Header("JPEG 2000", right - left, bottom - top, unread=f"{channels} channels")
    depths = {data[at + 40 + 3 * channel] for channel in range(channels)}
    bits = 1 + (max(depths) & 0x7F)
    unread = "signed values" if max(depths) & 0x80 else f"{bits} bits per value" if bits > 16 else ""
    white, significant = ((1 << bits) - 1, bits) if 8 < bits < 16 else (None, None)
    return Header("JPEG 2000", right - left, bottom - top, bits, white, significant=significant, unread=unread)


def _codestream(data: bytes) -> int:
    """Where the codestream begins: in the first box of that kind, for others may hold the same bytes."""
    at, start = 0, 0
    while not data.startswith(b"\xff\x4f\xff\x51", start):
        length, kind = struct.unpack_from(">I4s", data, at)
        head = 8
        if length == 1:
            (length,), head = struct.unpack_from(">Q", data, at + 8), 16
        if kind == b"jp2c":
            start = at + head
            if not data.startswith(b"\xff\x4f\xff\x51", start):
                raise ValueError("no codestream")
        elif length < head:
            raise ValueError("no codestream")
        at += length
    return start


def _pnm(data: bytes) -> Header | None:
    found = _PNM.match(data)
    if found is None:
        return None
    kind, width, height = (int(found[number]) for number in (1, 2, 3))
    white = 255 if kind in (1, 4) else int(found[4] or 0)
    if not 0 < white < 65536:
        return None
    bits = 8 if white < 256 else 16
    if white in (255, 65535):
        return Header("PNM", width, height, bits)
    return Header("PNM", width, height, bits, white, significant=white.bit_length())


_READERS = {
    b"\xff\xd8\xff": _jpeg,
    b"\x89PNG\r\n\x1a\n": _png,
    b"II*\0": tiff_header,
    b"MM\0*": tiff_header,
    b"II+\0": tiff_header,
    b"MM\0+": tiff_header,
    b"BM": _bmp,
    b"GIF8": _gif,
    b"RIFF": _webp,
    b"\0\0\0\x0cjP  ": _jpeg2000,
    b"\xff\x4f\xff\x51": _jpeg2000,
    **{f"P{kind}".encode(): _pnm for kind in range(1, 7)},
}
