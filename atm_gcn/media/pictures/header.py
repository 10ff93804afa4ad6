"""The header of a picture file, read before it is decoded."""

from typing import NamedTuple


class Header(NamedTuple):
    """The header of a picture file.

    Args:
        format: Name of the format.
        width: In pixels.
        height: In pixels.
        bits: Bits of a decoded value: at most 8 are decoded to uint8, 9 to 16 to uint16.
        white: The decoded value that the format states to be white, if it is not the largest of 8 or 16 bits.
        brightest: The brightest value according to a tag.
        significant: Bits that hold the picture, according to ``white`` or a tag.
        floating: Whether values are floating-point numbers.
        inverted: Whether 0 is white and the decoder leaves it so.
        several: Whether the file holds more than one picture.
        cut_off: Whether the end of the picture is missing.
        tile: Pixels of one tile, which is decoded as a whole; 0 where there are none.
        scans: Passes over the picture in which a progressive JPEG is written.
        unread: The feature of the file that the decoder cannot read, or reads wrongly; empty if none.
    """

    format: str
    width: int
    height: int
    bits: int = 8
    white: int | None = None
    brightest: int | None = None
    significant: int | None = None
    floating: bool = False
    inverted: bool = False
    several: bool = False
    cut_off: bool = False
    tile: int = 0
    scans: int = 1
    unread: str = ""

    @property
    def needs_depth(self) -> bool:
        """Whether decoded values are to be scaled to 0..255 by the depth of the recording."""
        return (self.bits > 8 or self.white is not None) and not self.floating
