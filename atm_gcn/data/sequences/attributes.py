"""Single values that a Data object holds as an attribute: a text, a number."""

import math
from typing import Any

import numpy as np
from torch import Tensor

from atm_gcn.data.identity import normal
from atm_gcn.errors import ATMGCNError

MISSING = ("nan", "none", "nat", "<na>", "null")
"""Texts that pandas and numpy make of a missing value."""


def text_of(value: Any, name: str, where: str) -> str:
    """A name or an id: a text or a whole number, alone or the only element of a tensor, an array or a list.

    Args:
        value: The attribute; None if it is not set.
        name: Of the attribute.
        where: What messages call the item.

    Returns:
        Its one spelling; empty if it is not set.

    Raises:
        ATMGCNError: If it is something else, or stands for a missing value.
    """
    if value is None:
        return ""
    value = _single(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise ATMGCNError(f"{where}: {name} must be a text or a whole number, not {shown(value)}")
    text = normal(str(value))
    if text.casefold() in MISSING:
        raise ATMGCNError(f"{where}: {name} is {text!r}, which stands for a missing value; fill it in, or leave it out")
    return text


def number_of(value: Any, name: str, where: str) -> float | None:
    """A number that is finite and not negative; None if it is not set."""
    if value is None:
        return None
    value = _single(value)
    if not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise ATMGCNError(f"{where}: {name} must be one number from 0, not {shown(value)}")
    return float(value)


def whole_number(value: Any) -> int | None:
    """One whole number, alone or the only element of a tensor, an array or a list; None if it is none."""
    value = _single(value)
    return int(value) if isinstance(value, int | float) and value == value // 1 else None


def shown(value: Any) -> str:
    """A value in a message, in a few words."""
    if isinstance(value, Tensor | np.ndarray):
        value = value.tolist()
    text = repr(value).replace("\n", " ")
    return text if len(text) <= 60 else f"a {type(value).__name__} of {len(text)} characters"


def _single(value: Any) -> Any:
    """The element of whatever holds one, as a type of Python."""
    if isinstance(value, list | tuple) and len(value) == 1:
        value = value[0]
    if isinstance(value, Tensor):
        return value.item() if value.numel() == 1 else value
    if isinstance(value, np.ndarray):
        return value.item() if value.size == 1 else value
    return value.item() if isinstance(value, np.generic) else value
