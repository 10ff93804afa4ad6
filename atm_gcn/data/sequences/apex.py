"""The global node of a sequence in which no apex is known."""

from typing import Literal, get_args

from torch import Tensor

from atm_gcn.errors import ATMGCNError, did_you_mean, either

Apex = Literal["largest", "middle", "first", "none"]
APEXES: tuple[str, ...] = get_args(Apex)


def check_apex(rule: str) -> None:
    """Make sure that there is such a rule.

    Raises:
        ATMGCNError: If there is none.
    """
    if rule not in APEXES:
        raise ATMGCNError(f"apex must be {either(APEXES)}, not {rule!r}{did_you_mean(rule, APEXES)}")


def apex_node(rule: str, rows: Tensor) -> int | None:
    """The node that takes the place of the apex frame; None for the rule ``"none"``.

    Args:
        rule: ``"largest"``: the row with the largest Euclidean norm, of equal ones the first; ``"middle"``: row
            ``n // 2``; ``"first"``: row 0; ``"none"``: no row.
        rows: ``[n, ...]``, one per node.
    """
    if rule == "none":
        return None
    if rule == "largest":
        return int(rows.flatten(1).float().norm(dim=1).argmax())
    return len(rows) // 2 if rule == "middle" else 0
