"""Prediction of many sources: short recordings in batches, long ones by spotting; a bad one does not stop the rest."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import torch

from atm_gcn.errors import ATMGCNError
from atm_gcn.inference.clip import (
    describe_ensemble,
    predict_clips,
    predict_store,
)
from atm_gcn.inference.ensemble import Ensemble
from atm_gcn.inference.features import is_features, predict_features
from atm_gcn.inference.model_choice import trained_warning
from atm_gcn.inference.prediction import Prediction
from atm_gcn.inference.sources import Source
from atm_gcn.inference.sources.recording_clip import RecordingClip, annotated_faces, annotated_fps, read_faces
from atm_gcn.inference.spotting.long_recordings import is_searched
from atm_gcn.inference.spotting.motion_track import MotionTrack, RecordingReader
from atm_gcn.inference.spotting.result import Candidate
from atm_gcn.inference.spotting.spotting import STRIDE_SECONDS, Spotters, spot_people
from atm_gcn.media.faces import NoFaceError
from atm_gcn.media.sources import Frame

log = logging.getLogger(__name__)

_BATCH_CLIPS, _BATCH_FRAMES = 16, 512  # that are read before they are classified together

_Read = tuple[Source, list[RecordingClip] | ATMGCNError]


@dataclass(frozen=True)
class PredictOptions:
    """How to read recordings.

    Args:
        data: Data settings that override the models' own, such as ``{"face": "crop"}``.
        frames: ``onset``, ``apex`` and ``offset``, the frame numbers of a single recording.
        fps: Frames per second of the recordings; None for the rate that each file states.
        spot: Whether to spot; None to spot only in recordings that are longer than a clip may be.
        stride: Length in seconds of each regular window while spotting.
        every_face: Whether every face is a result of its own, instead of the one that the settings choose.
        spotters: Search recordings instead of :func:`~atm_gcn.inference.spotting.spotting.spot`; for one face each, and
            without regular windows.
    """

    data: dict[str, Any] = field(default_factory=dict)
    frames: dict[str, Any] = field(default_factory=dict)
    fps: float | None = None
    spot: bool | None = None
    stride: float = STRIDE_SECONDS
    every_face: bool = False
    spotters: Spotters | None = None

    def __post_init__(self) -> None:
        if self.spotters is not None and self.every_face:
            raise ATMGCNError("fitted spotters read one face of a recording; leave every_face or spotters out")


@dataclass(frozen=True)
class Outcome:
    """The outcome of one source.

    Args:
        source: The source.
        predictions: What was predicted: one result, or one per clip of a frame store, or per face. Never empty; a
            source that cannot be read has one whose ``status`` says so.
        tracks: Its motion, if it was searched for brief movements; one, or one per face.
        error: Why it could not be read.
    """

    source: Source
    predictions: list[Prediction]
    tracks: tuple[MotionTrack, ...] = ()
    error: ATMGCNError | None = None


def predict_many(
    ensemble: Ensemble,
    sources: Sequence[Source],
    device: torch.device,
    options: PredictOptions,
    on_frame: Callable[[Frame], None] = lambda frame: None,
    on_candidate: Callable[[Candidate], None] = lambda candidate: None,
) -> Iterator[Outcome]:
    """Yield one outcome per source, in order; a source that cannot be read yields an error.

    A warning at the end counts the sources that models predicted which were trained on them.

    Args:
        ensemble: The models.
        sources: The sources to predict.
        device: Device of the models.
        options: How to read recordings.
        on_frame: Called with every frame that spotting reads.
        on_candidate: Called with every movement that spotting finds.

    Raises:
        ATMGCNError: If a model cannot be read.
    """
    trained: dict[str, list[str]] = {}
    for outcome in _predict_all(ensemble, sources, device, options, on_frame, on_candidate):
        one = outcome.predictions[0]
        if outcome.source.kind == "recording" and outcome.error is None and one.models["trained_on"]:
            trained.setdefault(one.models["reason"], []).append(one.clip or one.source)
        yield outcome
    for reason, names in trained.items():
        others = f" and {len(names) - 1} more" if len(names) > 1 else ""
        log.warning("%s%s: %s", names[0], others, trained_warning(reason))


def _predict_all(
    ensemble: Ensemble,
    sources: Sequence[Source],
    device: torch.device,
    options: PredictOptions,
    on_frame: Callable[[Frame], None],
    on_candidate: Callable[[Candidate], None],
) -> Iterator[Outcome]:
    waiting: list[_Read] = []
    for source in sources:
        read: list[RecordingClip] | ATMGCNError | None
        try:
            read = _read_short(ensemble, source, options)
        except ATMGCNError as error:
            read = error
        if read is not None:
            waiting.append((source, read))
            if _is_full(waiting):
                yield from _classify(ensemble, waiting, device)
                waiting = []
            continue
        yield from _classify(ensemble, waiting, device)
        waiting = []
        try:
            yield _predict_long(ensemble, source, device, options, on_frame, on_candidate)
        except ATMGCNError as error:
            yield _failed(ensemble, source, error)
    yield from _classify(ensemble, waiting, device)


def measure_motion(
    ensemble: Ensemble,
    source: Source,
    options: PredictOptions,
    predictions: Sequence[Prediction],
    on_frame: Callable[[Frame], None] = lambda frame: None,
) -> list[MotionTrack]:
    """The motion of a recording that was read as one clip, or as one per face, as spotting measures it.

    Args:
        ensemble: The models, with the settings by which their training clips were prepared.
        source: The recording.
        options: How it was read.
        predictions: Its results.
        on_frame: Called with every frame.

    Returns:
        One track per result; of several faces, each is measured where the clip shows it.

    Raises:
        ATMGCNError: If the recording cannot be read, or its frame rate is unknown.
    """
    fps = options.fps if source.clip is None else annotated_fps(ensemble, source.clip)
    fps = fps or ensemble.recorded_fps(source.path)
    config, faces = ensemble.read_settings(options.data), [one.face for one in predictions if one.face]
    places = [face.place(config.face_margin) for face in faces] if options.every_face else []
    recording = RecordingReader(source.path, config, fps, places=places)
    return recording.read(MotionTrack, on_frame=on_frame)


def _read_short(ensemble: Ensemble, source: Source, options: PredictOptions) -> list[RecordingClip] | None:
    """A recording that is one clip, or one per face; None for all that is not: a store, a camera, or spotting."""
    if source.problem:
        raise source.problem
    if source.kind != "recording" or is_features(ensemble, source):
        return None
    data, every_face = options.data, options.every_face
    if source.clip is not None:
        return list(annotated_faces(ensemble, source.clip, data, every_face))
    if is_searched(source.path, ensemble, options.spot, options.frames, options.fps):
        return None
    moments = options.frames | {"fps": options.fps}
    return list(read_faces(ensemble, source.path, data, None, options.spot is None, every_face, **moments))


def _predict_long(
    ensemble: Ensemble,
    source: Source,
    device: torch.device,
    options: PredictOptions,
    on_frame: Callable[[Frame], None],
    on_candidate: Callable[[Candidate], None],
) -> Outcome:
    if source.kind == "store":
        return Outcome(source, predict_store(ensemble, source.path, device))
    if is_features(ensemble, source):
        return Outcome(source, [predict_features(ensemble, source, device, options.frames, options.fps)])
    if source.kind == "recording":
        ensemble = ensemble.for_source(source.path, source.clip)
        if options.spotters is not None:
            one = options.spotters.search(ensemble, source.path, device, options.data, options.fps, on_frame)
            return Outcome(source, [one.to_prediction()], (one,))
    read = (options.data, options.fps, options.stride, options.every_face)
    found = spot_people(ensemble, source.address, device, *read, on_frame, on_candidate)
    return Outcome(source, [one.to_prediction() for one in found], tuple(found))


def _failed(ensemble: Ensemble, source: Source, error: ATMGCNError) -> Outcome:
    without_face = error.searched if isinstance(error, NoFaceError) else None
    prediction = Prediction(
        source=source.path,
        clip=source.clip.key if source.clip else None,
        label=ensemble.label_of(source.clip) if source.clip else None,
        status="error" if without_face is None else "no-face",
        reason=str(error),
        frames_without_face=without_face,
        training_fps=ensemble.data.fps,
        **describe_ensemble(ensemble),
    )
    return Outcome(source, [prediction], error=error)


def _is_full(waiting: list[_Read]) -> bool:
    frames = sum(clip.data.num_nodes for clip in _clips(waiting))
    return len(waiting) >= _BATCH_CLIPS or frames >= _BATCH_FRAMES


def _clips(waiting: list[_Read]) -> list[RecordingClip]:
    return [clip for _, read in waiting if not isinstance(read, ATMGCNError) for clip in read]


def _classify(ensemble: Ensemble, waiting: list[_Read], device: torch.device) -> Iterator[Outcome]:
    clips = _clips(waiting)
    results = iter(predict_clips(clips, device) if clips else [])
    for source, read in waiting:
        if isinstance(read, ATMGCNError):
            yield _failed(ensemble, source, read)
        else:
            yield Outcome(source, list(islice(results, len(read))))
