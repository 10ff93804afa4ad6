"""A copy of the recording with its motion and movements drawn on it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from atm_gcn.files.outputs import refuse_input
from atm_gcn.inference.prediction import FaceUsed, Movement, Prediction
from atm_gcn.inference.spotting.motion_track import MotionTrack
from atm_gcn.media.drawing import draw_box, draw_curve, draw_label
from atm_gcn.media.faces import Box
from atm_gcn.media.sources import Frame
from atm_gcn.media.video.writer import VideoWriter

CURVE_SECONDS = 10.0  # of the curve that are drawn
LABEL_SECONDS = 1.0  # for which a label stays after the movement, so that it can be read


def annotate(
    track: MotionTrack,
    prediction: Prediction,
    out: str | Path,
    on_frame: Callable[[Frame], None] = lambda frame: None,
) -> None:
    """Write the recording with the face's box, the motion curve with its threshold, and the label of every movement.

    The recording is read a second time, frame by frame.

    Args:
        track: The motion of the recording.
        prediction: Its result.
        out: Video to write, ``.mp4`` or ``.avi``.
        on_frame: Called with every frame.

    Raises:
        ATMGCNError: If the video cannot be written, or is the recording itself.
    """
    refuse_input(Path(out), Path(prediction.source))
    overlay = _Overlay(track, prediction)
    with VideoWriter(out, track.stream.fps or track.rate) as video:
        for frame in track.stream.frames():
            image = frame.image.copy()
            overlay.draw(image, frame.seconds)
            video.write(image, frame.seconds)
            on_frame(frame)


def box_of(face: FaceUsed) -> Box:
    """The square around a face."""
    return Box(face.x, face.y, face.side)


class _Overlay:
    def __init__(self, track: MotionTrack, prediction: Prediction) -> None:
        self.seconds = np.array(track.curve.seconds)
        self.motion, self.threshold = track.curve.motion, track.curve.threshold
        self.boxes, self.face = track.boxes, box_of(prediction.face) if prediction.face else None
        self.capacity = max(2, round(CURVE_SECONDS * track.rate))
        self.moving = np.zeros(len(self.seconds), dtype=bool)
        self.spans: list[tuple[float, float, Movement]] = []
        for movement in prediction.movements:
            onset, offset = movement.onset.seconds, movement.offset.seconds
            if onset is not None and offset is not None:
                self.moving |= (self.seconds >= onset) & (self.seconds <= offset)
                self.spans.append((onset, offset, movement))
        known = np.concatenate([self.motion, self.threshold])
        self.top = 1.1 * float(np.nanmax(known)) if np.isfinite(known).any() else 1.0

    def draw(self, image: np.ndarray, seconds: float) -> None:
        index = int(np.searchsorted(self.seconds, seconds + 1e-9, side="right")) - 1
        last = slice(max(0, index + 1 - self.capacity), index + 1)
        box = self.face or self.boxes.at(index)
        if box is not None:
            draw_box(image, box, bool(self.moving[index]))
        draw_curve(image, self.motion[last], self.threshold[last], self.moving[last], self.top, self.capacity)
        shown = [one for onset, offset, one in self.spans if onset <= seconds <= offset + LABEL_SECONDS]
        if shown:
            draw_label(image, f"{shown[-1].predicted} {shown[-1].probabilities[shown[-1].predicted]:.2f}")
