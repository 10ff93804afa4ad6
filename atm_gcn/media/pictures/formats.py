"""Picture formats by file name: those that are read, and those that are refused."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

_READ = ".apng .bmp .dib .gif .j2c .j2k .jfif .jp2 .jpc .jpe .jpeg .jpg .pbm .pgm .png .pnm .ppm .tif .tiff .webp"
PICTURE_SUFFIXES = frozenset(_READ.split())
"""Suffixes of the pictures that are read, in lower case."""

_CAMERA_RAW = (
    ".3fr .arw .cr2 .cr3 .crw .dcr .dng .erf .iiq .kdc .mef .mos .mrw .nef .nrw .orf .pef .raf .raw .rw2 .rwl .sr2 "
    ".srf .srw .x3f"
)
_UNREAD_BY_NAME = {
    "camera RAW": _CAMERA_RAW,
    "HEIC": ".heic .heics .heif .heifs .hif",
    "AVIF": ".avif .avifs",
    "JPEG XL": ".jxl",
    "JPEG XR": ".hdp .jxr .wdp",
    "JPEG-LS": ".jls",
    "JPEG 2000 with extensions": ".jpf .jpm .jpx",
    "OpenEXR": ".exr",
    "Radiance HDR": ".hdr .rgbe",
    "portable float map": ".pfm",
    "portable arbitrary map": ".pam",
    "DPX": ".cin .dpx",
    "Photoshop": ".psb .psd",
    "FITS": ".fit .fits .fts",
    "DICOM": ".dcm .dicom",
    "Targa": ".tga",
    "SGI": ".rgb .rgba .sgi",
    "Sun raster": ".ras .sr",
    "PCX": ".pcx",
    "QOI": ".qoi",
    "GIMP": ".xcf",
}
UNREAD_SUFFIXES = {suffix: name for name, suffixes in _UNREAD_BY_NAME.items() for suffix in suffixes.split()}
"""Name of the format by suffix, for pictures that are not read."""

_SIGNATURES = (  # place in the file, bytes there, name
    (4, b"ftypcrx", "camera RAW"),
    (0, b"FUJIFILMCCD-RAW", "camera RAW"),
    (4, b"ftyphei", "HEIC"),
    (4, b"ftyphev", "HEIC"),
    (4, b"ftypmif1", "HEIC"),
    (4, b"ftypavi", "AVIF"),
    (4, b"JXL ", "JPEG XL"),
    (0, b"\xff\x0a", "JPEG XL"),
    (0, b"II\xbc\x01", "JPEG XR"),
    (0, b"\x76\x2f\x31\x01", "OpenEXR"),
    (0, b"8BPS", "Photoshop"),
    (0, b"SIMPLE  =", "FITS"),
    (128, b"DICM", "DICOM"),
    (0, b"qoif", "QOI"),
)


def unread_format(data: bytes) -> str:
    """Name of the picture format that a file's first bytes show, among those that may not be read; empty if none."""
    return next((name for at, magic, name in _SIGNATURES if data.startswith(magic, at)), "")


def describe_unread(files: Iterable[Path]) -> str:
    """``"30 HEIC pictures (.heic)"`` for files with a suffix of :data:`UNREAD_SUFFIXES`, most frequent first."""
    counts = Counter(file.suffix.lower() for file in files)
    return ", ".join(
        f"{number} {UNREAD_SUFFIXES[suffix]} picture{'' if number == 1 else 's'} ({suffix})"
        for suffix, number in counts.most_common()
    )


def conversion(files: str) -> str:
    """How to convert pictures, for the end of an error."""
    return f"convert to PNG, for example by 'magick mogrify -format png {files}'"
