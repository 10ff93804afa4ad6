"""Spotting in videos of any length: brief movements are found, and then classified."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch_geometric.data import Data

from atm_gcn.data.sampling import cap
from atm_gcn.errors import ATMGCNError
from atm_gcn.inference.clip import describe_ensemble, describe_probabilities, log_warnings
from atm_gcn.inference.ensemble import Ensemble, data_of
from atm_gcn.inference.reliability import input_warnings, shorter_side
from atm_gcn.inference.spotting.peaks import MotionCurve
from atm_gcn.inference.spotting.spotter import BoxTrack, Peak, Spotter, Window
from atm_gcn.media.apex import choose_apex
from atm_gcn.media.face_detection import Box
from atm_gcn.media.sources import Frame, Stream, open_source, open_stream
from atm_gcn.media.timing import positions_of

log = logging.getLogger(__name__)

STRIDE_SECONDS = 0.5  # length of a regular window: every frame is encoded about once
_BATCH = 16  # windows that are classified together
_CAMERA_FPS = 30.0  # for models of clips as recorded: a camera states no rate


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
    box: Box | None


@dataclass(frozen=True)
class WindowPrediction:
    """Class probabilities of a regular window from ``start`` to ``end``, in seconds, whether or not something moves."""

    start: float
    end: float
    probabilities: tuple[float, ...]


@dataclass
class Spotting:
    """The result of spotting in one recording: a few numbers per frame, no pictures.

    Args:
        stream: The recording.
        rate: Frames per second that were read.
        curve: Motion and threshold of each frame.
        class_names: In the order of the probabilities.
        ensemble_info: From :func:`~atm_gcn.inference.clip.describe_ensemble`.
        training_rate: Frames per second of the models' training clips; None for "as recorded".
        boxes: The face's box in each frame.
        candidates: The movements, in order of time.
        windows: Predictions of the regular windows, in order of time.
    """

    stream: Stream
    rate: float
    curve: MotionCurve
    class_names: list[str]
    ensemble_info: dict[str, Any]
    training_rate: float | None
    boxes: BoxTrack
    candidates: list[Candidate] = field(default_factory=list)
    windows: list[WindowPrediction] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """Time from the first frame to the last."""
        return self.curve.seconds[-1] - self.curve.seconds[0] if len(self.curve) else 0.0

    def to_dict(self) -> dict[str, Any]:
        """The result as ``atm-gcn predict --json`` prints it."""
        stream = self.stream
        return {
            "source": str(stream.source),
            "mode": "spotting",
            "seconds": self.seconds,
            "num_frames": len(self.curve),
            "fps": {"value": stream.fps, "chosen": stream.fps_source},
            "training_fps": self.training_rate,
            "resampled": bool(stream.timing and stream.timing.exceeds(self.rate)),
            "notes": list(stream.notes),
            "candidates": [describe_candidate(candidate, self.class_names) for candidate in self.candidates],
            **self.ensemble_info,
        }


def describe_candidate(candidate: Candidate, class_names: list[str]) -> dict[str, Any]:
    """A candidate as ``--json`` prints it."""
    moments = {
        name: {"frame": getattr(candidate, name), "seconds": getattr(candidate, f"{name}_seconds")}
        for name in ("onset", "apex", "offset")
    }
    return {
        **moments,
        **describe_probabilities(class_names, list(candidate.probabilities)),
        "motion": candidate.motion,
        "threshold": candidate.threshold,
        "face": candidate.box._asdict() if candidate.box else None,
    }


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
        ATMGCNError: If the source cannot be read, has fewer than two frames or, with ``face="crop"``, shows no face.
    """
    config = ensemble.data.model_copy(update=settings)
    stream = open_stream(source, fps, config.fps)
    rate = stream.timing.clip_rate(config.fps) if stream.timing else config.fps or _CAMERA_FPS
    spotter = Spotter(rate, config.size, config.face == "crop", stride)
    result = Spotting(
        stream, rate, spotter.curve, ensemble.class_names, describe_ensemble(ensemble), config.fps, spotter.boxes
    )
    classifier = _WindowClassifier(ensemble, device, result, on_candidate, on_clip, live=stream.is_camera)
    try:
        for frame in stream.frames(rate):
            for window in spotter.process(frame):
                classifier.add(window)
            on_frame(frame)
    except KeyboardInterrupt:
        if not stream.is_camera:
            raise
    for window in spotter.finish():
        classifier.add(window)
    classifier.flush()
    _check(spotter, result)
    _warn(ensemble, result, classifier.first, config.face)
    result.candidates.sort(key=lambda candidate: candidate.apex_seconds)
    return result


