"""Error messages about settings: the name of the setting, what it takes, and what was given."""

import types
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from atm_gcn.errors import did_you_mean, either, nearest

LONGEST = 60  # characters of a value that are shown
_OTHER_NAMES = {"learning_rate": "lr", "gamma": "focal_gamma", "decay": "lr_decay"}
"""Names of settings in other libraries."""
_MOST_BITS = 1000  # of a number that is written out
_ONE = {int: "a whole number", float: "a number", str: "text"}
_MANY = {int: "whole numbers", float: "numbers", str: "names such as [a, b]"}
_BOUNDS = {"gt": "greater than", "ge": "at least", "lt": "less than", "le": "at most"}
_BOUND_ERRORS = {"greater_than", "greater_than_equal", "less_than", "less_than_equal"}


def describe(error: ValidationError, root: type[BaseModel]) -> str:
    """The first problem of a pydantic error: ``"train.optim.epochs must be greater than 0, not -3"``.

    Args:
        error: Raised by ``root``.
        root: The settings. What its own validators raise must begin with the name of a setting.
    """
    first = error.errors()[0]
    loc, kind, given = _without_tags(first["loc"], root), first["type"], written(first["input"])
    if kind == "union_tag_invalid":
        known, name = _names_of_sections(loc, root), first["input"].get("name")
        near = did_you_mean(name, known) if isinstance(name, str) else ""
        return f"{'.'.join(map(str, loc))}.name must be {either(known)}, not {written(name)}{near}"
    if kind in ("extra_forbidden", "invalid_key"):
        return unknown_key([str(part) for part in loc], root)
    names = _names(loc, root)
    key = ".".join(names)
    section = section_of(names, root)
    if kind == "value_error":
        return ("." if section or not names else " ").join(filter(None, [key, str(first["ctx"]["error"])]))
    if section is not None:
        return f"{key or 'it'} must be a section with keys such as {next(iter(section.model_fields))}, not {given}"
    parent = section_of(names[:-1], root) or root
    annotation, metadata = parent.model_fields[names[-1]].annotation, parent.model_fields[names[-1]].metadata
    place = loc[len(names)] if len(loc) > len(names) else None
    if isinstance(place, int) and kind != "missing":
        key, annotation, metadata = f"{key}[{place}]", _item(annotation), []
    bounds = _bounds(_plain(annotation, metadata)[1])
    if kind == "finite_number":
        return f"{key} must be a finite number {bounds}, not {given}"
    if kind in _BOUND_ERRORS and bounds and not isinstance(place, str):
        return f"{key} must be {bounds}, not {given}"
    near = did_you_mean(first["input"], _choices(annotation)) if isinstance(first["input"], str) else ""
    return f"{key} must be {either(_taken(annotation, metadata))}, not {given}{near}"


def location(error: ValidationError) -> str:
    """The place of the first problem of a pydantic error, for files that no user writes: ``"folds.0.folder"``."""
    return ".".join(str(part)[:LONGEST] for part in error.errors()[0]["loc"])


def unknown_key(parts: Sequence[str], root: type[BaseModel]) -> str:
    """Names the nearest setting, or else those that are known in the section."""
    key, known = ".".join(parts)[:LONGEST], list(keys_of(root))
    if key in known and any("." in part for part in parts):
        *sections, name = key.split(".")
        return f"unknown key {key!r}; write {name!r} below '{': '.join(sections)}:'"
    section = section_of(parts[:-1], root) or root
    if len(parts) > 1 and parts[-1] in section.model_fields:
        own, *_ = _names_of_sections(parts[:-1], root)
        return f"{key} is a setting of {own}, not of this model; leave it out"
    here = {name: ".".join([*parts[:-1], name]) for name in section.model_fields}
    anywhere = {name.rpartition(".")[2]: name for name in known}
    last = parts[-1].rpartition(".")[2]
    last = _OTHER_NAMES.get(last, last)
    near = nearest(last, here) or nearest(last, anywhere)
    full = anywhere.get(last) or here.get(near) or anywhere.get(near)
    return f"unknown key {key!r}; " + (f"did you mean {full!r}?" if full else f"known here: {', '.join(here)}")


def section_of(parts: Sequence[str], root: type[BaseModel]) -> type[BaseModel] | None:
    """The section that dotted names lead to, None if they lead to a single setting or nowhere.

    Of a section that can be one of several, it is the first, which has all settings of the others.
    """
    section: Any = root
    for part in parts:
        if part not in section.model_fields:
            return None
        section = next(iter(_sections(section.model_fields[part].annotation)), None)
        if section is None:
            return None
    return section


def _sections(annotation: Any) -> list[type[BaseModel]]:
    """The sections that a setting can be."""
    if isinstance(annotation, type):
        return [annotation] if issubclass(annotation, BaseModel) else []
    if get_origin(annotation) in (Union, types.UnionType, Annotated):
        return [section for part in get_args(annotation) for section in _sections(part)]
    return []


