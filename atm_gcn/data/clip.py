"""The record that an annotation becomes."""

from dataclasses import dataclass

from atm_gcn.defaults import KINDS


@dataclass(frozen=True)
class Clip:
    """One annotated expression: a micro-expression, unless :attr:`kind` says otherwise.

    Frame numbers are those of the source: the number in a frame's file name for a folder of frames, and the
    0-based position for a video file. Onset and offset are both part of the clip. The source may be a long recording
    that holds many clips.

    Args:
        dataset: Name of the dataset. It namespaces the subject, so that equal ids of two datasets stay apart.
        subject: The person's id within the dataset.
        name: The clip's name, unique within dataset and subject.
        onset: First frame, the neutral face.
        apex: Frame of the strongest movement; None if it is not annotated.
        offset: Last frame.
        fps: Frames per second of the source; 0 where it is not known, which only features may lack.
        emotion: The emotion as annotated.
        label: The class under the label scheme in use; empty where no scheme has been applied.
        source: Folder of frames or video file.
        action_units: Facial action units as annotated, for instance ``"4+L10"``.
        view: What the source is said to show: ``"frames"``, or ``"flow"`` for pictures of optical flow; empty where
            nothing is said.
        kind: ``"micro"`` or ``"macro"``.
    """

    dataset: str
    subject: str
    name: str
    onset: int
    apex: int | None
    offset: int
    fps: float
    emotion: str = ""
    label: str = ""
    source: str = ""
    action_units: str = ""
    view: str = ""
    kind: str = KINDS[0]

    @property
    def shows(self) -> str:
        """:attr:`view`, which is ``"frames"`` where nothing is said."""
        return self.view or "frames"

    @property
    def subject_key(self) -> str:
        """The subject's id, unique over datasets: ``"casme2/sub01"``."""
        return f"{self.dataset}/{self.subject}"

    @property
    def key(self) -> str:
        """The clip's id, unique over datasets: ``"casme2/sub01/EP02_01f"``."""
        return f"{self.subject_key}/{self.name}"
