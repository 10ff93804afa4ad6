"""Prediction of many sources: short recordings in batches, long ones by spotting; a bad one does not stop the rest."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from atm_gcn.errors import ATMGCNError
from atm_gcn.inference.clip import RecordingClip, predict_clips, predict_store, read_recording
from atm_gcn.inference.ensemble import Ensemble
from atm_gcn.inference.sources import Source
from atm_gcn.inference.spotting.spotting import STRIDE_SECONDS, Candidate, Spotting, is_long, spot
from atm_gcn.media.sources import Frame

_BATCH_CLIPS, _BATCH_FRAMES = 16, 512  # that are read before they are classified together


@dataclass(frozen=True)
class PredictOptions:
    """How to read recordings.

    Args:
        data: Data settings that override the models' own, such as ``{"face": "crop"}``.
        frames: ``onset``, ``apex`` and ``offset``, the frame numbers of a single recording.
        fps: Frames per second of the recordings; None for the rate that each file states.
        spot: Whether to spot; None to spot only in recordings that are longer than a clip may be.
        stride: Length in seconds of each regular window while spotting.
    """

    data: dict[str, Any] = field(default_factory=dict)
    frames: dict[str, Any] = field(default_factory=dict)
    fps: float | None = None
    spot: bool | None = None
    stride: float = STRIDE_SECONDS


@dataclass(frozen=True)
class Outcome:
    """The outcome of one source: a ``result`` as ``--json`` prints it, or an ``error``; ``spotting`` if it was spotted.

    Exactly one of ``result`` and ``error`` is None.
    """

    source: Source
    result: dict[str, Any] | None = None
    spotting: Spotting | None = None
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
    waiting: list[tuple[Source, RecordingClip | ATMGCNError]] = []
    for source in sources:
        read: RecordingClip | ATMGCNError | None
        try:
            read = _read_short(ensemble, source, options)
        except ATMGCNError as error:
            read = error
        if read is not None:
            waiting.append((source, read))
            if _is_full(waiting):
                yield from _classify(waiting, device)
                waiting = []
            continue
        yield from _classify(waiting, device)
        waiting = []
        try:
            yield _predict_long(ensemble, source, device, options, on_frame, on_candidate)
        except ATMGCNError as error:
            yield Outcome(source, error=error)
    yield from _classify(waiting, device)


def _read_short(ensemble: Ensemble, source: Source, options: PredictOptions) -> RecordingClip | None:
    """A recording that is one clip; None for a store, a camera and a recording in which movements are to be spotted."""
    if source.problem:
        raise source.problem
    if source.kind != "recording":
        return None
    clip = source.clip
    if clip is None:
        given = any(number is not None for number in options.frames.values())
        if options.spot or (options.spot is None and not given and is_long(source.path, ensemble, options.fps)):
            return None
        return read_recording(ensemble, source.path, options.data, fps=options.fps, **options.frames)
    by_stamps = ensemble.data.clock == "stamps" and not Path(source.path).is_dir()
    return read_recording(
        ensemble,
        source.path,
        options.data,
        clip,
        onset=clip.onset,
        apex=clip.apex,
        offset=clip.offset,
        fps=None if by_stamps else clip.fps,
    )


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
    if source.kind == "recording":
        ensemble = ensemble.for_source(source.path, source.clip)
    found = spot(ensemble, source.address, device, options.data, options.fps, options.stride, on_frame, on_candidate)
    return Outcome(source, found.to_dict(), found)


def _is_full(waiting: list[tuple[Source, RecordingClip | ATMGCNError]]) -> bool:
    frames = sum(read.data.num_nodes for _, read in waiting if isinstance(read, RecordingClip))
    return len(waiting) >= _BATCH_CLIPS or frames >= _BATCH_FRAMES


def _classify(waiting: list[tuple[Source, RecordingClip | ATMGCNError]], device: torch.device) -> Iterator[Outcome]:
    clips = [read for _, read in waiting if isinstance(read, RecordingClip)]
    results = iter(predict_clips(clips, device) if clips else [])
    for source, read in waiting:
        yield Outcome(source, error=read) if isinstance(read, ATMGCNError) else Outcome(source, next(results))
