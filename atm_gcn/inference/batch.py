"""Many sources, one after another: clips in batches, long recordings by spotting, and no halt at a bad one."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from atm_gcn.errors import ATMGCNError
from atm_gcn.inference.clip import ReadClip, predict_clips, predict_store, read_recording
from atm_gcn.inference.ensemble import Ensemble
from atm_gcn.inference.sources import Source
from atm_gcn.inference.spotting.spotting import STRIDE_SECONDS, Candidate, Spotting, is_long, spot

BATCH_CLIPS, BATCH_FRAMES = 16, 512  # read and not yet classified


@dataclass(frozen=True)
class Wishes:
    """How to read recordings.

    Args:
        data: Data settings in place of the models' own, such as ``{"face": "crop"}``.
        frames: ``onset``, ``apex``, ``offset`` of the one recording that they belong to.
        fps: Frames per second of the recordings; None for what they say.
        spot: Whether to spot; None does it where a recording is longer than a clip may be.
        stride: Seconds of each regular window while spotting.
    """

    data: dict[str, Any] = field(default_factory=dict)
    frames: dict[str, int | None] = field(default_factory=dict)
    fps: float | None = None
    spot: bool | None = None
    stride: float = STRIDE_SECONDS


@dataclass(frozen=True)
class Outcome:
    """What became of one source: ``result`` as ``--json`` prints it, and the spotting behind it, or an ``error``."""

    source: Source
    result: dict[str, Any] | None = None
    spotting: Spotting | None = None
    error: ATMGCNError | None = None


def predict_many(
    ensemble: Ensemble,
    sources: Sequence[Source],
    device: torch.device,
    wishes: Wishes,
    on_frame: Callable[[Any], None] = lambda frame: None,
    on_candidate: Callable[[Candidate], None] = lambda candidate: None,
) -> Iterator[Outcome]:
    """Yield one outcome a source, in order; a source that cannot be read has an error in place of a result.

    Args:
        ensemble: The models.
        sources: What to predict.
        device: Where to compute.
        wishes: How to read recordings.
        on_frame: Called with every frame that spotting looks at.
        on_candidate: Called with every movement that it finds.

    Raises:
        ATMGCNError: If a model cannot be read.
    """
    waiting: list[tuple[Source, ReadClip | ATMGCNError]] = []
    for source in sources:
        try:
            read = _read_short(ensemble, source, wishes)
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
            yield _read_long(ensemble, source, device, wishes, on_frame, on_candidate)
        except ATMGCNError as error:
            yield Outcome(source, error=error)
    yield from _classify(ensemble, waiting, device)


def _read_short(ensemble: Ensemble, source: Source, wishes: Wishes) -> ReadClip | None:
    """A recording that is one clip; None for whatever is not."""
    if source.problem:
        raise source.problem
    clip, given = source.clip, any(number is not None for number in wishes.frames.values())
    if source.kind != "recording" or (wishes.spot and clip is None):
        return None
    if clip is None and not given and wishes.spot is None and is_long(source.place, ensemble, wishes.fps):
        return None
    if clip is None:
        return read_recording(ensemble, source.place, wishes.data, fps=wishes.fps, **wishes.frames)
    by_stamps = ensemble.data.clock == "stamps" and not Path(source.place).is_dir()
    frames = {"onset": clip.onset, "apex": clip.apex, "offset": clip.offset, "fps": None if by_stamps else clip.fps}
    return read_recording(ensemble, source.place, wishes.data, {"clip": clip.key, "label": clip.label}, **frames)


def _read_long(
    ensemble: Ensemble, source: Source, device: torch.device, wishes: Wishes, on_frame: Callable, on_candidate: Callable
) -> Outcome:
    if source.kind == "store":
        return Outcome(source, predict_store(ensemble, source.place, device))
    found = spot(
        ensemble,
        source.place,
        device,
        wishes.data,
        wishes.fps,
        wishes.stride,
        on_frame=on_frame,
        on_candidate=on_candidate,
    )
    return Outcome(source, found.to_dict(), found)


def _is_full(waiting: list[tuple[Source, ReadClip | ATMGCNError]]) -> bool:
    frames = sum(read.data.num_nodes for _, read in waiting if isinstance(read, ReadClip))
    return len(waiting) >= BATCH_CLIPS or frames >= BATCH_FRAMES


def _classify(
    ensemble: Ensemble, waiting: list[tuple[Source, ReadClip | ATMGCNError]], device: torch.device
) -> Iterator[Outcome]:
    clips = [read for _, read in waiting if isinstance(read, ReadClip)]
    results = iter(predict_clips(ensemble, clips, device) if clips else [])
    for source, read in waiting:
        yield Outcome(source, error=read) if isinstance(read, ATMGCNError) else Outcome(source, next(results))
