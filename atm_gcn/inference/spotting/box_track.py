"""The place of a face over time."""

from bisect import bisect_right

from atm_gcn.media.faces import Box


class BoxTrack:
    """The face's box in every frame, stored as changes only."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._boxes: list[Box | None] = []

    def append(self, index: int, box: Box | None) -> None:
        """Set the box from a frame on; None without a box."""
        if not self._boxes or self._boxes[-1] != box:
            self._starts.append(index)
            self._boxes.append(box)

    def at(self, index: int) -> Box | None:
        """The box in a frame; None where the whole picture is used, or no face was found."""
        change = bisect_right(self._starts, index) - 1
        return self._boxes[change] if change >= 0 else None
