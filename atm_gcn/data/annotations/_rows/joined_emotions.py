"""Emotions of a table that has none, from the table of another dataset with the same clips."""

from dataclasses import replace

from atm_gcn.data.annotations._rows.annotated_clips import AnnotatedClips
from atm_gcn.data.annotations._rows.note import Note
from atm_gcn.data.annotations.spec import DatasetSpec
from atm_gcn.defaults import KINDS


def join_emotions(table: AnnotatedClips, spec: DatasetSpec, emotions: AnnotatedClips) -> AnnotatedClips:
    """Give micro-expressions the emotion of the clip of the same name.

    Args:
        table: Clips without emotions.
        spec: The dataset that has the emotions.
        emotions: Its clips.

    Returns:
        The clips by their row. A micro-expression that ``emotions`` lack has a problem; macro-expressions have no
        emotion.
    """
    joined = AnnotatedClips(problems=list(table.problems), recordings=table.recordings)
    for row, clip in table.clips.items():
        match = spec.name.match(clip.name)  # a further part was added where two clips had one name
        found = emotions.row_of(f"{spec.key}/{clip.subject}/{spec.name_form(match)}") if match else None
        if clip.kind == KINDS[0] and found is None:
            kind = f"the table of {spec.title} has no such clip, and with it its emotion: the clip has no class"
            joined.note(row, clip.key, Note("no-emotion", kind, "kept"))
        elif clip.kind == KINDS[0] and found is not None:
            clip = replace(clip, emotion=emotions.clips[found].emotion)
        joined.add(row, clip)
    return joined
