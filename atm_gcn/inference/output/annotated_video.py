"""A copy of the recording with the spotted movements drawn on it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from atm_gcn.files.outputs import refuse_input
from atm_gcn.inference.spotting.spotting import Candidate, Spotting
from atm_gcn.media.drawing import draw_box, draw_curve, draw_label
from atm_gcn.media.sources import Frame
from atm_gcn.media.video.writer import VideoWriter

CURVE_SECONDS = 10.0  # of the curve that are drawn
LABEL_SECONDS = 1.0  # for which a label stays after the movement, so that it can be read


def annotate(found: Spotting, out: str | Path, on_frame: Callable[[Frame], None] = lambda frame: None) -> None:
    """Write the recording with the face's box, the motion curve, and the label of every movement.

    The recording is read a second time, frame by frame.

    Args:
        found: From :func:`~atm_gcn.inference.spotting.spotting.spot`.
        out: Video to write, ``.mp4`` or ``.avi``.
        on_frame: Called with every frame.

    Raises:
        ATMGCNError: If the video cannot be written, or is the recording itself.
    """
    refuse_input(Path(out), Path(str(found.stream.source)))
    overlay = _Overlay(found)
    with VideoWriter(out, found.stream.fps or found.rate) as video:
        for frame in found.stream.frames():
            image = frame.image.copy()
            overlay.draw(image, frame.seconds)
            video.write(image, frame.seconds)
            on_frame(frame)


class _Overlay:
    def __init__(self, found: Spotting) -> None:
        self.candidates, self.names = found.candidates, found.class_names
        self.seconds = np.array(found.curve.seconds)
        self.motion, self.threshold = found.curve.motion, found.curve.threshold
        self.boxes = found.boxes
        self.capacity = max(2, round(CURVE_SECONDS * found.rate))
        self.moving = np.zeros(len(self.seconds), dtype=bool)
        for candidate in self.candidates:
            onset, offset = candidate.onset_seconds, candidate.offset_seconds
            self.moving |= (self.seconds >= onset) & (self.seconds <= offset)
        known = np.concatenate([self.motion, self.threshold])
        self.top = 1.1 * float(np.nanmax(known)) if np.isfinite(known).any() else 1.0

    def draw(self, image: np.ndarray, seconds: float) -> None:
        index = int(np.searchsorted(self.seconds, seconds + 1e-9, side="right")) - 1
        last = slice(max(0, index + 1 - self.capacity), index + 1)
        box = self.boxes.at(index)
        if box is not None:
            draw_box(image, box, bool(self.moving[index]))
        draw_curve(image, self.motion[last], self.threshold[last], self.moving[last], self.top, self.capacity)
        shown = [c for c in self.candidates if c.onset_seconds <= seconds <= c.offset_seconds + LABEL_SECONDS]
        if shown:
            draw_label(image, self._label(shown[-1]))

    def _label(self, candidate: Candidate) -> str:
        best = int(np.argmax(candidate.probabilities))
        return f"{self.names[best]} {candidate.probabilities[best]:.2f}"
