"""Which frames of a clip are kept: resampling to a frame rate, and capping the length."""

from collections.abc import Sequence

import numpy as np

from atm_gcn.media.timing import ROUNDING, TIE, Timing


def resample(timing: Timing, rate: float | None, keep: Sequence[int] = ()) -> np.ndarray:
    """Thin frames to ``rate`` per second: the frame nearest to every tick from the first frame on.

    A frame of ``keep`` replaces the nearest frame that may be dropped, so that it costs no extra frame. The first frame
    always stays, and at least two of two or more frames stay. Frames are never repeated: at or above the recorded rate
    nothing changes.

    Args:
        timing: Of the clip's frames.
        rate: Frames per second wanted; None keeps all.
        keep: Positions that must stay, such as the apex.

    Returns:
        Positions of the frames that stay, ascending, int64.
    """
    count = len(timing.seconds)
    if rate is None or count < 2 or not timing.exceeds(rate):
        return np.arange(count)
    chosen = _with(_nearest(timing.seconds - timing.seconds[0], rate), keep)
    return chosen if len(chosen) > 1 else np.array([0, count - 1])


def cap(count: int, max_frames: int, keep: Sequence[int] = ()) -> np.ndarray:
    """Thin ``count`` frames evenly to at most ``max_frames`` (2 or more), keeping the first, the last and ``keep``.

    Where ``max_frames`` has no room for all of them, the first stays and then those of ``keep``.

    Returns:
        Positions of the frames that stay, ascending, int64.
    """
    if count <= max_frames:
        return np.arange(count)
    chosen = np.round(np.linspace(0, count - 1, max_frames)).astype(np.int64)
    return _with(chosen, [*keep, count - 1])[:max_frames]


def _nearest(seconds: np.ndarray, rate: float) -> np.ndarray:
    """Positions of the frames nearest to the ticks; of two equally near ones, the earlier."""
    ticks_at = seconds * rate
    # Of a pause, only the ticks beside a frame: a damaged time stamp may be years away.
    ticks = np.unique(np.concatenate([np.floor(ticks_at + ROUNDING), np.ceil(ticks_at - ROUNDING)]))
    wanted = ticks[ticks <= ticks_at[-1] + ROUNDING] / rate
    right = np.clip(np.searchsorted(seconds, wanted), 1, len(seconds) - 1)
    return np.unique(np.where(wanted - seconds[right - 1] <= seconds[right] - wanted + TIE, right - 1, right))


def _with(chosen: np.ndarray, keep: Sequence[int]) -> np.ndarray:
    """``chosen`` with the positions of ``keep``, each instead of the nearest one that may be dropped."""
    positions = set(chosen.tolist())
    for index in keep:
        free = positions - {0, *keep}
        if index not in positions and free:
            positions.remove(min(free, key=lambda position: abs(position - index)))
        positions.add(index)
    return np.array(sorted(positions), dtype=np.int64)
