"""The bits that hold a picture: cameras write 10, 12 or 14 bits into files of 16."""

from dataclasses import dataclass

from atm_gcn.media.pictures.header import Header

_USUAL = (8, 10, 12, 14, 16)  # of cameras: values of 11 bits are 12 bits of a dim scene


@dataclass(frozen=True)
class Depth:
    """How the values of a recording's pictures are scaled to 0..255.

    Args:
        bits: Bits that hold the picture.
        white: The value that becomes 255, as does what is brighter.
        file_bits: Bits per value of the files.
        source: Where the depth comes from: ``"headers"``, ``"tags"`` or ``"brightest value"``.
        brightest: The brightest value seen; 0 where values were not read.
        examined: Number of pictures that were read.
        pictures: Number of pictures of the recording.
    """

    bits: int
    white: int
    file_bits: int
    source: str
    brightest: int
    examined: int
    pictures: int

    def __str__(self) -> str:
        """``"12 of 16 bits, by their brightest value (4015 in 100 of 3000 pictures)"``."""
        value = f" ({self.brightest} in {self.examined} of {self.pictures} pictures)" if self.brightest else ""
        return f"{self.bits} of {self.file_bits} bits, by their {self.source}{value}"


class DepthEvidence:
    """Evidence of the depth of a recording's pictures."""

    def __init__(self) -> None:
        self._headers: list[Header] = []
        self._brightest = 0

    @property
    def is_settled(self) -> bool:
        """Whether no further picture can change the depth."""
        return self._brightest.bit_length() > _USUAL[-2]

    def add(self, header: Header, brightest: int) -> None:
        """Add a picture's header and its brightest value, 0 if it was not read."""
        self._headers.append(header)
        self._brightest = max(self._brightest, brightest)

    def depth(self, pictures: int) -> Depth | None:
        """The depth of so many pictures; None without evidence.

        Headers that state the white value come first, then tags that the values do not exceed, then the values.
        """
        if not self._headers:
            return None
        bits, white, source = self._find()
        file_bits = max(header.bits for header in self._headers)
        return Depth(bits, white, file_bits, source, self._brightest, len(self._headers), pictures)

    def _find(self) -> tuple[int, int, str]:
        """Bits, white, and their source."""
        white, significant, tagged = (
            max(getattr(header, name) or 0 for header in self._headers)
            for name in ("white", "significant", "brightest")
        )
        if white > 0 and white >= self._brightest:
            return significant, white, "headers"
        bits, source = _usual(self._brightest), "brightest value"
        if 0 < significant < 16:
            # By PNG's standard, sBIT holds the bits of values that were scaled to 16; some programs do not scale them.
            bits, source = significant if self._brightest < 1 << significant else 16, "tags"
        elif tagged > 0 and _usual(tagged) >= bits:
            bits, source = _usual(tagged), "tags"
        return bits, (1 << bits) - 1, source


def _usual(value: int) -> int:
    return next(bits for bits in _USUAL if value < 1 << bits)
