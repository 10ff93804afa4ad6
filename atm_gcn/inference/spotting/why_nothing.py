"""Why spotting found no movement, as a sentence."""

from collections import Counter

from atm_gcn.inference.prediction import CurvePeak, DropReason
from atm_gcn.inference.spotting.motion_track import MotionTrack
from atm_gcn.inference.spotting.spotter import HALF_SECONDS

MEANINGS: dict[DropReason, str] = {
    "stronger-motion-near": "stronger motion is near",
    "head-motion": "the head moves too fast",
    "no-rest": "no rest before and after",
    "too-long": "longer than a micro-expression",
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
    if not track.dropped:
        return f"the highest motion, {where(highest)}, does not exceed the threshold"
    counts = Counter(peak.reason for peak in track.dropped)
    reasons = ", ".join(f"{counts[reason]} x {meaning}" for reason, meaning in MEANINGS.items() if counts[reason])
    return f"the highest motion, {where(highest)}; peaks that were dropped: {reasons}"


def where(peak: CurvePeak) -> str:
    """``"at 3.20 s (96), is 1.2 times the threshold of 1.90 grey levels"``."""
    return (
        f"at {peak.seconds:.2f} s (frame {peak.frame}), is {peak.ratio:.2f} times the threshold of "
        f"{peak.threshold:.2f} grey levels"
    )
