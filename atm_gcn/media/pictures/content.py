"""The bytes of a picture file, and a check of its header before it is decoded."""

from pathlib import Path

from atm_gcn.errors import ATMGCNError
from atm_gcn.files.limits import PIXELS
from atm_gcn.files.refusals import refuse_special
from atm_gcn.media.pictures.formats import conversion
from atm_gcn.media.pictures.header import Header

_BYTES_PER_PIXEL = 16  # of a file, at most: four 32-bit values
_FLOATING = 8  # pixels of 8 bits that cost as much as one of floating-point values while it is decoded
_MOST_SCANS = 100  # of a progressive JPEG, each of which is a pass over the whole picture; encoders write about 10


def picture_bytes(file: Path) -> bytes:
    """The content of a picture file.

    Raises:
        ATMGCNError: If it cannot be read, is a pipe or device, or has more bytes than any picture that is decoded.
    """
    try:
        refuse_special(file)
        size = file.stat().st_size
        if size <= _BYTES_PER_PIXEL * PIXELS.value:
            return file.read_bytes()  # cv2.imread cannot open every path on Windows
    except OSError as error:
        raise ATMGCNError(f"{file}: cannot be read ({error.strerror})") from error
    raise ATMGCNError(f"{file}: has {size:,} bytes, more than any picture that is read; {PIXELS.remedy}")


def check_header(file: Path, header: Header) -> None:
    """Refuse pictures that the decoder cannot read or that would take too much memory.

    Raises:
        ATMGCNError: Naming the file and the entry of its header.
    """
    if header.unread:
        raise ATMGCNError(
            f"{file}: is {header.format} with {header.unread}, which is not read; {conversion(file.name)}"
        )
    if header.several:
        raise ATMGCNError(
            f"{file}: holds several pictures in one {header.format} file; split it into one file per frame, "
            f"for example by 'magick {file.name} -coalesce frame%05d.png'"
        )
    if header.scans > _MOST_SCANS:
        raise ATMGCNError(
            f"{file}: is a JPEG of {header.scans:,} scans; at most {_MOST_SCANS} are read, so save it again"
        )
    most = PIXELS.value // (_FLOATING if header.floating else 1)
    if max(header.width * header.height, header.tile) > most:
        what = f"{header.width} x {header.height} pixels"
        if header.tile > header.width * header.height:
            what = f"tiles of {header.tile:,} pixels"
        raise ATMGCNError(
            f"{file}: has {what}; at most {most / 1e6:.0f} million are read, so crop it or scale it down, or "
            + PIXELS.remedy
        )
