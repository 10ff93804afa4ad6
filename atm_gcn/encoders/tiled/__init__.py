"""The encoder's front computed tile by tile, so that little memory is kept for the backward pass."""

from atm_gcn.encoders.tiled.front import tiled_front, tiles_apply

__all__ = ["tiled_front", "tiles_apply"]