def written(value: Any) -> str:
    """A value as YAML would have it, shortened."""
    text = _flow(value, 0)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def _flow(value: Any, depth: int) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if depth > 2:
        return "..."
    if isinstance(value, list | tuple):
        return f"[{', '.join(_flow(item, depth + 1) for item in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_flow(item, depth + 1)}' for key, item in value.items())}}}"
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        return "a number of very many digits"
    return repr(value) if isinstance(value, str) and not (depth or _is_number(value)) else str(value)


def _is_number(text: str) -> bool:
    try:
        float(text.replace(".inf", "inf").replace(".nan", "nan"))
    except ValueError:
        return False
    return True


def keys_of(root: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """The dotted names of all sections and settings."""
    for name in root.model_fields:
        section = section_of([name], root)
        yield prefix + name
        if section is not None:
            yield from keys_of(section, f"{prefix}{name}.")


def _names(loc: Sequence[int | str], root: type[BaseModel]) -> list[str]:
    """The part of a pydantic location that names a setting; behind it follow items and branches of a union."""
    names: list[str] = []
    for part in loc:
        section = section_of(names, root)
        if section is None or part not in section.model_fields:
            break
        names.append(str(part))
    return names


def _without_tags(loc: Sequence[int | str], root: type[BaseModel]) -> tuple[int | str, ...]:
    """A pydantic location without what says, after a section that can be one of several, which of them it is."""
    place = len(_names(loc, root))
    several = 0 < place < len(loc) and len(_sections_at(loc[:place], root)) > 1
    return (*loc[:place], *loc[place + 1 :]) if several else tuple(loc)


def _sections_at(loc: Sequence[int | str], root: type[BaseModel]) -> list[type[BaseModel]]:
    *parents, last = map(str, loc)
    return _sections((section_of(parents, root) or root).model_fields[last].annotation)


def _names_of_sections(loc: Sequence[int | str], root: type[BaseModel]) -> list[str]:
    """The names of a section that can be one of several."""
    names: dict[str, None] = {}
    for section in _sections_at(loc, root):
        annotation: Any = section.model_fields["name"].annotation
        names |= dict.fromkeys(get_args(annotation))
    return list(names)


def _taken(annotation: Any, metadata: Sequence[Any] = ()) -> list[str]:
    """What a setting takes, in words, one for each alternative."""
    base, bounds = _plain(annotation, metadata)
    if base is bool:
        return ["true", "false"]
    if base in (None, types.NoneType):
        return ["null"]
    if get_origin(base) is Literal:
        return [str(choice) for choice in get_args(base)]
    if get_origin(base) in (Union, types.UnionType):
        return [word for part in get_args(base) for word in _taken(part)]
    if get_origin(base) in (list, tuple):
        count = f"{len(get_args(base))} " if get_origin(base) is tuple else ""
        item, item_bounds = _plain(_item(base))
        return [" ".join(filter(None, [f"a list of {count}{_MANY[item]}", _bounds(item_bounds)]))]
    limits = _bounds(bounds)
    return [" ".join(filter(None, [_ONE[base], "of" if limits.startswith("at") else "", limits]))]


def _plain(annotation: Any, metadata: Sequence[Any] = ()) -> tuple[Any, list[Any]]:
    """A type without its annotations, and these; of ``X | None``, those of X."""
    found = list(metadata)
    parts = [part for part in get_args(annotation) if part is not types.NoneType]
    if get_origin(annotation) in (Union, types.UnionType) and len(parts) == 1:
        return annotation, found + _plain(parts[0])[1]
    if get_origin(annotation) is Annotated:
        annotation, *more = parts
        found += more
    return annotation, found


def _item(annotation: Any) -> Any:
    """The type of a list's items."""
    parts = [part for part in get_args(annotation) if part is not types.NoneType]
    return _item(parts[0]) if get_origin(annotation) in (Union, types.UnionType, Annotated) else parts[0]


def _bounds(metadata: Sequence[Any]) -> str:
    """``"greater than 0 and at most 1"``; empty without limits."""
    flat = [inner for item in metadata for inner in (item, *getattr(item, "metadata", ()))]
    limits = {name: getattr(item, name) for item in flat for name in _BOUNDS if getattr(item, name, None) is not None}
    words = {name: f"{limit:,}" if isinstance(limit, int) else f"{limit:g}" for name, limit in limits.items()}
    if set(words) == {"ge", "le"}:
        return f"from {words['ge']} to {words['le']}"
    return " and ".join(f"{_BOUNDS[name]} {limit}" for name, limit in words.items())


def _choices(annotation: Any) -> list[str]:
    """The words that a setting takes literally."""
    inner = [choice for part in get_args(annotation) if get_origin(part) is Literal for choice in get_args(part)]
    return [str(choice) for choice in (get_args(annotation) if get_origin(annotation) is Literal else inner)]
