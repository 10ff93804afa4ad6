"""Which frames of a recording make one clip: those that are kept, when they are shown, and the apex."""

import numpy as np

from atm_gcn.config import DataConfig
from atm_gcn.data.clip import Clip
from atm_gcn.data.sampling import cap, resample
from atm_gcn.media.apex import ApexMethod, choose_apex
from atm_gcn.media.sources import FrameSource
from atm_gcn.media.timing import Timing

ANNOTATED = "annotated"
RATE_TOLERANCE = 0.05  # between a clip's fps and its recording's; annotators round 29.97 to 30


def kept_positions(count: int, timing: Timing | None, apex: int | None, config: DataConfig) -> np.ndarray:
    """Positions of the frames that are stored: resampled to ``config.fps``, then capped at ``config.max_frames``.

    Args:
        count: Frames from onset to offset.
        timing: When they are shown; None keeps the rate.
        apex: The apex's position among them; None where it is unknown.
        config: The settings.

    Returns:
        Positions of the frames that stay, ascending, int64.
    """
    keep = [] if apex is None else [apex]
    positions = np.arange(count) if timing is None else resample(timing, config.fps, keep)
    return positions[cap(len(positions), config.max_frames, np.searchsorted(positions, keep).tolist())]


def timing_of(source: FrameSource, numbers: np.ndarray, fps: float, config: DataConfig) -> Timing:
    """When the frames of an annotated clip are shown: by time stamps if ``config.clock`` says so, else by ``fps``."""
    stamped = source.stamped_timing(numbers) if config.clock == "stamps" else None
    return stamped or source.timing(numbers, fps)


def rate_contradiction(clip: Clip, source: FrameSource, config: DataConfig) -> str:
    """How the time stamps of a recording contradict its clip's ``fps``; empty if they agree or there are none."""
    timing = source.stamped_timing(source.numbers)
    if timing is None:
        return ""
    mean = (len(timing.seconds) - 1) / max(timing.seconds[-1] - timing.seconds[0], 1e-9)
    if any(abs(clip.fps / rate - 1) <= RATE_TOLERANCE for rate in (timing.rate, mean)):
        return ""
    used = "time stamps" if config.clock == "stamps" else "fps"
    return (
        f"fps is {clip.fps:g}, but by its time stamps {source.path} has {timing.rate:.4g} frames per second; "
        f"the {used} are used (data.clock)"
    )


def apex_of(frames: np.ndarray, numbers: np.ndarray, apex: int | None, method: ApexMethod) -> tuple[int, str]:
    """The apex's 0-based position among the stored frames, and how it was chosen.

    An annotated apex that is the onset itself shows no movement and cannot be the global node, so it counts as unknown.

    Returns:
        The position, in ``[1, n)``, and ``"annotated"``, ``"max-motion"`` or ``"middle"``.
    """
    if apex is not None and apex > numbers[0]:
        return int(np.searchsorted(numbers, apex)), ANNOTATED
    return choose_apex(frames, method), method
