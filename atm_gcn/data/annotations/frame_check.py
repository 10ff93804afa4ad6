"""Whether the frames of an annotated clip exist."""

from dataclasses import replace

import numpy as np

from atm_gcn.data.annotations._rows.note import Note
from atm_gcn.data.clip import Clip


def fit_to_frames(clip: Clip, numbers: np.ndarray) -> tuple[Clip | None, list[Note]]:
    """Keep the unbroken run of frames that holds the apex, if it is at least half of the clip.

    A clip is not read across a gap, which would look like movement.

    Args:
        clip: The clip as annotated.
        numbers: Frame numbers that its source has, ascending, int64 ``[n]``.

    Returns:
        The clip, its onset, apex and offset among ``numbers``, or None if too little is left; and what was missing.
    """
    present = numbers[(numbers >= clip.onset) & (numbers <= clip.offset)]
    length = clip.offset - clip.onset + 1
    if len(present) == length:
        return clip, []
    if not len(present):
        extent = f"{numbers[0]} to {numbers[-1]}" if len(numbers) else "none"
        kind = f"no frame of {clip.onset} to {clip.offset} is there, only {extent}"
        return None, [Note("missing-frames", kind, "dropped")]
    lacking = f"{length - len(present)} of {length} frames missing"
    apex = clip.apex if clip.apex in present else None
    run = _run_with(present, apex)
    no_start = apex is not None and apex == run[0] and apex != clip.onset
    if len(run) < 2 or 2 * len(run) < length or no_start:
        return None, [Note("missing-frames", f"{lacking}, too many to read the rest", "dropped")]
    kind = f"{lacking}: read as frames {run[0]} to {run[-1]}"
    if apex != clip.apex:
        kind += f", and without apex {clip.apex}"
    return replace(clip, onset=int(run[0]), apex=apex, offset=int(run[-1])), [Note("missing-frames", kind, "repaired")]


def fit_to_folder(clip: Clip, numbers: np.ndarray) -> tuple[Clip, list[Note]]:
    """Correct a clip by its folder, where that holds the frames of this clip and no others.

    If the table's frames are not all there, and those that are there have no gaps, they are the clip.

    Args:
        clip: The clip as annotated.
        numbers: As for :func:`fit_to_frames`.

    Returns:
        The clip, unchanged if its frames exist or the folder has gaps; and what was corrected.
    """
    first, last = int(numbers[0]), int(numbers[-1])
    inside = first <= clip.onset and clip.offset <= last
    if inside or len(numbers) < 2 or last - first + 1 != len(numbers):
        return clip, []
    onset = clip.onset if first <= clip.onset < last else first
    offset = clip.offset if onset < clip.offset <= last else last
    apex = clip.apex if clip.apex is not None and onset <= clip.apex <= offset else None
    kind = f"frames {clip.onset} to {clip.offset} are not those of its folder: read as frames {onset} to {offset}"
    if apex != clip.apex:
        kind += f", and without apex {clip.apex}"
    return replace(clip, onset=onset, apex=apex, offset=offset), [Note("folder-frames", kind, "repaired")]


def _run_with(numbers: np.ndarray, apex: int | None) -> np.ndarray:
    """The unbroken run that holds the apex, or the longest one."""
    runs = np.split(numbers, np.flatnonzero(np.diff(numbers) != 1) + 1)
    return next((run for run in runs if apex is not None and apex in run), max(runs, key=len))
