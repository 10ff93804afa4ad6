"""When a person who is followed was lost from sight, as text."""

from collections.abc import Sequence
from dataclasses import dataclass

from atm_gcn.media.faces.following import HIDDEN, LOST, REPLACED
from atm_gcn.media.faces.person import MOVED

_SHORT_SECONDS = 0.5  # which is no more than a detection later
_LISTED = 3
_REASONS = {
    HIDDEN: "another face is in front of it",
    LOST: "it is not found there any more",
    MOVED: "it leaves its place beside another face",
    REPLACED: "somebody else is at its place",
}


@dataclass(frozen=True)
class Loss:
    """A person who was followed was lost from sight.

    Args:
        seconds: When the person was last found.
        frame: Number of that frame.
        reason: Of :class:`~atm_gcn.media.faces.Person`.
        again: When the person was found again; None if not.
    """

    seconds: float
    frame: int
    reason: str
    again: float | None = None


def loss_notes(losses: Sequence[Loss]) -> list[str]:
    """What to say of them; not of those who were found again half a second later."""
    told = [one for one in losses if one.again is None or one.again - one.seconds > _SHORT_SECONDS]
    texts = [_text(one) for one in (told if len(told) <= _LISTED else [*told[: _LISTED - 1], told[-1]])]
    if len(told) > _LISTED:
        texts.append(f"shows the followed face with {len(told)} gaps in all")
    return texts


def _text(one: Loss) -> str:
    again = "is not found again" if one.again is None else f"is found again at {one.again:.2f} s"
    return f"shows the followed face up to {one.seconds:.2f} s (frame {one.frame}): {_REASONS[one.reason]}; it {again}"
