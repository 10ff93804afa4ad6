"""What has to be decided about a table: ids and labels that look alike, and recordings of several subjects."""

from atm_gcn.config import DataConfig
from atm_gcn.data.annotations.order import Note
from atm_gcn.data.annotations.reading import Reading
from atm_gcn.data.clip import Problem
from atm_gcn.data.lookalikes import SETTINGS, decide
from atm_gcn.data.recordings import shared_recordings


def decide_ids(reading: Reading, config: DataConfig) -> Reading:
    """The clips under the ids that ``config`` decides for, and the problems with those that look alike.

    A clip that comes to have the name of an earlier row is dropped.
    """
    rows = list(reading.clips)
    clips, found = decide(list(reading.clips.values()), config)
    decided = Reading(problems=list(reading.problems))
    for row, clip in zip(rows, clips, strict=True):
        earlier = decided.row_of(clip.key)
        if earlier is None:
            decided.add(row, clip)
        else:
            decided.note(row, clip.key, Note(f"has the name of row {earlier}", "dropped"))
    for one in found:
        action = "repaired" if one.decision == "same" else "kept"
        note = Note(
            one.describe(f"row {rows[one.usual_at]}"),
            action,
            decide=SETTINGS[one.field] if one.decision == "refuse" else "",
        )
        decided.note(rows[one.other_at], clips[one.other_at].key, note)
    return decided


def compare_recordings(located: Reading, config: DataConfig) -> list[Problem]:
    """A problem for every clip that is of the recording of another subject's clip."""
    rows, clips = list(located.clips), list(located.clips.values())
    allowed = config.shared_recordings == "allow"
    return [
        Problem(
            row=rows[pair.second],
            clip=clips[pair.second].key,
            kind=pair.describe(clips, f"row {rows[pair.first]}", allowed),
            action="kept",
            decide="shared_recordings" if pair.overlap or not allowed else "",
        )
        for pair in shared_recordings(clips)
    ]
