"""Why spotting found no movement, as a sentence."""

from collections import Counter

from atm_gcn.inference.prediction import DropReason
from atm_gcn.inference.spotting.motion_track import MotionTrack
from atm_gcn.inference.spotting.spotter import HALF_SECONDS

MEANINGS: dict[DropReason, str] = {
    "head-motion": "the head moves too fast",
    "too-long": "longer than a micro-expression",
    "no-rest": "no rest before or after",
    "near-edge": "too near to the beginning or end",
    "stronger-motion-near": "stronger motion near",
}


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
    text = (
        f"the highest motion is {highest.ratio:.2f} times the threshold of {highest.threshold:.2f} grey levels, "
        f"at {highest.seconds:.2f} s (frame {highest.frame})"
    )
    counts = Counter(peak.reason for peak in track.dropped)
    reasons = ", ".join(f"{meaning} ({counts[reason]})" for reason, meaning in MEANINGS.items() if counts[reason])
    return f"{text}; no peak above the threshold is a brief movement: {reasons}" if reasons else text
