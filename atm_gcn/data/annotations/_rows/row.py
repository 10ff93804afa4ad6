"""The cells of one row that identify the clip and its emotion."""

import difflib
from collections import Counter

from atm_gcn.data.action_units.reading import ActionUnits, read_units
from atm_gcn.data.annotations._rows.note import Note
from atm_gcn.data.annotations.spec import DatasetSpec
from atm_gcn.data.labels import SPELLINGS, emotion_of
from atm_gcn.defaults import KINDS

SMIC_EMOTIONS = {"ne": "negative", "po": "positive", "sur": "surprise"}


def read_subject(spec: DatasetSpec, cells: dict[str, str]) -> tuple[str, list[Note]]:
    """The subject's id in its normal form, from the clip's name where that holds it; empty if it cannot be read."""
    written, in_name = cells["subject"], spec.subject_of(cells.get("name", ""))
    subject = spec.subject_id(written)
    if in_name and subject != in_name:
        kind = f"subject is {written!r}" if written else "subject is empty"
        return in_name, [
            Note("subject-from-name", f"{kind}, but the clip's name says {in_name}: read {in_name}", "repaired")
        ]
    if subject:
        known = not spec.clips_of_subjects or subject in spec.clips_of_subjects
        kind = f"subject {subject} is none of the {spec.published.subjects} published"
        return subject, [] if known else [Note("unpublished-subject", kind, "kept")]
    kind = f"subject {written!r} is no id of {spec.title}" if written else "subject is empty"
    return "", [Note("no-subject", kind, "dropped")]


def read_name(spec: DatasetSpec, cells: dict[str, str]) -> tuple[str, list[Note]]:
    """The name of the clip, or of its recording, in its normal form, not yet unique; empty if there is none."""
    written = cells.get("name", spec.table.recording)
    if not written:
        return "", [Note("no-name", "filename is empty", "dropped")]
    name = spec.clip_name(written)
    if not name:
        kind = f"filename {written!r} is not how {spec.title} names a clip"
        return written.replace("/", "_"), [Note("unusual-name", kind, "kept")]
    if name != written and name == written.lower():
        return name, [Note("spelling", f"filename {written!r} read as {name!r}", "repaired")]
    return name, []


def read_kind(spec: DatasetSpec, cells: dict[str, str], of_table: str) -> tuple[str, list[Note]]:
    """The kind of the expression: what its row says, or that of the whole table; empty if it cannot be read."""
    if not spec.table.has_kinds or "kind" not in cells:
        return of_table, []
    kind = kind_of(spec, cells["kind"])
    written = repr(cells["kind"]) if cells["kind"] else "empty"
    return kind, [] if kind else [
        Note("unknown-kind", f"expression type is {written}, neither micro nor macro", "dropped")
    ]


def kind_of(spec: DatasetSpec, text: str) -> str:
    """The kind that a cell names: ``"micro"`` for ``Micro - 1/2``; empty if none."""
    word = text.casefold()
    return spec.table.kind_codes.get(word, next((kind for kind in KINDS if word.startswith(kind)), ""))


def read_emotion(spec: DatasetSpec, cells: dict[str, str], spellings: Counter[str]) -> tuple[str, list[Note]]:
    """The emotion as annotated, in lower case.

    Args:
        spec: The dataset.
        cells: The row.
        spellings: How often the table writes each emotion in each way; a rare way is a slip.
    """
    written = cells.get("emotion", "")
    marked = "+".join(name for name in spec.table.emotion_columns if cells.get(name) == "1")
    if not written and marked:
        kind = f"emotion is empty: read {marked!r} from the columns of the emotions"
        return marked, [Note("emotion-from-columns", kind, "repaired")]
    if not written:
        return _missing_emotion(cells, "emotion" in cells)
    word = written.casefold()
    if not emotion_of(word):
        return _unknown_emotion(spec, written)
    if emotion_of(word) in spec.table.same_emotion:
        meant = spec.table.same_emotion[emotion_of(word)]
        return meant, [Note("spelling", f"emotion {written!r} read as {meant!r}", "repaired")]
    notes = []
    if marked and emotion_of(marked) != emotion_of(word):
        kind = f"emotion is {written!r}, but the columns of the emotions say {marked!r}"
        notes.append(Note("emotion-contradicted", kind, "kept"))
    if not set(emotion_of(word).split("+")) <= set(spec.emotions):
        notes.append(Note("unusual-emotion", f"emotion {written!r} is not one that {spec.title} annotates", "kept"))
    same = [spelling for spelling in spellings if spelling.casefold() == word]
    usual = max(same, key=lambda spelling: (spellings[spelling], spelling.islower()), default=written)
    if written != usual:
        notes.append(Note("spelling", f"emotion {written!r} read as {usual!r}", "repaired"))
    in_name = emotion_of_name(cells)
    if in_name and in_name != emotion_of(word):
        kind = f"emotion is {written!r}, but the clip's name says {in_name!r}"
        notes.append(Note("emotion-contradicted", kind, "kept"))
    return word, notes


def read_action_units(spec: DatasetSpec, cells: dict[str, str]) -> tuple[str, list[Note]]:
    """The action units as written, without those that do not count in the dataset."""
    written = cells.get("action_units", "")
    ignored, units = spec.table.ignored_units, written
    if ignored:
        units = "+".join(unit for unit in written.split("+") if not ignored.fullmatch(unit.strip()))
    return units, notes_on_units(written, read_units(units)) if "action_units" in cells else []


def notes_on_units(written: str, units: ActionUnits) -> list[Note]:
    """A note on action units that are empty, or in which something is not understood.

    Args:
        written: The cell.
        units: What is read of it.
    """
    if not written:
        return [Note("action-units", "action units are empty", "kept")]
    if not units.unread:
        return (
            [] if units.is_known else [Note("action-units", f"action units are {written!r}, which names none", "kept")]
        )
    if not (units.present or units.uncertain):
        return [Note("action-units", f"action units are {written!r}, which names none", "kept")]
    parts = " and ".join(map(repr, units.unread))
    kind = f"action units are {written!r}, where {parts} is not understood: the clip has no known units"
    return [Note("unread-units", kind, "kept")]


def _missing_emotion(cells: dict[str, str], has_column: bool) -> tuple[str, list[Note]]:
    in_name = emotion_of_name(cells)
    if not in_name:
        return "", [Note("no-emotion", "emotion is empty: the clip has no class", "kept")]
    kind = f"emotion is empty, but the clip's name says {in_name!r}"
    return in_name, [Note("emotion-from-name", kind, "repaired")] if has_column else []


def _unknown_emotion(spec: DatasetSpec, written: str) -> tuple[str, list[Note]]:
    known = [spelling for emotion in spec.emotions for spelling in SPELLINGS[emotion]]
    close = difflib.get_close_matches(written.casefold(), known, n=1, cutoff=0.8)
    if close:
        return close[0], [Note("spelling", f"emotion {written!r} read as {close[0]!r}", "repaired")]
    kind = f"emotion {written!r} is none that is known: the clip has no class"
    return written.casefold(), [Note("unknown-emotion", kind, "kept")]


def emotion_of_name(cells: dict[str, str]) -> str:
    """The emotion that the clip's name says, as SMIC's do; empty if none."""
    parts = cells.get("name", "").lower().split("_")
    return SMIC_EMOTIONS.get(parts[1], "") if len(parts) == 3 else ""