def is_searched(
    source: str | Path, ensemble: Ensemble, spot: bool | None, frames: Mapping[str, Any], fps: float | None = None
) -> bool:
    """Whether a recording is searched for brief movements, instead of read as one clip.

    Args:
        source: Video file or folder of frames.
        ensemble: The models.
        spot: What the user asked for; None to search recordings that are longer than a clip may be.
        frames: ``onset``, ``apex`` and ``offset`` as the user gave them, None where not; if one is given, the recording
            is read as one clip.
        fps: Frames per second of the recording; None for the rate that the file states.
    """
    if spot is not None:
        return spot
    given = any(frames.get(name) is not None for name in ("onset", "apex", "offset"))
    return not given and is_long(source, ensemble, fps)


def is_long(source: str | Path, ensemble: Ensemble, fps: float | None = None) -> bool:
    """Whether a recording has more frames, at the models' rate, than one clip may have; it is not decoded."""
    opened, config = open_source(source), ensemble.data
    numbers = opened.numbers
    rate = fps or (None if opened.fps else config.fps)
    timing = opened.timing(numbers, rate) if rate else opened.stamped_timing(numbers)
    if timing is None or not config.fps or not timing.exceeds(config.fps):
        return len(numbers) > config.max_frames
    return (timing.seconds[-1] - timing.seconds[0]) * config.fps >= config.max_frames


def _warn(ensemble: Ensemble, result: Spotting, first: Window | None, face: str) -> None:
    """Say in which ways the recording is unlike the training clips."""
    source, picture, side = result.stream.source, None, None
    if first is not None:
        picture = first.pictures[0]
        if not result.stream.is_camera:
            side = shorter_side(source, first.numbers[0], first.box)
    warnings = input_warnings(ensemble, picture, face, side, result.stream.fps)
    result.ensemble_info["reliability"]["warnings"] += warnings
    log_warnings(source, warnings)


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
        self.first: Window | None = None

    def add(self, window: Window) -> None:
        self.first = self.first or window
        window = _capped(window, self.ensemble.data.max_frames)
        apex = choose_apex(window.pictures, "max-motion") if window.apex is None else window.apex
        self.waiting.append((window, apex))
        if len(self.waiting) >= _BATCH or (self.live and window.peak is not None):
            self.flush()

    def flush(self) -> None:
        if not self.waiting:
            return
        clips = [
            data_of(window.pictures, apex, positions_of(np.array(window.seconds), self.result.rate).tolist())
            for window, apex in self.waiting
        ]
        rows = self.ensemble.predict(clips, self.device).tolist()
        for (window, apex), clip, row in zip(self.waiting, clips, rows, strict=True):
            if window.peak is None:
                self.result.windows.append(WindowPrediction(window.seconds[0], window.seconds[-1], tuple(row)))
                continue
            candidate = _candidate(window, window.peak, apex, tuple(row))
            self.result.candidates.append(candidate)
            self.on_candidate(candidate)
            self.on_clip(candidate, clip)
        self.waiting = []


def _candidate(window: Window, peak: Peak, apex: int, probabilities: tuple[float, ...]) -> Candidate:
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
        box=window.box,
    )


def _capped(window: Window, max_frames: int) -> Window:
    """The window, thinned to at most ``max_frames`` frames."""
    count = len(window.pictures)
    if count <= max_frames:
        return window
    kept = cap(count, max_frames, [] if window.apex is None else [window.apex])
    return replace(
        window,
        pictures=window.pictures[kept],
        apex=None if window.apex is None else int(np.searchsorted(kept, window.apex)),
        numbers=tuple(window.numbers[i] for i in kept),
        seconds=tuple(window.seconds[i] for i in kept),
    )


def _check(spotter: Spotter, result: Spotting) -> None:
    source, tracker = result.stream.source, spotter.tracker
    if len(result.curve) < 2:
        raise ATMGCNError(f"{source}: has fewer than two frames; a movement needs more")
    if tracker.required and tracker.opened == 0:
        raise ATMGCNError(
            f"{source}: no face found in {tracker.searched} frames; it must look towards the camera; otherwise "
            "give --face none"
        )
