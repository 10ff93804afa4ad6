"""Which frames of a clip are kept: resampling to a frame rate, and capping the length."""

from collections.abc import Sequence

import numpy as np


def resample(numbers: np.ndarray, fps: float, target_fps: float | None, keep: Sequence[int] = ()) -> np.ndarray:
    """Thin frame numbers to ``target_fps``: the nearest frame to every tick from the first number on.

    A frame of ``keep`` takes the place of the free tick that is nearest to it, so that it costs no extra frame. The
    first frame always stays, and two frames come out wherever two go in. Frames are never repeated: at or above the
    recorded rate nothing changes.

    Args:
        numbers: Frame numbers of the clip, ascending and distinct, int64 ``[n]``.
        fps: Frames per second at which they count.
        target_fps: Frames per second wanted; None keeps all.
        keep: Numbers among ``numbers`` that must stay, such as the apex.

    Returns:
        The numbers that stay, ascending, int64.
    """
    if target_fps is None or target_fps >= fps or len(numbers) < 2:
        return numbers
    span = numbers[-1] - numbers[0]
    ticks = numbers[0] + np.arange(np.floor(span * target_fps / fps + 1e-9) + 1) * fps / target_fps
    chosen = _with(np.unique(_nearest(numbers, ticks)), numbers, keep)
    return numbers[chosen if len(chosen) > 1 else [0, len(numbers) - 1]]


def cap(numbers: np.ndarray, max_frames: int, keep: Sequence[int] = ()) -> np.ndarray:
    """Thin frame numbers evenly to at most ``max_frames`` (2 or more), keeping the first, the last and ``keep``.

    Where ``max_frames`` has no room for all of them, the first stays and then those of ``keep``.
    """
    if len(numbers) <= max_frames:
        return numbers
    chosen = np.round(np.linspace(0, len(numbers) - 1, max_frames)).astype(np.int64)
    return numbers[_with(chosen, numbers, [*keep, numbers[-1]])[:max_frames]]


def _nearest(numbers: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Indices of the numbers nearest to ``wanted``; of two equally near ones, the earlier."""
    right = np.clip(np.searchsorted(numbers, wanted), 1, len(numbers) - 1)
    return np.where(wanted - numbers[right - 1] <= numbers[right] - wanted, right - 1, right)


def _with(chosen: np.ndarray, numbers: np.ndarray, keep: Sequence[int]) -> np.ndarray:
    """``chosen`` indices with those of ``keep`` in it, each in the place of the nearest one that may go."""
    kept = np.searchsorted(numbers, np.asarray(keep, dtype=np.int64)).tolist()
    places = set(chosen.tolist())
    for index in kept:
        free = places - {0, *kept}
        if index not in places and free:
            places.remove(min(free, key=lambda place: abs(place - index)))
        places.add(index)
    return np.array(sorted(places), dtype=np.int64)
