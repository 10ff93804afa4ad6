"""The encoder's front computed tile by tile, so that little memory is kept for the backward pass."""
