"""A copy of the recording with its motion and movements drawn on it."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from atm_gcn.files.outputs import refuse_input
from atm_gcn.inference.output.text import certain_text
from atm_gcn.inference.prediction import Movement, Prediction
from atm_gcn.inference.sources.pictures_used import FaceUsed
from atm_gcn.inference.spotting.motion_track import MotionTrack
from atm_gcn.media.drawing import draw_box, draw_curve, draw_label, draw_number
from atm_gcn.media.faces import Box
from atm_gcn.media.sources import Frame
from atm_gcn.media.video.writer import VideoWriter

CURVE_SECONDS = 10.0  # of the curve that are drawn
LABEL_SECONDS = 1.0  # for which a label stays after the movement, so that it can be read


def annotate(
    tracks: Sequence[MotionTrack],
    predictions: Sequence[Prediction],
    out: str | Path,
    on_frame: Callable[[Frame], None] = lambda frame: None,
) -> None:
    """Write the recording with the face's box, the motion curve with its threshold, and the label of every movement.

    Of several people, every box has the person's number, as have the labels; the curve is that of the person who moves
    or moved last.

    The recording is read a second time, frame by frame.

    Args:
        tracks: The motion of the recording, or of each person in it.
        predictions: The result for each.
        out: Video to write, ``.mp4`` or ``.avi``.
        on_frame: Called with every frame.

    Raises:
        ATMGCNError: If the video cannot be written, or is the recording itself.
    """
    refuse_input(Path(out), Path(predictions[0].source))
    overlays = [_Overlay(*pair) for pair in zip(tracks, predictions, strict=True)]
    stream, shown = tracks[0].stream, overlays[0]
    with VideoWriter(out, stream.fps or tracks[0].rate) as video:
        for frame in stream.frames():
            image = frame.image.copy()
            for overlay in overlays:
                overlay.draw_box(image, frame.seconds)
            shown = next((one for one in overlays if one.is_moving(frame.seconds)), shown)
            shown.draw_curve(image, frame.seconds)
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
        self.number = prediction.face_number
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

    def is_moving(self, seconds: float) -> bool:
        index = self._at(seconds)
        return index >= 0 and bool(self.moving[index])

    def draw_box(self, image: np.ndarray, seconds: float) -> None:
        box, moves = self.face or self.boxes.at(seconds + 1e-9), self.is_moving(seconds)
        if box is not None:
            draw_box(image, box, moves)
            if self.number is not None:
                draw_number(image, box, self.number, moves)

    def draw_curve(self, image: np.ndarray, seconds: float) -> None:
        index = self._at(seconds)
        last = slice(max(0, index + 1 - self.capacity), index + 1)
        draw_curve(image, self.motion[last], self.threshold[last], self.moving[last], self.top, self.capacity)
        shown = [one for onset, offset, one in self.spans if onset <= seconds <= offset + LABEL_SECONDS]
        if shown:
            who = "" if self.number is None else f"{self.number}: "
            draw_label(image, f"{who}{certain_text(shown[-1])}")

    def _at(self, seconds: float) -> int:
        return int(np.searchsorted(self.seconds, seconds + 1e-9, side="right")) - 1
