"""Picture files, one frame each: supported formats, headers, depth, and decoding to 8 bits per value."""

from atm_gcn.media.pictures.content import picture_bytes
from atm_gcn.media.pictures.decoding import needs_depth, read_picture, refuse_single, to_8_bits
from atm_gcn.media.pictures.depth import Depth
from atm_gcn.media.pictures.formats import PICTURE_SUFFIXES, UNREAD_SUFFIXES, conversion, describe_unread
from atm_gcn.media.pictures.header import Header
from atm_gcn.media.pictures.header_readers import read_header
from atm_gcn.media.pictures.series import PictureSeries, decode_picture, find_depth

__all__ = [
    "PICTURE_SUFFIXES",
    "UNREAD_SUFFIXES",
    "Depth",
    "Header",
    "PictureSeries",
    "conversion",
    "decode_picture",
    "describe_unread",
    "find_depth",
    "needs_depth",
    "picture_bytes",
    "read_header",
    "read_picture",
    "refuse_single",
    "to_8_bits",
]
