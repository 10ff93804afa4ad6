"""Why spotting found no movement, as a sentence."""

from atm_gcn.inference.prediction import count_reasons
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
    text = (
        f"the highest motion is {highest.ratio:.2f} times the threshold of {highest.threshold:.2f} grey levels, "
        f"at {highest.seconds:.2f} s (frame {highest.frame})"
    )
    reasons = count_reasons(track.dropped)
    return f"{text}; no peak above the threshold is a brief movement: {reasons}" if reasons else text
