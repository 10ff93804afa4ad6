"""Spotting in videos of any length: brief movements are found, and then classified."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import torch
from torch_geometric.data import Data

from atm_gcn.errors import ATMGCNError
from atm_gcn.inference.ensemble import Ensemble
from atm_gcn.inference.prediction import RECORDED_IN_RUN
from atm_gcn.inference.sources.recording_clip import check_settings
from atm_gcn.inference.spotting.motion_track import RecordingReader
from atm_gcn.inference.spotting.result import Candidate, Spotting
from atm_gcn.inference.spotting.window_classifier import WindowClassifier
from atm_gcn.media.faces.detection import no_face
from atm_gcn.media.sources import Frame

STRIDE_SECONDS = 0.5  # length of a regular window: every frame is encoded about once


class Spotters(Protocol):
    """Spotters that were fitted to annotated videos; see :class:`atm_gcn.spotting.FittedSpotters`."""

    def search(
        self,
        ensemble: Ensemble,
        source: str | Path,
        device: torch.device,
        settings: dict[str, Any] | None = None,
        fps: float | None = None,
        on_frame: Callable[[Frame], None] = lambda frame: None,
    ) -> Spotting:
        """Find the brief movements in a recording, and classify each."""


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
    check_read(recording, found)
    for one in found:
        one.warn(explicit)
        one.candidates.sort(key=lambda candidate: candidate.apex_seconds)
    return found


def check_read(recording: RecordingReader, found: Sequence[Spotting]) -> None:
    """Make sure that a recording that was read can be searched.

    Raises:
        ATMGCNError: If it has fewer than two frames.
        NoFaceError: If the pictures are to show a face, and no frame has one.
    """
    source = recording.stream.source
    if all(len(one.curve) < 2 for one in found) and recording.num_frames < 2:
        raise ATMGCNError(f"{source}: has fewer than two frames; a movement needs more")
    if recording.config.face != "none" and not any(one.shows_face for one in found):
        raise no_face(str(source), recording.faces_searched)
