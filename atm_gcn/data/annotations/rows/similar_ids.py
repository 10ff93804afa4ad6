"""Ids and labels of a table that look alike, and what was decided about them."""

from atm_gcn.config import DataConfig
from atm_gcn.data.annotations.rows.frame_order import Note
from atm_gcn.data.annotations.rows.result import Reading
from atm_gcn.data.lookalikes import SETTINGS, decide


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
