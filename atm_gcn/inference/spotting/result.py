"""What was found in a recording of any length: its brief movements, and the classes of regular windows."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from atm_gcn.data.clip_pictures import ClipPictures, read_pictures
from atm_gcn.inference.clip import describe_ensemble
from atm_gcn.inference.ensemble import Ensemble
from atm_gcn.inference.prediction import (
    MacroExpression,
    Moment,
    Movement,
    Prediction,
    Rate,
    SpotterName,
    WindowProbabilities,
    by_class,
    of_movement,
    whose,
)
from atm_gcn.inference.reliability import input_warnings, lacks_face, shorter_side
from atm_gcn.inference.sources.pictures_used import FaceUsed, RegistrationUsed
from atm_gcn.inference.sources.recording_clip import log_warnings, several_faces
from atm_gcn.inference.spotting.losses import loss_notes
from atm_gcn.inference.spotting.motion_track import MotionTrack, RecordingReader
from atm_gcn.inference.spotting.spotter import Window
from atm_gcn.inference.spotting.why_nothing import why_nothing
from atm_gcn.media.sources import open_source


@dataclass(frozen=True)
class Candidate:
    """A brief movement and its class probabilities; frame numbers and times in seconds are those of the recording.

    ``motion`` is the peak of the motion curve and ``threshold`` the value that it exceeds, both in grey levels.
    """

    onset: int
    apex: int
    offset: int
    onset_seconds: float
    apex_seconds: float
    offset_seconds: float
    motion: float
    threshold: float
    probabilities: tuple[float, ...]
    face: FaceUsed | None = None
    registration: RegistrationUsed | None = None

    @property
    def strength(self) -> float:
        """Motion in multiples of the threshold."""
        return self.motion / self.threshold


@dataclass(frozen=True)
class WindowPrediction:
    """Class probabilities of a regular window from ``start`` to ``end``, in seconds, whether or not something moves."""

    start: float
    end: float
    probabilities: tuple[float, ...]


class Spotting(MotionTrack):
    """The result of spotting in one recording: a few numbers per frame, no pictures.

    Args:
        ensemble: The models.
        recording: The recording.
        fps_source: How its frame rate was chosen.
        face_number: Number of the person who is followed; None to follow whom ``data.face_choice`` says.

    Attributes:
        class_names: In the order of the probabilities.
        task: What the models predict.
        spotter_name: How the movements are found.
        candidates: The movements, in order of time.
        windows: Predictions of the regular windows, in order of time.
        macro_expressions: The macro-expressions; None if they were not looked for.
        first_window: The first one that was classified, of either kind.
        warnings: In which ways the recording is unlike the models' training clips.
        notes: What is unusual about the recording, beside the notes of ``stream``.
        warned: Those of ``notes`` that were logged.
    """

    spotter_name: SpotterName = "threshold"

    def __init__(
        self, ensemble: Ensemble, recording: RecordingReader, fps_source: str, face_number: int | None = None
    ) -> None:
        super().__init__(recording, face_number)
        self.class_names, self.task = ensemble.class_names, ensemble.task
        self._ensemble, self.fps_source = ensemble, fps_source
        self.warnings: list[str] = []
        self.notes: list[str] = []
        self.warned: list[str] = []
        self.candidates: list[Candidate] = []
        self.windows: list[WindowPrediction] = []
        self.macro_expressions: list[MacroExpression] | None = None
        self.first_window: Window | None = None

    def warn(self, explicit: bool = True) -> None:
        """Find and log in which ways the recording is unlike the models' training clips.

        Args:
            explicit: Whether it was said whom to follow; otherwise there is a warning if the first frame with a face
                shows several.
        """
        source, config, side, lacks = self.stream.source, self.config, None, False
        pictures: ClipPictures | None = None
        face, number = self.first_face, self.curve.numbers[0]
        if self.first_window is not None:
            first = self.first_window
            pictures, face, number = first.pictures, first.face, first.numbers[0]
        elif not self.stream.is_camera:  # without regular windows, where nothing was found
            number = number if face is None else face.number
            still = config.model_copy(update={"register": "none", "flow": "none"})
            pictures = read_pictures(open_source(str(source)), np.array([number]), still, face)
        if not self.stream.is_camera:
            side = shorter_side(str(source), number, face, config)
        if pictures is not None:
            lacks = not self.shows_face and lacks_face(self._ensemble, pictures.frames, config.face)
        picture = None if pictures is None else pictures.frames[0]
        self.warnings = input_warnings(self._ensemble, picture, config, side, self.stream.fps, lacks)
        log_warnings(whose(source, self.face_number), self.warnings)
        face = self.first_face
        if not explicit and face is not None and len(face.faces) > 1:
            self.notes.append(several_faces(str(source), face))
            self.warned.append(self.notes[-1])
        if self.shows_face and (self.face_number is not None or config.face_choice == "track"):
            self.notes += loss_notes(self.spotter.losses)

    @property
    def resampled(self) -> bool:
        """Whether frames are left out to come down to the rate of the training clips."""
        return bool(self.stream.timing and self.stream.timing.exceeds(self.rate))

    def why_nothing(self) -> str:
        """Why no movement is reported."""
        return why_nothing(self)

    def to_prediction(self) -> Prediction:
        """The result with the keys of ``atm-gcn predict --json``."""
        stream, movements = self.stream, [describe_candidate(one, self._ensemble) for one in self.candidates]
        strongest = max(movements, key=lambda one: (one.motion or 0.0) / (one.threshold or 1.0), default=None)
        return Prediction(
            source=str(stream.source),
            mode="spotting",
            status="nothing-found" if strongest is None else "predicted",
            reason=self.why_nothing() if strongest is None else None,
            **(of_movement(strongest) if strongest else {}),
            movements=movements,
            highest_peak=self.curve.highest(),
            dropped=self.dropped,
            seconds=self.seconds,
            num_frames=len(self.curve),
            fps=Rate(stream.fps, self.fps_source),
            training_fps=self.config.fps,
            resampled=self.resampled,
            notes=[*stream.notes, *self.notes],
            warned=self.warned,
            missing=self.missing,
            face_number=self.face_number,
            frames_without_face=self.frames_without_face,
            spotter=self.spotter_name,
            windows=[
                WindowProbabilities(one.start, one.end, dict(zip(self.class_names, one.probabilities, strict=True)))
                for one in self.windows
            ],
            macro_expressions=self.macro_expressions,
            **describe_ensemble(self._ensemble, self.warnings),
        )

    def to_dict(self) -> dict[str, Any]:
        """The result as ``atm-gcn predict --json`` prints it."""
        return self.to_prediction().to_dict()


def describe_candidate(candidate: Candidate, ensemble: Ensemble) -> Movement:
    """A candidate with the keys of ``atm-gcn predict --json``."""
    onset, apex, offset = (
        Moment(getattr(candidate, name), getattr(candidate, f"{name}_seconds"), "spotted")
        for name in ("onset", "apex", "offset")
    )
    return Movement(
        **by_class(ensemble.class_names, list(candidate.probabilities), ensemble.task),
        onset=onset,
        apex=apex,
        offset=offset,
        motion=candidate.motion,
        threshold=candidate.threshold,
        face=candidate.face,
        registration=candidate.registration,
    )
