"""Whether a recording is searched for brief movements or read as one clip: the rule of ``predict`` and ``explain``."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from atm_gcn.inference.ensemble import Ensemble
from atm_gcn.media.sources import open_source


def is_searched(
    source: str | Path, ensemble: Ensemble, spot: bool | None, frames: Mapping[str, Any], fps: float | None = None
) -> bool:
    """Whether a recording is searched for brief movements.

    Args:
        source: Video file or folder of frames.
        ensemble: The models.
        spot: What the user asked for; None to search recordings that are longer than a clip may be, unless ``frames``
            names a frame.
        frames: ``onset``, ``apex`` and ``offset`` as the user gave them; None where not.
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
    rate = fps or ensemble.recorded_fps(source) or (None if opened.fps else config.fps)
    timing = opened.timing(numbers, rate) if rate else opened.stamped_timing(numbers)
    if timing is None or not config.fps or not timing.exceeds(config.fps):
        return len(numbers) > config.max_frames
    return (timing.seconds[-1] - timing.seconds[0]) * config.fps >= config.max_frames
