"""The place of a face over time."""

from bisect import bisect_right

from atm_gcn.media.faces import Box


class BoxTrack:
    """The face's box over time, stored as changes only."""

    def __init__(self) -> None:
        self._starts: list[float] = []
        self._boxes: list[Box | None] = []

    def append(self, seconds: float, box: Box | None) -> None:
        """Set the box from a time on, whatever was set from then on before; None without a box."""
        while self._starts and self._starts[-1] >= seconds:
            del self._starts[-1], self._boxes[-1]
        if not self._boxes or self._boxes[-1] != box:
            self._starts.append(seconds)
            self._boxes.append(box)

    def at(self, seconds: float) -> Box | None:
        """The box at a time; None where the whole picture is used, or no face was found."""
        change = bisect_right(self._starts, seconds) - 1
        return self._boxes[change] if change >= 0 else None
