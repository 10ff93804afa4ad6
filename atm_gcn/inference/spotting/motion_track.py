"""The motion curve of a recording, which is read once for it."""

from collections.abc import Callable
from pathlib import Path

from atm_gcn.config import DataConfig
from atm_gcn.data.clip_pictures import ClipFace
from atm_gcn.inference.prediction import DroppedPeak
from atm_gcn.inference.spotting.spotter import Spotter, Window
from atm_gcn.media.sources import Frame, Stream, open_stream

_CAMERA_FPS = 30.0  # for models of clips as recorded: a camera states no rate


class MotionTrack:
    """Motion, threshold and face of every frame of a recording: a few numbers per frame, no pictures.

    Args:
        source: Video file, folder of frames, or number of a camera.
        config: Settings by which the recording is read.
        fps: Frames per second of the recording; None for the rate that the file states.
        stride: Length in seconds of each regular window; 0 for none.

    Attributes:
        stream: The recording.
        rate: Frames per second that are read.
        curve: Motion and threshold of each frame.
        boxes: The face's box in each frame.

    Raises:
        ATMGCNError: If the recording cannot be opened, or its frame rate is unknown.
    """

    def __init__(
        self, source: str | Path | int, config: DataConfig, fps: float | None = None, stride: float = 0.0
    ) -> None:
        self.config = config
        self.stream: Stream = open_stream(source, fps, config.fps)
        timing = self.stream.timing
        self.rate = timing.clip_rate(config.fps) if timing else config.fps or _CAMERA_FPS
        self._spotter = Spotter(self.rate, config, stride)
        self.curve, self.boxes = self._spotter.curve, self._spotter.boxes

    def read(
        self,
        on_window: Callable[[Window], None] = lambda window: None,
        on_frame: Callable[[Frame], None] = lambda frame: None,
    ) -> None:
        """Read the recording once; a camera until :exc:`KeyboardInterrupt`, which ends the recording.

        Args:
            on_window: Called with the windows of brief movements and the regular ones.
            on_frame: Called with every frame.

        Raises:
            ATMGCNError: If a frame cannot be decoded.
        """
        try:
            for frame in self.stream.frames(self.rate):
                for window in self._spotter.process(frame):
                    on_window(window)
                on_frame(frame)
        except KeyboardInterrupt:
            if not self.stream.is_camera:
                raise
        for window in self._spotter.finish():
            on_window(window)

    @property
    def seconds(self) -> float:
        """Time from the first frame to the last."""
        return self.curve.seconds[-1] - self.curve.seconds[0] if len(self.curve) else 0.0

    @property
    def missing(self) -> list[str]:
        """What is missing of the recording, in a few words each."""
        end, texts = self.stream.end_seconds, list(self.stream.missing)
        if end is not None and len(self.curve) and self.curve.seconds[-1] < end - 2 / self.rate:
            texts.append(f"is damaged: only the first {self.seconds:.2f} s are read")
        return texts

    @property
    def dropped(self) -> list[DroppedPeak]:
        """Peaks above the threshold that are no movements, in order of time."""
        return self._spotter.dropped

    @property
    def frames_without_face(self) -> int | None:
        """Frames in which no face was found; None if the pictures are not cropped to a face."""
        return self._spotter.frames_without_face if self._spotter.crop else None

    @property
    def faces_searched(self) -> int:
        """Frames that were searched for a face."""
        return self._spotter.tracker.searched

    @property
    def first_face(self) -> ClipFace | None:
        """The first face that the pictures show; None for whole pictures."""
        return self._spotter.first_face if self._spotter.crop else None

    @property
    def shows_face(self) -> bool:
        """Whether a face was found, whatever part of a frame the pictures show."""
        return self._spotter.first_face is not None

    @property
    def lacks_faces(self) -> bool:
        """Whether faces are needed and none was found."""
        return self._spotter.crop and self._spotter.tracker.opened == 0
