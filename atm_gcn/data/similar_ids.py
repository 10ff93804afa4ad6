"""Subjects, datasets and labels of clips that are likely to mean the same, and what the settings do with them."""

import logging
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from atm_gcn.config import DataConfig
from atm_gcn.data.clip import Clip
from atm_gcn.data.identity import quote_distinctly, similar_groups, usual_spelling
from atm_gcn.errors import ATMGCNError

logger = logging.getLogger(__name__)

SETTINGS = {"dataset": "similar_subjects", "subject": "similar_subjects", "label": "similar_labels"}
"""The setting for each field of a clip: ``"refuse"``, ``"same"`` or ``"distinct"``."""
_MEANING = {"dataset": "dataset", "subject": "person", "label": "class"}


@dataclass(frozen=True)
class SimilarPair:
    """Two spellings in one field of the clips.

    Args:
        field: ``"dataset"``, ``"subject"`` or ``"label"``.
        usual: The spelling that occurs most often, of equally frequent ones the first.
        other: The other one.
        usual_at: Position of the first clip with ``usual``.
        other_at: Position of the first clip with ``other``.
        decision: ``"refuse"``, ``"same"`` or ``"distinct"``, as the field's setting says.
    """

    field: str
    usual: str
    other: str
    usual_at: int
    other_at: int
    decision: str

    def describe(self, usual_place: str) -> str:
        """What was found, and what was done or has to be done; ``usual_place`` names the clip with ``usual``."""
        usual, other = quote_distinctly(self.usual, self.other)
        chosen = f"as {SETTINGS[self.field]}={self.decision} says"
        if self.decision == "same":
            return f"{self.field} {other} read as {usual}, {chosen}"
        found = f"{self.field} {other} looks like {usual} of {usual_place}"
        if self.decision == "distinct":
            return f"{found}: kept as another {_MEANING[self.field]}, {chosen}"
        option = SETTINGS[self.field].replace("_", "-")
        return (
            f"{found}: if both mean one {_MEANING[self.field]}, write them alike or give --{option} same; if not, "
            f"rename one or give --{option} distinct"
        )


def respell_similar(clips: Sequence[Clip], config: DataConfig) -> tuple[list[Clip], list[SimilarPair]]:
    """Compare datasets, the subjects within each, and labels.

    Returns:
        The clips, with the usual spelling where ``config`` says ``"same"``; and every pair of similar spellings.
    """
    clips, pairs = list(clips), []
    for field in SETTINGS:
        wanted = config.classes or () if field == "label" else ()
        for pair in _pairs(clips, field, getattr(config, SETTINGS[field]), wanted):
            pairs.append(pair)
            if pair.decision == "same":
                clips = [_respelled(clip, clips[pair.other_at], pair) for clip in clips]
    return clips, pairs


def resolve_similar_ids(clips: Sequence[Clip], config: DataConfig) -> list[Clip]:
    """The clips as :func:`respell_similar` gives them; every pair is logged.

    Raises:
        ATMGCNError: If two ids or labels are similar and ``config`` says ``"refuse"``, or two clips would have one
            key.
    """
    respelled, pairs = respell_similar(clips, config)
    for pair in pairs:
        text = pair.describe(f"clip {clips[pair.usual_at].key}")
        if pair.decision == "refuse":
            raise ATMGCNError(f"clip {clips[pair.other_at].key}: {text}")
        logger.info("clip %s: %s", clips[pair.other_at].key, text)
    seen: set[str] = set()
    for clip, before in zip(respelled, clips, strict=True):
        if clip.key in seen:
            raise ATMGCNError(f"clip {before.key}: there is another clip {clip.key}; give it another name")
        seen.add(clip.key)
    return respelled


def _pairs(clips: Sequence[Clip], field: str, decision: str, wanted: Collection[str]) -> Iterator[SimilarPair]:
    """Similar spellings in one field, subjects within each dataset; a spelling of ``wanted`` is the usual one."""
    spaces = dict.fromkeys(clip.dataset if field == "subject" else "" for clip in clips)
    for space in spaces:
        positions = [at for at, clip in enumerate(clips) if field != "subject" or clip.dataset == space]
        texts = {at: getattr(clips[at], field) for at in positions if getattr(clips[at], field)}
        for group in similar_groups(texts.values()):
            usual = next((text for text in group if text in wanted), usual_spelling(list(texts.values()), group))
            first = {text: next(at for at in texts if texts[at] == text) for text in group}
            for other in group:
                if other != usual:
                    yield SimilarPair(field, usual, other, first[usual], first[other], decision)


def _respelled(clip: Clip, example: Clip, pair: SimilarPair) -> Clip:
    same_space = pair.field != "subject" or clip.dataset == example.dataset
    changes: dict[str, Any] = {pair.field: pair.usual}
    return replace(clip, **changes) if same_space and getattr(clip, pair.field) == pair.other else clip
