"""The cells of one row that say who and what: subject, clip name, emotion."""

import difflib
import re
from collections import Counter

from atm_gcn.data.annotations.rows.frame_order import Note
from atm_gcn.data.annotations.spec import DatasetSpec
from atm_gcn.data.labels import SPELLINGS, emotion_of

_ACTION_UNIT = re.compile(r"(?<!\w)[LR]?\d{1,2}[A-E]?(?!\w)", re.IGNORECASE)  # L10, 14A

SMIC_EMOTIONS = {"ne": "negative", "po": "positive", "sur": "surprise"}


def read_subject(spec: DatasetSpec, cells: dict[str, str]) -> tuple[str, list[Note]]:
    """The subject's id in its one form; empty if it cannot be had. The clip's name decides where it holds the id."""
    written, told = cells["subject"], spec.subject_of(cells["name"])
    subject = spec.subject_id(written)
    if told and subject != told:
        kind = f"subject is {written!r}" if written else "subject is empty"
        return told, [Note(f"{kind}, but the clip's name says {told}: read {told}", "repaired")]
    if subject:
        known = not spec.subject_clips or subject in spec.clips_of_subjects
        return subject, [] if known else [Note(f"subject {subject} is none of the {spec.subjects} published", "kept")]
    kind = f"subject {written!r} is no id of {spec.title}" if written else "subject is empty"
    return "", [Note(kind, "dropped")]


def read_name(spec: DatasetSpec, cells: dict[str, str]) -> tuple[str, list[Note]]:
    """The clip's name in its one form, without what makes it unique; empty if there is none."""
    written = cells["name"]
    if not written:
        return "", [Note("filename is empty", "dropped")]
    name = spec.clip_name(written)
    if not name:
        return written.replace("/", "_"), [Note(f"filename {written!r} is not what {spec.title} calls a clip", "kept")]
    if name != written and name == written.lower():
        return name, [Note(f"filename {written!r} read as {name!r}", "repaired")]
    return name, []


def read_emotion(spec: DatasetSpec, cells: dict[str, str], spellings: Counter[str]) -> tuple[str, list[Note]]:
    """The emotion as annotated, in lower case.

    Args:
        spec: The dataset.
        cells: The row.
        spellings: How often the table writes each emotion in each way; a rare way is a slip.
    """
    written = cells.get("emotion", "")
    if not written:
        return _missing_emotion(cells, "emotion" in cells)
    word = written.casefold()
    if not emotion_of(word):
        return _unknown_emotion(spec, written)
    notes = []
    if emotion_of(word) not in spec.emotions:
        notes.append(Note(f"emotion {written!r} is not one that {spec.title} annotates", "kept"))
    same = [spelling for spelling in spellings if spelling.casefold() == word]
    usual = max(same, key=lambda spelling: (spellings[spelling], spelling.islower()), default=written)
    if written != usual:
        notes.append(Note(f"emotion {written!r} read as {usual!r}", "repaired"))
    told = _emotion_of_name(cells)
    if told and told != emotion_of(word):
        notes.append(Note(f"emotion is {written!r}, but the clip's name says {told!r}", "kept"))
    return word, notes


def read_action_units(cells: dict[str, str]) -> list[Note]:
    """What is odd about the action units, which are taken as written."""
    written = cells.get("action_units")
    if written is None or _ACTION_UNIT.search(written):
        return []
    return [Note(f"action units are {written!r}, which names none" if written else "action units are empty", "kept")]


def _missing_emotion(cells: dict[str, str], has_column: bool) -> tuple[str, list[Note]]:
    told = _emotion_of_name(cells)
    if not told:
        return "", [Note("emotion is empty: the clip has no class", "kept")]
    return told, [Note(f"emotion is empty, but the clip's name says {told!r}", "repaired")] if has_column else []


def _unknown_emotion(spec: DatasetSpec, written: str) -> tuple[str, list[Note]]:
    known = [spelling for emotion in spec.emotions for spelling in SPELLINGS[emotion]]
    close = difflib.get_close_matches(written.casefold(), known, n=1, cutoff=0.8)
    if close:
        return close[0], [Note(f"emotion {written!r} read as {close[0]!r}", "repaired")]
    return written.casefold(), [Note(f"emotion {written!r} is none that is known: the clip has no class", "kept")]


def _emotion_of_name(cells: dict[str, str]) -> str:
    parts = cells["name"].lower().split("_")
    return SMIC_EMOTIONS.get(parts[1], "") if len(parts) == 3 else ""
