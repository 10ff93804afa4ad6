"""A finding at a row whose clip is not known yet."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Note:
    """A :class:`~atm_gcn.data.problem.Problem` without its row and clip."""

    code: str
    kind: str
    action: str
    decide: str = ""
