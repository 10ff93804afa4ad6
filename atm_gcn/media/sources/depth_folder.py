"""Pictures of depth beside those of colour, as RGB-D cameras record them."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from atm_gcn.errors import ATMGCNError
from atm_gcn.media.pictures import read_picture
from atm_gcn.media.sources.frame_folder import FrameFolder

COLOUR, DEPTH = "color", "depth"  # names of the two folders, whatever their case
FIX = "complete the folder, or prepare without depth (data.depth=false)"


class DepthFolder(FrameFolder):
    """The pictures of depth of a recording, uint16 ``[H, W]`` each, numbered as its frames are.

    A value is that of the file, mostly millimetres, and 0 where nothing was measured.

    Args:
        frames: Folder of the frames. It is named ``color``, and the one of the depth, beside it, ``depth``.

    Raises:
        ATMGCNError: If there is none.
    """

    def __init__(self, frames: Path) -> None:
        super().__init__(_beside(frames))

    def check_size(self, number: int, depth: np.ndarray, frame: np.ndarray) -> None:
        """Raise an :class:`ATMGCNError` if the depth ``[h, w]`` of a frame ``[H, W, 3]`` is of another size."""
        (height, width), (rows, columns) = depth.shape, frame.shape[:2]
        if (height, width) != (rows, columns):
            raise ATMGCNError(
                f"{self._files[number]}: is {width}x{height}, and its frame {columns}x{rows}; depth must be registered "
                f"to the frames: {FIX}"
            )

    def _extent(self) -> str:
        return f"{super()._extent()}; {FIX}"

    def _decode(self, numbers: np.ndarray) -> Iterator[np.ndarray]:
        for number in numbers.tolist():
            file = self._files[number]
            values = read_picture(file).values  # the bits as they are: millimetres, and no share of white
            if (values != values[..., :1]).any():
                raise ATMGCNError(f"{file}: is a picture in colour, and depth must be grey; {FIX}")
            yield values[..., 0].astype(np.uint16)


def _beside(frames: Path) -> Path:
    if frames.name.lower() == COLOUR:
        for path in frames.parent.iterdir():
            if path.name.lower() == DEPTH and path.is_dir():
                return path
    raise ATMGCNError(
        f"{frames}: has no depth, which is read from a folder named {DEPTH} beside a folder of frames named {COLOUR}; "
        "add it, or prepare without depth (data.depth=false)"
    )
