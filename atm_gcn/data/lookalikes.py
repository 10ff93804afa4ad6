"""Subjects, datasets and labels of clips that are likely to mean the same, and what was decided about them."""

import logging
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from atm_gcn.config import DataConfig
from atm_gcn.data.clip import Clip
from atm_gcn.data.identity import look_alikes, told_apart, usual_spelling
from atm_gcn.errors import ATMGCNError

logger = logging.getLogger(__name__)

SETTINGS = {"dataset": "similar_subjects", "subject": "similar_subjects", "label": "similar_labels"}
"""The setting that decides about each field of a clip."""
_MEANING = {"dataset": "dataset", "subject": "person", "label": "class"}


@dataclass(frozen=True)
class LookAlike:
    """Two spellings in one field of the clips.

    Args:
        field: ``"dataset"``, ``"subject"`` or ``"label"``.
        usual: The spelling that occurs most often, of equally frequent ones the first.
        other: The other one.
        usual_at: Position of the first clip with ``usual``.
        other_at: Position of the first clip with ``other``.
        decision: ``"refuse"``, ``"same"`` or ``"distinct"``.
    """

    field: str
    usual: str
    other: str
    usual_at: int
    other_at: int
    decision: str

    def describe(self, usual_place: str) -> str:
        """What was found and what was or has to be done; ``usual_place`` says where ``usual`` stands."""
        usual, other = told_apart(self.usual, self.other)
        if self.decision == "same":
            return f"{self.field} {other} read as {usual}, as decided"
        found = f"{self.field} {other} looks like {usual} of {usual_place}"
        if self.decision == "distinct":
            return f"{found}: taken for another {_MEANING[self.field]}, as decided"
        return f"{found}: {how_to_decide(self.field)}"


def how_to_decide(field: str) -> str:
    """What somebody can do about two spellings in a field."""
    option = SETTINGS[field].replace("_", "-")
    return (
        f"if both mean one {_MEANING[field]}, write them alike or give --{option} same; if not, rename one or give "
        f"--{option} distinct"
    )


def decide(clips: Sequence[Clip], config: DataConfig) -> tuple[list[Clip], list[LookAlike]]:
    """Compare datasets, the subjects within each, and labels.

    Returns:
        The clips, with the usual spelling where ``config`` says ``"same"``, and every spelling that looks like it.
    """
    clips, found = list(clips), []
    for field in SETTINGS:
        wanted = config.classes or () if field == "label" else ()
        for one in _compared(clips, field, getattr(config, SETTINGS[field]), wanted):
            found.append(one)
            if one.decision == "same":
                clips = [_respelled(clip, clips[one.other_at], one) for clip in clips]
    return clips, found


def decided(clips: Sequence[Clip], config: DataConfig) -> list[Clip]:
    """The clips as :func:`decide` gives them; what was decided is logged.

    Raises:
        ATMGCNError: If two ids or labels look alike and nothing was decided, or two clips come to have one key.
    """
    respelled, found = decide(clips, config)
    for one in found:
        text = one.describe(f"clip {clips[one.usual_at].key}")
        if one.decision == "refuse":
            raise ATMGCNError(f"clip {clips[one.other_at].key}: {text}")
        logger.info("clip %s: %s", clips[one.other_at].key, text)
    seen: set[str] = set()
    for clip, before in zip(respelled, clips, strict=True):
        if clip.key in seen:
            raise ATMGCNError(f"clip {before.key}: there is another clip {clip.key}; give it another name")
        seen.add(clip.key)
    return respelled


def _compared(clips: Sequence[Clip], field: str, decision: str, wanted: Collection[str]) -> Iterator[LookAlike]:
    """Look-alikes in one field, subjects within each dataset; a spelling of ``wanted`` is the usual one."""
    spaces = dict.fromkeys(clip.dataset if field == "subject" else "" for clip in clips)
    for space in spaces:
        places = [at for at, clip in enumerate(clips) if field != "subject" or clip.dataset == space]
        texts = {at: getattr(clips[at], field) for at in places if getattr(clips[at], field)}
        for group in look_alikes(texts.values()):
            usual = next((text for text in group if text in wanted), usual_spelling(list(texts.values()), group))
            first = {text: next(at for at in texts if texts[at] == text) for text in group}
            for other in group:
                if other != usual:
                    yield LookAlike(field, usual, other, first[usual], first[other], decision)


def _respelled(clip: Clip, example: Clip, one: LookAlike) -> Clip:
    same_space = one.field != "subject" or clip.dataset == example.dataset
    matches = same_space and getattr(clip, one.field) == one.other
    return replace(clip, **{one.field: one.usual}) if matches else clip
