"""Why spotting found no movement, as a sentence."""

from collections import Counter
from collections.abc import Iterable

from atm_gcn.inference.prediction import DROP_REASONS, DroppedPeak
from atm_gcn.inference.spotting.motion_track import MotionTrack
from atm_gcn.inference.spotting.spotter import HALF_SECONDS


def why_nothing(track: MotionTrack) -> str:
    """Say how high the motion is, and why its peaks above the threshold are no movements.

    Args:
        track: A recording that was read, in which no movement was found.
    """
    highest = track.curve.highest()
    if highest is None:
        return (
            f"the motion is known nowhere in {track.seconds:.2f} s; a frame is compared with those "
            f"{HALF_SECONDS:g} s before and after it, which must show the same face in the same place"
        )
    words = track.curve.words
    text = (
        f"the highest {words.quantity} is {highest.ratio:.2f} times the threshold of "
        f"{f'{highest.threshold:.2f} {words.unit}'.strip()}, at {highest.seconds:.2f} s (frame {highest.frame})"
    )
    reasons = count_reasons(track.dropped)
    if not reasons:
        return text if highest.ratio < 1 else f"{text}; no peak above the threshold is a brief movement"
    return f"{text}; no peak above the threshold is a brief movement: {reasons}"


def count_reasons(dropped: Iterable[DroppedPeak]) -> str:
    """``"the head moves too fast (1), stronger motion near (2)"``; empty without peaks."""
    counts = Counter(peak.reason for peak in dropped)
    return ", ".join(f"{meaning} ({counts[reason]})" for reason, meaning in DROP_REASONS.items() if counts[reason])
