"""What can be wrong with a row of an annotation table or with the frames of its clip."""

from dataclasses import dataclass

CODES = {
    "action-units": "the action units are empty or name none",
    "apex-at-onset": "onset and apex are the same frame",
    "class-contradicted": "the composite's list and the label scheme give different classes",
    "computed-apex": "every apex is the middle of its clip, so it was not annotated",
    "cut-off": "the recording ends early or has gaps",
    "emotion-contradicted": "the emotion is not the one in the clip's name",
    "emotion-from-columns": "the emotion is empty and was read from the columns of the emotions",
    "emotion-from-name": "the emotion is empty and was read from the clip's name",
    "folder-frames": "the frames of the clip are not those of its folder, which holds no others",
    "fps-contradicted": "the frame rate is not that of the recording's time stamps",
    "invalid-apex": "the apex is not a frame number",
    "invalid-frame-number": "onset or offset is empty or not a frame number",
    "invalid-row": "the row of a manifest does not describe a clip",
    "long-clip": "the clip is longer than two seconds",
    "merged-cell": "a value comes from a cell merged over several rows or columns",
    "missing-frames": "frames between onset and offset are missing",
    "no-apex": "the apex is not annotated",
    "no-class": "the label scheme has no class for the emotion",
    "no-emotion": "the emotion is empty",
    "no-emotions": "the table has no emotions, and that of another dataset, which may have them, is absent",
    "no-frame-folder": "the clip has no folder of frames",
    "no-frame-numbers": "the tables with the frame numbers of the composite's clips are absent",
    "no-name": "the clip has no name",
    "no-rows": "the table has no rows below its header",
    "no-subject": "the subject is empty or not an id of the dataset",
    "no-table": "there is no table; the folders are read instead",
    "not-in-table": "a clip of the composite's list is not in the table of its dataset",
    "one-frame": "onset and offset are the same frame",
    "order": "onset, apex and offset are out of order",
    "other-kind": "clips are left out that are of a kind for which the label scheme is not",
    "other-view": "the row's view is not that of most rows of the manifest",
    "recording-note": "the recording is unusual in a way that is handled",
    "repeated-row": "an earlier row describes the same clip",
    "same-name": "two clips of a recording have the same name",
    "same-onset": "two clips of a recording begin at the same frame",
    "several-frame-trees": "the frames of the dataset exist more than once",
    "shared-recording": "clips of different subjects are of one recording",
    "similar-ids": "two ids probably mean the same subject or dataset",
    "similar-labels": "two labels probably mean the same class",
    "spelling": "a value has an unusual spelling and was read as the usual one",
    "subject-from-name": "the subject was read from the clip's name",
    "too-many-subjects": "the table has more subjects than the published one",
    "undecodable": "a frame cannot be decoded",
    "unknown-class": "the class in the composite's list is not one of its three",
    "unknown-clip": "subject or clip is not named as in its dataset",
    "unknown-dataset": "the dataset is not part of the composite",
    "unknown-emotion": "the emotion is unknown",
    "unknown-kind": "the row says neither micro- nor macro-expression",
    "unpublished-subject": "the published table does not have the subject",
    "unread-sheets": "the file has further sheets",
    "unread-units": "a part of the action units is not understood, so that none is known",
    "unreadable-recording": "the recording cannot be opened",
    "unusual-emotion": "the dataset does not annotate the emotion",
    "unusual-fps": "most clips of the dataset have another frame rate",
    "unusual-name": "the name of the clip does not have the form used in the dataset",
}
"""Meaning of every :attr:`Problem.code`."""

NOTES = {
    "action-units",
    "computed-apex",
    "no-apex",
    "no-table",
    "other-kind",
    "recording-note",
    "several-frame-trees",
    "unread-sheets",
}
"""Codes of what is permitted and needs nothing to be done: :attr:`Problem.is_note`."""


@dataclass(frozen=True)
class Problem:
    """What is wrong with one row of an annotation file, and what was done about it.

    Args:
        code: One of :data:`CODES`, for programs.
        row: Line of the file as a spreadsheet counts it: the header is row 1 unless the file starts with others.
        clip: Key of the clip, or whatever could be read of it; empty for a problem of the table as a whole.
        kind: What is wrong, in a few words, for people.
        action: ``"repaired"``, ``"kept"`` or ``"dropped"``.
        decide: Name of the data setting with which the user has to decide; empty if nothing is open.
    """

    code: str
    row: int
    clip: str
    kind: str
    action: str
    decide: str = ""

    @property
    def is_note(self) -> bool:
        """Whether this is a note on something permitted, such as an apex that is not annotated."""
        return self.code in NOTES
