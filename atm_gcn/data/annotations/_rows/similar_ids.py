"""Similar ids and labels in the rows of a table."""

from atm_gcn.config import DataConfig
from atm_gcn.data.annotations._rows.annotated_clips import AnnotatedClips
from atm_gcn.data.annotations._rows.note import Note
from atm_gcn.data.similar_ids import SETTINGS, respell_similar


def resolve_similar_rows(table: AnnotatedClips, config: DataConfig) -> AnnotatedClips:
    """Respell similar ids and labels as ``config`` says, and add a problem for each.

    A clip whose respelled key an earlier row has is dropped.
    """
    rows = list(table.clips)
    clips, pairs = respell_similar(list(table.clips.values()), config)
    resolved = AnnotatedClips(problems=list(table.problems), recordings=table.recordings)
    for row, clip in zip(rows, clips, strict=True):
        earlier = resolved.row_of(clip.key)
        if earlier is None:
            resolved.add(row, clip)
        else:
            resolved.note(row, clip.key, Note("repeated-row", f"has the name of row {earlier}", "dropped"))
    for pair in pairs:
        note = Note(
            code="similar-labels" if pair.field == "label" else "similar-ids",
            kind=pair.describe(f"row {rows[pair.usual_at]}"),
            action="repaired" if pair.decision == "same" else "kept",
            decide=SETTINGS[pair.field] if pair.decision == "refuse" else "",
        )
        resolved.note(rows[pair.other_at], clips[pair.other_at].key, note)
    return resolved
