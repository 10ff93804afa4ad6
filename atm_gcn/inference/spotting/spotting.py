"""Videos of any length: where something moves briefly, and what the models call it."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from atm_gcn.data.sampling import cap
from atm_gcn.errors import ATMGCNError
from atm_gcn.inference.clip import about_models, ranked
from atm_gcn.inference.ensemble import Ensemble, data_of
from atm_gcn.inference.spotting.peaks import MotionCurve
from atm_gcn.inference.spotting.spotter import BoxTrack, Spotter, Window
from atm_gcn.media.apex import choose_apex
from atm_gcn.media.face_detection import Box
from atm_gcn.media.sources import Frame, Stream, open_source, open_stream
from atm_gcn.media.timing import positions_of

log = logging.getLogger(__name__)

STRIDE_SECONDS = 0.5  # of a regular window: every frame is encoded about once
BATCH = 16  # windows that wait for the models
CAMERA_FPS = 30.0  # where neither the models nor the camera tell


@dataclass(frozen=True)
class Candidate:
    """A brief movement, and what the models make of it; frame numbers and times are those of the recording."""

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
class Reading:
    """What the models make of a regular window from ``start`` to ``end``, in seconds, whatever moves in it."""

    start: float
    end: float
    probabilities: tuple[float, ...]


@dataclass
class Spotting:
    """All that was found in a recording; a few numbers a frame, no pictures.

    Args:
        stream: The recording.
        rate: Frames per second that were looked at.
        curve: Motion and threshold of each.
        class_names: In the order of the probabilities.
        about: The models.
        training_rate: Frames per second of the models' training clips; None for "as recorded".
        boxes: Where the face was.
        candidates: The movements, in order.
        readings: The windows, in order.
    """

    stream: Stream
    rate: float
    curve: MotionCurve
    class_names: list[str]
    about: dict[str, Any]
    training_rate: float | None
    boxes: BoxTrack
    candidates: list[Candidate] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)

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
            "candidates": [describe(candidate, self.class_names) for candidate in self.candidates],
            **self.about,
        }


def describe(candidate: Candidate, class_names: list[str]) -> dict[str, Any]:
    """A candidate as ``--json`` prints it."""
    moments = {
        name: {"frame": getattr(candidate, name), "seconds": getattr(candidate, f"{name}_seconds")}
        for name in ("onset", "apex", "offset")
    }
    return {
        **moments,
        **ranked(class_names, list(candidate.probabilities)),
        "motion": candidate.motion,
        "threshold": candidate.threshold,
        "face": candidate.box._asdict() if candidate.box else None,
    }


def spot(
    ensemble: Ensemble,
    source: str | Path | int,
    device: torch.device,
    wishes: dict[str, Any] | None = None,
    fps: float | None = None,
    stride: float = STRIDE_SECONDS,
    on_frame: Callable[[Frame], None] = lambda frame: None,
    on_candidate: Callable[[Candidate], None] = lambda candidate: None,
) -> Spotting:
    """Find the brief movements in a recording or before a camera, and classify each.

    The recording is read once, and only its last few seconds are held; see :mod:`atm_gcn.media.motion` and
    :class:`~atm_gcn.inference.spotting.spotter.Spotter` for the method. A camera is read until
    :exc:`KeyboardInterrupt`, which ends it as the last frame does.

    Args:
        ensemble: The models; they also say how their clips were prepared.
        source: Video file, folder of frames, or number of a camera.
        device: Where to compute.
        wishes: Data settings in place of the models' own, such as ``{"face": "crop"}``.
        fps: Frames per second where one knows better than the file.
        stride: Seconds of each regular window that the models read; 0 for none, which is faster.
        on_frame: Called with every frame that was looked at.
        on_candidate: Called with every candidate, as soon as it is classified.

    Raises:
        ATMGCNError: If the source cannot be read, has less than two frames or, with ``face="crop"``, shows no face.
    """
    config = ensemble.data.model_copy(update=wishes)
    stream = open_stream(source, fps, config.fps)
    rate = stream.timing.clip_rate(config.fps) if stream.timing else config.fps or CAMERA_FPS
    spotter = Spotter(rate, config.size, config.face == "crop", stride)
    result = Spotting(
        stream, rate, spotter.curve, ensemble.class_names, about_models(ensemble), config.fps, spotter.boxes
    )
    reader = _Reader(ensemble, device, result, on_candidate, live=stream.is_camera)
    try:
        for frame in stream.frames(rate):
            for window in spotter.take(frame):
                reader.add(window)
            on_frame(frame)
    except KeyboardInterrupt:
        if not stream.is_camera:
            raise
    for window in spotter.finish():
        reader.add(window)
    reader.flush()
    _check(spotter, result)
    result.candidates.sort(key=lambda candidate: candidate.apex_seconds)
    return result


def is_long(source: str | Path, ensemble: Ensemble, fps: float | None = None) -> bool:
    """Whether a recording has more frames, at the models' rate, than one clip may have; it is not decoded."""
    opened, config = open_source(source), ensemble.data
    numbers = opened.numbers
    rate = fps or (None if opened.fps else config.fps)
    timing = opened.timing(numbers, rate) if rate else opened.stamped_timing(numbers)
    if timing is None or not config.fps or not timing.exceeds(config.fps):
        return len(numbers) > config.max_frames
    return (timing.seconds[-1] - timing.seconds[0]) * config.fps >= config.max_frames


