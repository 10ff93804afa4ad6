"""Spotting in videos of any length: brief movements are found, and then classified."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch_geometric.data import Data

from atm_gcn.config import DataConfig
from atm_gcn.data.clip_pictures import read_pictures
from atm_gcn.errors import ATMGCNError
from atm_gcn.inference.clip import describe_ensemble
from atm_gcn.inference.ensemble import Ensemble, data_of
from atm_gcn.inference.prediction import (
    RECORDED_IN_RUN,
    CurvePeak,
    FaceUsed,
    Moment,
    Movement,
    Prediction,
    Rate,
    RegistrationUsed,
    WindowProbabilities,
    by_class,
    of_movement,
)
from atm_gcn.inference.reliability import input_warnings, lacks_face, shorter_side
from atm_gcn.inference.sources.recording_clip import (
    check_settings,
    face_used,
    log_warnings,
    registration_used,
)
from atm_gcn.inference.spotting.motion_track import MotionTrack
from atm_gcn.inference.spotting.spotter import Window
from atm_gcn.inference.spotting.why_nothing import why_nothing
from atm_gcn.media.apex import choose_apex
from atm_gcn.media.faces.detection import no_face
from atm_gcn.media.sources import Frame, open_source
from atm_gcn.media.timing import positions_of

STRIDE_SECONDS = 0.5  # length of a regular window: every frame is encoded about once
_BATCH = 16  # windows that are classified together


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
    face: FaceUsed | None
    registration: RegistrationUsed | None

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
        source: Video file, folder of frames, or number of a camera.
        config: Settings by which the recording is read.
        fps: Frames per second of the recording; None for the rate that the file states.
        stride: Length in seconds of each regular window; 0 for none.

    Attributes:
        class_names: In the order of the probabilities.
        candidates: The movements, in order of time.
        windows: Predictions of the regular windows, in order of time.
        first_window: The first one that was classified, of either kind.
        warnings: In which ways the recording is unlike the models' training clips.
    """

    def __init__(
        self, ensemble: Ensemble, source: str | Path | int, config: DataConfig, fps: float | None, stride: float
    ) -> None:
        recorded = ensemble.recorded_fps(source) if fps is None else None
        super().__init__(source, config, fps or recorded, stride)
        self.fps_source = self.stream.fps_source if recorded is None else RECORDED_IN_RUN
        self.class_names, self._ensemble = ensemble.class_names, ensemble
        self.warnings: list[str] = []
        self.candidates: list[Candidate] = []
        self.windows: list[WindowPrediction] = []
        self.first_window: Window | None = None

    def warn(self) -> None:
        """Find and log in which ways the recording is unlike the models' training clips."""
        source, window, config, side, lacks = self.stream.source, self.first_window, self.config, None, False
        pictures, face, number = (window.pictures, window.face, window.numbers[0]) if window else (None, None, None)
        if not self.stream.is_camera:
            if pictures is None:  # without regular windows, where nothing was found
                face = self.first_face
                number = self.curve.numbers[0] if face is None else face.number
                still = config.model_copy(update={"register": "none", "flow": "none"})
                pictures = read_pictures(open_source(str(source)), np.array([number]), still, face)
            side = shorter_side(str(source), number, face, config)
        if pictures is not None:
            lacks = not self.shows_face and lacks_face(self._ensemble, pictures.frames, config.face)
        picture = None if pictures is None else pictures.frames[0]
        self.warnings = input_warnings(self._ensemble, picture, config.face, side, self.stream.fps, lacks)
        log_warnings(source, self.warnings)

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
            notes=list(stream.notes),
            missing=self.missing,
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
    config = ensemble.read_settings(settings)
    check_settings(ensemble, source, config, spots=True)
    result = Spotting(ensemble, source, config, fps, stride)
    classifier = _WindowClassifier(ensemble, device, result, on_candidate, on_clip, live=result.stream.is_camera)
    result.read(classifier.add, on_frame)
    classifier.flush()
    _check(result)
    result.warn()
    result.candidates.sort(key=lambda candidate: candidate.apex_seconds)
    return result


class _WindowClassifier:
    """Collects windows and classifies them in batches; with ``live``, a movement is classified at once."""

    def __init__(
        self,
        ensemble: Ensemble,
        device: torch.device,
        result: Spotting,
        on_candidate: Callable,
        on_clip: Callable,
        live: bool,
    ) -> None:
        self.ensemble, self.device, self.result = ensemble, device, result
        self.on_candidate, self.on_clip, self.live = on_candidate, on_clip, live
        self.waiting: list[tuple[Window, int]] = []

    def add(self, window: Window) -> None:
        self.result.first_window = self.result.first_window or window
        apex = choose_apex(window.pictures.frames, "max-motion") if window.apex is None else window.apex
        self.waiting.append((window, apex))
        if len(self.waiting) >= _BATCH or (self.live and window.peak is not None):
            self.flush()

    def _positions(self, window: Window) -> list[float]:
        return positions_of(np.array(window.seconds), self.result.rate).tolist()

    def flush(self) -> None:
        if not self.waiting:
            return
        clips = [
            data_of(window.pictures.frames, apex, self._positions(window), window.pictures.flow)
            for window, apex in self.waiting
        ]
        rows = self.ensemble.predict(clips, self.device).tolist()
        for (window, apex), clip, row in zip(self.waiting, clips, rows, strict=True):
            if window.peak is None:
                self.result.windows.append(WindowPrediction(window.seconds[0], window.seconds[-1], tuple(row)))
                continue
            candidate = _candidate(window, window.peak, apex, tuple(row), self.result.config)
            self.result.candidates.append(candidate)
            self.on_candidate(candidate)
            self.on_clip(candidate, clip)
        self.waiting = []


def _candidate(
    window: Window, peak: CurvePeak, apex: int, probabilities: tuple[float, ...], config: DataConfig
) -> Candidate:
    numbers, seconds = window.numbers, window.seconds
    return Candidate(
        onset=numbers[0],
        apex=numbers[apex],
        offset=numbers[-1],
        onset_seconds=seconds[0],
        apex_seconds=seconds[apex],
        offset_seconds=seconds[-1],
        motion=peak.motion,
        threshold=peak.threshold,
        probabilities=probabilities,
        face=None if window.face is None else face_used(window.face, config),
        registration=registration_used(window.pictures, config),
    )


def _check(result: Spotting) -> None:
    source = result.stream.source
    if len(result.curve) < 2:
        raise ATMGCNError(f"{source}: has fewer than two frames; a movement needs more")
    if result.lacks_faces:
        raise no_face(str(source), result.faces_searched)
