"""What was found at a row, before it is known which clip it concerns."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Note:
    """A :class:`~atm_gcn.data.problem.Problem` without its row and clip."""

    code: str
    kind: str
    action: str
    decide: str = ""
