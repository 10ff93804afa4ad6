"""The pictures of one recording, all scaled alike."""

from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from threading import Lock

import numpy as np

from atm_gcn.errors import ATMGCNError
from atm_gcn.media.pictures.content import picture_bytes
from atm_gcn.media.pictures.decoding import needs_depth, read_picture, to_8_bits
from atm_gcn.media.pictures.depth import Depth, DepthEvidence
from atm_gcn.media.pictures.header_readers import read_header

MOST_EXAMINED = 100
"""Largest number of pictures that are read for their depth; of more, so many evenly spaced ones are."""


class PictureSeries:
    """The pictures of one recording, decoded to 8 bits by one depth. Threads may share it.

    Args:
        files: Every picture of the recording, in order.
    """

    def __init__(self, files: Sequence[Path]) -> None:
        self._files = files
        self._depth: Depth | None = None
        self._searched = False
        self._search = Lock()  # once for all threads
        self._has_brighter = False

    @property
    def depth(self) -> Depth | None:
        """How values of more than 8 bits are scaled, found on first use; None where no picture has more."""
        with self._search:
            if not self._searched:
                self._depth, self._searched = find_depth(self._files), True
            return self._depth

    @property
    def notes(self) -> tuple[str, ...]:
        """How the pictures are scaled, if the first one or one that was decoded needs it."""
        notes = []
        depth = self.depth if self._searched or _is_deep(self._files[0]) else None
        if depth is not None:
            how = f"according to their {depth.source}"
            notes.append(f"has {depth.file_bits}-bit pictures of which {depth.bits} bits are used, {how}")
        if self._has_brighter:
            notes.append("has pictures brighter than those that determined the depth: parts of them are white")
        return tuple(notes)

    def decode(self, file: Path) -> np.ndarray:
        """Decode one of the pictures, uint8 BGR ``[H, W, 3]``.

        Raises:
            ATMGCNError: As :func:`~atm_gcn.media.pictures.decoding.read_picture`.
        """
        picture = read_picture(file)
        if not picture.needs_depth:
            return picture.values
        depth = self.depth or find_depth([file])  # if all examined pictures are damaged
        if depth is None:
            raise ATMGCNError(f"{file}: was changed while it was read; read it again")
        if picture.values.max() > depth.white:
            self._has_brighter = True
        return to_8_bits(picture, depth)


def decode_picture(file: Path) -> np.ndarray:
    """Decode a picture that belongs to no recording; result and errors as for :meth:`PictureSeries.decode`."""
    return PictureSeries([file]).decode(file)


def find_depth(files: Sequence[Path]) -> Depth | None:
    """The one depth of a recording's pictures, whichever of them are read afterwards.

    At most :data:`MOST_EXAMINED` pictures are read. Those that cannot be read are skipped.

    Args:
        files: Every picture of the recording, in order.

    Returns:
        The depth; None where no picture has more than 8 bits.
    """
    stamps = []
    for file in _spread(files):
        with suppress(OSError):
            status = file.stat()
            stamps.append((status.st_size, status.st_mtime_ns))
    return _find_depth(tuple(files), tuple(stamps))


@lru_cache(maxsize=16)  # a recording is opened several times on the way to a prediction
def _find_depth(files: tuple[Path, ...], stamps: tuple[tuple[int, int], ...]) -> Depth | None:
    deep = [file for file in _spread(files) if _is_deep(file)]
    if not deep and len(files) > MOST_EXAMINED:
        deep = _spread([file for file in files if _is_deep(file)])
    evidence = DepthEvidence()
    for file in deep:
        with suppress(ATMGCNError):
            header = read_header(picture_bytes(file))
            if header is not None:
                evidence.add(header, 0 if header.white else int(read_picture(file).values.max()))
        if evidence.is_settled:
            break
    return evidence.depth(len(files))


def _is_deep(file: Path) -> bool:
    with suppress(ATMGCNError):
        return needs_depth(picture_bytes(file))
    return False


def _spread(files: Sequence[Path]) -> list[Path]:
    """All, or :data:`MOST_EXAMINED` evenly spaced ones, the first and the last among them."""
    if len(files) <= MOST_EXAMINED:
        return list(files)
    return [files[round(at)] for at in np.linspace(0, len(files) - 1, MOST_EXAMINED)]
