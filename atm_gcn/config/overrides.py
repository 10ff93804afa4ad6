"""Settings laid over others: the sections of a file, or assignments such as ``train.optim.lr=3e-4``."""

from typing import Any

from pydantic import BaseModel

from atm_gcn.config.flat_keys import is_flat
from atm_gcn.config.messages import keys_of, section_of, unknown_key
from atm_gcn.config.yaml_values import read_settings
from atm_gcn.errors import ATMGCNError

_LONGEST = 150  # characters of an assignment that are shown


def merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """A copy of ``base`` with the values of ``over``; a section that is None there stays as it is."""
    result = dict(base)
    for key, value in over.items():
        below = base.get(key)
        if not isinstance(below, dict):
            result[key] = value
        elif value is not None:
            result[key] = merged(below, value) if isinstance(value, dict) else value
    return result


def nested(assignment: str, root: type[BaseModel]) -> dict[str, Any]:
    """``"train.optim.lr=3e-4"`` as ``{"train": {"optim": {"lr": "3e-4"}}}``.

    Args:
        assignment: What was given to ``--set``.
        root: The settings, which must have this one.

    Raises:
        ATMGCNError: If it is no assignment, there is no such setting, or a section is set to a value.
    """
    key, equals, text = assignment.partition("=")
    parts, shown = key.strip().split("."), assignment if len(assignment) <= _LONGEST else f"{assignment[:_LONGEST]}..."
    if not equals or not all(parts):
        raise ATMGCNError(f"--set {shown}: write it as section.key=value, for instance train.optim.epochs=3")
    try:
        value = read_settings(text)
    except ValueError as error:
        if text.lstrip().startswith(("[", "{")):
            raise ATMGCNError(f"--set {shown}: {error}") from error
        value = text  # for the setting to refuse, unless it takes any text
    if not (len(parts) == 2 and parts[0] == "train" and is_flat(parts[1], value)):
        _check_key(parts, value, shown, root)
    for part in reversed(parts):
        value = {part: value}
    return value


def _check_key(parts: list[str], value: Any, shown: str, root: type[BaseModel]) -> None:
    """Raise an :class:`ATMGCNError` unless dotted names lead to a setting, or to a section if the value is one."""
    for end in range(len(parts)):
        section, parent = section_of(parts[:end], root), ".".join(parts[:end])
        if section is None:
            raise ATMGCNError(f"--set {shown}: {parent} is one value and has no keys; write {parent}=value")
        if parts[end] not in section.model_fields:
            raise ATMGCNError(f"--set: {unknown_key(parts[: end + 1], root)}")
    section, key = section_of(parts, root), ".".join(parts)
    if section is not None and not isinstance(value, dict):
        example = next(
            name for name in keys_of(root) if name.startswith(f"{key}.") and not section_of(name.split("."), root)
        )
        raise ATMGCNError(f"--set {shown}: {key} is a section; set one of its keys, such as {example}=value")
