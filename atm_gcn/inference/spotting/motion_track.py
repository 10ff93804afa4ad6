"""The motion curves of a recording, which is read once for them: one, or one per person."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from atm_gcn.config import DataConfig
from atm_gcn.data.clip_pictures import ClipFace
from atm_gcn.inference.prediction import DroppedPeak
from atm_gcn.inference.spotting.spotter import Spotter, Window
from atm_gcn.media.faces import Face
from atm_gcn.media.faces.people import People, PeopleAt
from atm_gcn.media.faces.person import Person
from atm_gcn.media.sources import Frame, Stream, open_stream

_CAMERA_FPS = 30.0  # for models of clips as recorded: a camera states no rate
WHOLE_DETECTOR = "haar"  # finds the face whose motion is measured where the models read whole pictures: it is quick


Track = TypeVar("Track", bound="MotionTrack")


class MotionTrack:
    """Motion, threshold and face of every frame of a recording: a few numbers per frame, no pictures.

    Args:
        recording: The recording.
        face_number: Number of the person who is followed; None to follow whom ``data.face_choice`` says.

    Attributes:
        stream: The recording.
        config: Settings by which it is read.
        rate: Frames per second that are read.
        face_number: As given.
        curve: Motion and threshold of each frame.
        boxes: The face's box in each frame.
    """

    def __init__(self, recording: "RecordingReader", face_number: int | None = None) -> None:
        self.stream, self.config, self.rate = recording.stream, recording.config, recording.rate
        self.recording, self.face_number = recording, face_number
        self.spotter = Spotter(self.rate, self.config, recording.stride)
        self.curve, self.boxes = self.spotter.curve, self.spotter.boxes

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
        return self.spotter.dropped

    @property
    def frames_without_face(self) -> int | None:
        """Frames in which no face was found; None if the pictures are not cropped to a face."""
        return self.spotter.frames_without_face if self.spotter.crop else None

    @property
    def first_face(self) -> ClipFace | None:
        """The first face that the pictures show; None for whole pictures."""
        return self.spotter.first_face if self.spotter.crop else None

    @property
    def shows_face(self) -> bool:
        """Whether a face was found, whatever part of a frame the pictures show."""
        return self.spotter.first_face is not None


class RecordingReader:
    """Reads a recording once, and measures the motion of one person in it, or of everyone.

    Args:
        source: Video file, folder of frames, or number of a camera.
        config: Settings by which the recording is read.
        fps: Frames per second of the recording; None for the rate that the file states.
        stride: Length in seconds of each regular window; 0 for none.
        everyone: Whether to follow everyone, instead of whom ``config.face_choice`` says.
        places: Where faces stay throughout, instead of a search for them.
        rate: Frames per second at which faster recordings are read; None for that of ``config``.

    Attributes:
        stream: The recording.
        rate: Frames per second that are read.
        num_frames: Frames that were read.

    Raises:
        ATMGCNError: If the recording cannot be opened, or its frame rate is unknown.
    """

    def __init__(
        self,
        source: str | Path | int,
        config: DataConfig,
        fps: float | None = None,
        stride: float = 0.0,
        everyone: bool = False,
        places: Sequence[Face] = (),
        rate: float | None = None,
    ) -> None:
        self.config, self.stride, self.everyone, self.num_frames = config, stride, everyone, 0
        self.stream: Stream = open_stream(source, fps, config.fps)
        timing, wanted = self.stream.timing, rate or config.fps
        self.rate = timing.clip_rate(wanted) if timing else wanted or _CAMERA_FPS
        crop = config.face != "none"
        detector = config.face_detector if crop else WHOLE_DETECTOR
        self._people = People(crop, detector, config.face_choice, everyone)
        if places:
            self._people, self.everyone = PeopleAt(places), True

    @property
    def faces_searched(self) -> int:
        """Frames that were searched for a face."""
        return self._people.searched

    def read(
        self,
        begin: Callable[["RecordingReader", int | None], Track],
        on_window: Callable[[Track, Window], None] = lambda track, window: None,
        on_frame: Callable[[Frame], None] = lambda frame: None,
    ) -> list[Track]:
        """Read the recording once; a camera until :exc:`KeyboardInterrupt`, which ends the recording.

        Args:
            begin: Makes the track of a person from the recording and the person's number.
            on_window: Called with the windows of brief movements and the regular ones, and whose they are.
            on_frame: Called with every frame.

        Returns:
            The only track, or with ``everyone`` one per person, in the order of their numbers.

        Raises:
            ATMGCNError: If a frame cannot be decoded.
        """
        tracks: list[tuple[Person | None, Track]] = [] if self.everyone else [(None, begin(self, None))]
        last: Frame | None = None
        try:
            for frame in self.stream.frames(self.rate):
                last, self.num_frames = frame, self.num_frames + 1
                self._people.update(frame.image, frame.seconds)
                known = {person for person, _ in tracks}
                for somebody in self._people.people if self.everyone else ():
                    if somebody.number and somebody not in known:
                        tracks.append((somebody, begin(self, somebody.number)))
                for person, track in tracks:
                    for window in track.spotter.process(frame, person or self._people.followed):
                        on_window(track, window)
                    if track.spotter.jumped:
                        self._people.look_again()
                on_frame(frame)
        except KeyboardInterrupt:
            if not self.stream.is_camera:
                raise
        if last is not None:  # the last frames may show somebody else
            self._people.look_again()
            self._people.update(last.image, last.seconds)
        for person, track in tracks:
            for window in track.spotter.finish(person or self._people.followed):
                on_window(track, window)
        return [track for _, track in tracks]
