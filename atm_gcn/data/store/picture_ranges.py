"""What the pictures of a store's clips look like, in a few numbers, and whether another clip looks like them.

The description is part of the model card. It consists of the range of each of :data:`STATISTICS` over the training
clips, of the onset frame at the store's size.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache

import numpy as np

from atm_gcn.data.store.clip_store import ClipStore

STATISTICS = {  # name: what lies below the range, what lies above it, and the least width of the range
    "brightness": ("darker", "brighter", 20.0),
    "shadows": ("with darker shadows", "with lighter shadows", 20.0),
    "contrast": ("of less contrast", "of more contrast", 10.0),
    "colourfulness": ("less colourful", "more colourful", 10.0),
    "even_share": ("with less even surface", "", 0.1),
}
"""Grey levels of 0..255, the 5 % quantile of the grey levels, their standard deviation, the mean difference of the
largest and smallest of R, G and B, and the share of blocks of 8 x 8 pixels whose standard deviation is below 4."""
_BLOCK, _EVEN = 8, 4.0
_GREY = np.array([0.299, 0.587, 0.114], np.float32)


def picture_statistics(frame: np.ndarray) -> dict[str, float]:
    """The statistics of one picture.

    Args:
        frame: uint8 RGB ``[H, W, 3]``.
    """
    grey = frame.astype(np.float32) @ _GREY  # [H, W]
    rows, columns = (side // _BLOCK for side in grey.shape)
    blocks = grey[: rows * _BLOCK, : columns * _BLOCK].reshape(rows, _BLOCK, columns, _BLOCK)
    return {
        "brightness": float(grey.mean()),
        "shadows": float(np.quantile(grey, 0.05)),
        "contrast": float(grey.std()),
        "colourfulness": float((frame.max(axis=2) - frame.min(axis=2)).mean()),
        "even_share": float((blocks.std(axis=(1, 3)) < _EVEN).mean()) if blocks.size else 1.0,
    }
