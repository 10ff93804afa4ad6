"""Spotting in videos of any length: brief movements are found, and then classified."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch_geometric.data import Data

from atm_gcn.data.clip_pictures import ClipPictures, read_pictures
from atm_gcn.errors import ATMGCNError
from atm_gcn.inference.clip import describe_ensemble
from atm_gcn.inference.ensemble import Ensemble
from atm_gcn.inference.prediction import (
    RECORDED_IN_RUN,
    Moment,
    Movement,
    Prediction,
    Rate,
    WindowProbabilities,
    by_class,
    of_movement,
    whose,
)
from atm_gcn.inference.reliability import input_warnings, lacks_face, shorter_side
from atm_gcn.inference.sources.recording_clip import (
    check_settings,
    log_warnings,
    several_faces,
)
from atm_gcn.inference.spotting.losses import loss_notes
from atm_gcn.inference.spotting.motion_track import MotionTrack, RecordingReader
from atm_gcn.inference.spotting.spotter import Window
from atm_gcn.inference.spotting.why_nothing import why_nothing
from atm_gcn.inference.spotting.window_classifier import Candidate, WindowClassifier, WindowPrediction
from atm_gcn.media.faces.detection import no_face
from atm_gcn.media.sources import Frame, open_source

STRIDE_SECONDS = 0.5  # length of a regular window: every frame is encoded about once


class Spotting(MotionTrack):
    """The result of spotting in one recording: a few numbers per frame, no pictures.

    Args:
        ensemble: The models.
        recording: The recording.
        fps_source: How its frame rate was chosen.
        face_number: Number of the person who is followed; None to follow whom ``data.face_choice`` says.

    Attributes:
        class_names: In the order of the probabilities.
        candidates: The movements, in order of time.
        windows: Predictions of the regular windows, in order of time.
        first_window: The first one that was classified, of either kind.
        warnings: In which ways the recording is unlike the models' training clips.
        notes: What is unusual about the recording, beside the notes of ``stream``.
        warned: Those of ``notes`` that were logged.
    """

    def __init__(
        self, ensemble: Ensemble, recording: RecordingReader, fps_source: str, face_number: int | None = None
    ) -> None:
        super().__init__(recording, face_number)
        self.class_names, self._ensemble, self.fps_source = ensemble.class_names, ensemble, fps_source
        self.warnings: list[str] = []
        self.notes: list[str] = []
        self.warned: list[str] = []
        self.candidates: list[Candidate] = []
        self.windows: list[WindowPrediction] = []
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
        self.warnings = input_warnings(self._ensemble, picture, config.face, side, self.stream.fps, lacks)
        log_warnings(whose(source, self.face_number), self.warnings)
        face = self.first_face
        if not explicit and face is not None and len(face.faces) > 1:
            self.notes.append(several_faces(str(source), face))
            self.warned.append(self.notes[-1])
        if self.shows_face and (self.face_number is not None or config.face_choice == "track"):
            self.notes += loss_notes(self.spotter.losses)

    def to_prediction(self) -> Prediction:
        """The result with the keys of ``atm-gcn predict --json``."""
        stream, movements = self.stream, [describe_candidate(one, self.class_names) for one in self.candidates]
        strongest = max(movements, key=lambda one: (one.motion or 0.0) / (one.threshold or 1.0), default=None)
        return Prediction(
            source=str(stream.source),
            mode="spotting",
            status="nothing-found" if strongest is None else "predicted",
            reason=why_nothing(self) if strongest is None else None,
            **(of_movement(strongest) if strongest else {}),
            movements=movements,
            highest_peak=self.curve.highest(),
            dropped=self.dropped,
            seconds=self.seconds,
            num_frames=len(self.curve),
            fps=Rate(stream.fps, self.fps_source),
            training_fps=self.config.fps,
            resampled=bool(stream.timing and stream.timing.exceeds(self.rate)),
            notes=[*stream.notes, *self.notes],
            warned=self.warned,
            missing=self.missing,
            face_number=self.face_number,
            frames_without_face=self.frames_without_face,
            windows=[
                WindowProbabilities(one.start, one.end, by_class(self.class_names, one.probabilities)["probabilities"])
                for one in self.windows
            ],
            **describe_ensemble(self._ensemble, self.warnings),
        )

    def to_dict(self) -> dict[str, Any]:
        """The result as ``atm-gcn predict --json`` prints it."""
        return self.to_prediction().to_dict()


def describe_candidate(candidate: Candidate, class_names: list[str]) -> Movement:
    """A candidate with the keys of ``atm-gcn predict --json``."""
    onset, apex, offset = (
        Moment(getattr(candidate, name), getattr(candidate, f"{name}_seconds"), "spotted")
        for name in ("onset", "apex", "offset")
    )
    return Movement(
        **by_class(class_names, candidate.probabilities),
        onset=onset,
        apex=apex,
        offset=offset,
        motion=candidate.motion,
        threshold=candidate.threshold,
        face=candidate.face,
        registration=candidate.registration,
    )


def spot(
    ensemble: Ensemble,
    source: str | Path | int,
    device: torch.device,
    settings: dict[str, Any] | None = None,
    fps: float | None = None,
    stride: float = STRIDE_SECONDS,
    on_frame: Callable[[Frame], None] = lambda frame: None,
    on_candidate: Callable[[Candidate], None] = lambda candidate: None,
    on_clip: Callable[[Candidate, Data], None] = lambda candidate, clip: None,
) -> Spotting:
    """Find the brief movements in a recording or in front of a camera, and classify each.

    The recording is read once, with only its last few seconds in memory; see :mod:`atm_gcn.media.motion` and
    :class:`~atm_gcn.inference.spotting.spotter.Spotter` for the method. A camera is read until
    :exc:`KeyboardInterrupt`, which ends the recording.

    Args:
        ensemble: The models, with the settings by which their training clips were prepared.
        source: Video file, folder of frames, or number of a camera.
        device: Device of the models.
        settings: Data settings that override the models' own, such as ``{"face": "crop"}``.
        fps: Frames per second of the recording; None for the rate that the file states.
        stride: Length in seconds of each regular window; 0 for no windows, which is faster.
        on_frame: Called with every frame that is read.
        on_candidate: Called with every candidate, as soon as it is classified.
        on_clip: Called with every candidate and the input of the models for it.

    Raises:
        ATMGCNError: If the source cannot be read or has fewer than two frames.
        NoFaceError: If the pictures are to show a face, and no frame has one.
    """
    return spot_people(ensemble, source, device, settings, fps, stride, False, on_frame, on_candidate, on_clip)[0]


def spot_people(
    ensemble: Ensemble,
    source: str | Path | int,
    device: torch.device,
    settings: dict[str, Any] | None = None,
    fps: float | None = None,
    stride: float = STRIDE_SECONDS,
    everyone: bool = True,
    on_frame: Callable[[Frame], None] = lambda frame: None,
    on_candidate: Callable[[Candidate], None] = lambda candidate: None,
    on_clip: Callable[[Candidate, Data], None] = lambda candidate, clip: None,
) -> list[Spotting]:
    """As :func:`spot`, with a result per person, in the order of their numbers; only one without ``everyone``."""
    config = ensemble.read_settings(settings)
    check_settings(ensemble, source, config, everyone, spots=True)
    recorded = ensemble.recorded_fps(source) if fps is None else None
    recording = RecordingReader(source, config, fps or recorded, stride, everyone)
    fps_source = recording.stream.fps_source if recorded is None else RECORDED_IN_RUN
    explicit = everyone or "face_choice" in (settings or {}) or config.face_choice != "largest"
    classifiers: dict[Spotting, WindowClassifier] = {}

    def begin(recording: RecordingReader, number: int | None) -> Spotting:
        one = Spotting(ensemble, recording, fps_source, number)
        live = recording.stream.is_camera
        classifiers[one] = WindowClassifier(ensemble, device, one, on_candidate, on_clip, live)
        return one

    found = recording.read(begin, lambda one, window: classifiers[one].add(window), on_frame)
    for classifier in classifiers.values():
        classifier.flush()
    _check(recording, found)
    for one in found:
        one.warn(explicit)
        one.candidates.sort(key=lambda candidate: candidate.apex_seconds)
    return found


def _check(recording: RecordingReader, found: list[Spotting]) -> None:
    source = recording.stream.source
    if all(len(one.curve) < 2 for one in found) and recording.num_frames < 2:
        raise ATMGCNError(f"{source}: has fewer than two frames; a movement needs more")
    if recording.config.face != "none" and not any(one.shows_face for one in found):
        raise no_face(str(source), recording.faces_searched)