class _Reader:
    """Collects windows, and classifies them a batch at a time; live, a movement does not wait."""

    def __init__(
        self, ensemble: Ensemble, device: torch.device, result: Spotting, on_candidate: Callable, live: bool
    ) -> None:
        self.ensemble, self.device, self.result = ensemble, device, result
        self.on_candidate, self.live = on_candidate, live
        self.waiting: list[tuple[Window, int]] = []

    def add(self, window: Window) -> None:
        window = _capped(window, self.ensemble.data.max_frames)
        apex = choose_apex(window.pictures, "max-motion") if window.apex is None else window.apex
        self.waiting.append((window, apex))
        if len(self.waiting) >= BATCH or (self.live and window.motion is not None):
            self.flush()

    def flush(self) -> None:
        if not self.waiting:
            return
        clips = [data_of(w.pictures, apex, self._positions(w)) for w, apex in self.waiting]
        rows = self.ensemble.predict(clips, self.device).tolist()
        for (window, apex), row in zip(self.waiting, rows, strict=True):
            if window.motion is None:
                self.result.readings.append(Reading(window.seconds[0], window.seconds[-1], tuple(row)))
                continue
            candidate = _candidate(window, apex, tuple(row))
            self.result.candidates.append(candidate)
            self.on_candidate(candidate)
        self.waiting = []

    def _positions(self, window: Window) -> list[float]:
        return positions_of(np.array(window.seconds), self.result.rate).tolist()


def _candidate(window: Window, apex: int, probabilities: tuple[float, ...]) -> Candidate:
    moments: Iterator[int] = (window.numbers[i] for i in (0, apex, -1))
    times = (window.seconds[i] for i in (0, apex, -1))
    return Candidate(*moments, *times, window.motion, window.threshold, probabilities, window.box)


def _capped(window: Window, max_frames: int) -> Window:
    """The window thinned to what a clip may have."""
    count = len(window.pictures)
    if count <= max_frames:
        return window
    kept = cap(count, max_frames, [] if window.apex is None else [window.apex])
    return Window(
        window.pictures[kept],
        None if window.apex is None else int(np.searchsorted(kept, window.apex)),
        tuple(window.numbers[i] for i in kept),
        tuple(window.seconds[i] for i in kept),
        window.motion,
        window.threshold,
        window.box,
    )


def _check(spotter: Spotter, result: Spotting) -> None:
    source, follower = result.stream.source, spotter.follower
    if len(result.curve) < 2:
        raise ATMGCNError(f"{source}: has less than two frames; a movement needs more")
    if follower.required and follower.opened == 0:
        raise ATMGCNError(
            f"{source}: no face found in {follower.searched} frames; it must look towards the camera, or do without "
            "face=crop"
        )
