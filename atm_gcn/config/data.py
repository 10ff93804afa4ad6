"""Settings of the data: what ``prepare`` makes of a clip."""

from typing import Annotated, Literal

from pydantic import Field

from atm_gcn.config.fields import FrameRate, Names, Whole
from atm_gcn.config.section import Section


class DataConfig(Section):
    """What ``prepare`` makes of a clip.

    Args:
        size: Height and width of a stored frame, in pixels.
        fps: Resample to this many frames per second; None keeps the frames as recorded.
        max_frames: Longest clip, in frames; a longer one is thinned evenly, keeping onset, apex and offset.
        face: ``"crop"`` finds the face in the onset frame and crops the whole clip to that one box; clips without a
            face are left out.
        apex: How to choose the apex of a clip without an annotated one.
        clock: Where the times of a video's frames come from: ``"stamps"`` its time stamps, ``"fps"`` the frame rate of
            the annotation, for videos that play slower than they were recorded. Folders of frames have no time stamps.
        classes: The labels in the order of the logits; None takes those that occur, sorted.
        similar_subjects: What to do with ids of subjects, or names of datasets, that are likely to mean the same, such
            as ``s01`` and ``S01``: ``"same"`` gives all of them the usual spelling, ``"distinct"`` keeps them as
            different people.
        similar_labels: The same for labels, such as ``Positive`` and ``positive``.
        shared_recordings: Whether one recording may show several subjects, one after another.
        similar_pictures: Whether pictures of two subjects that look like one moment of one recording are refused in
            training, or accepted as of ``"distinct"`` people.
    """

    size: Annotated[Whole, Field(ge=16, le=2048)] = 224
    fps: FrameRate | None = None
    max_frames: Annotated[Whole, Field(ge=2, le=100_000)] = 128
    face: Literal["none", "crop"] = "none"
    apex: Literal["max-motion", "middle"] = "max-motion"
    clock: Literal["stamps", "fps"] = "stamps"
    classes: Names | None = None
    similar_subjects: Literal["refuse", "same", "distinct"] = "refuse"
    similar_labels: Literal["refuse", "same", "distinct"] = "refuse"
    shared_recordings: Literal["refuse", "allow"] = "refuse"
    similar_pictures: Literal["refuse", "distinct"] = "refuse"


DECISIONS = {
    "similar_subjects": "distinct",
    "similar_labels": "distinct",
    "shared_recordings": "allow",
    "similar_pictures": "distinct",
}
"""Settings of the data that change no frame, and the value that can still be chosen for a prepared frame store."""
