"""Settings as YAML: what a plain scalar means is left to the setting that takes it.

YAML 1.1 reads ``no`` as false, ``1:30`` as 90, ``2020-01-01`` as a date and ``3e-4`` as text; YAML 1.2 reads a class
called ``1e3`` as a number. Here every scalar stays text but null, and the type of the setting says whether ``3e-4`` is
a number or a name.
"""

import re
from typing import Any

import yaml

_PREFIX = "tag:yaml.org,2002:"
_SCALARS = ("str", "int", "float", "bool")  # with an explicit tag too, such as !!int
_EXPONENT = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+")
_OTHER_BASE = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_INFINITE = re.compile(r"([-+]?)\.(inf|nan)", re.IGNORECASE)
_LONGEST = 60  # characters of a key that are shown
_MOST_VALUES = 100_000  # where an alias counts as often as what it stands for


class _RefusedError(ValueError):
    """What is not YAML that holds settings."""


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers = {}  # noqa: RUF012  the base class declares it
    yaml_constructors = {  # noqa: RUF012
        _PREFIX + "null": yaml.SafeLoader.construct_yaml_null,
        _PREFIX + "seq": yaml.SafeLoader.construct_yaml_seq,
        _PREFIX + "map": yaml.SafeLoader.construct_yaml_map,
        None: yaml.SafeLoader.construct_undefined,
    }

    def get_single_node(self) -> yaml.Node | None:
        node = super().get_single_node()
        if node is not None and _size(node, {}) > _MOST_VALUES:
            raise _RefusedError(f"holds more than {_MOST_VALUES:,} values, each alias counted as what it stands for")
        return node

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        lines: dict[str, int] = {}
        for key, _ in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise _RefusedError(f"line {line}: a key must be a name, not a list or mapping")
            if key.value in lines:
                name, first = key.value[:_LONGEST], lines[key.value]
                raise _RefusedError(f"line {line}: the key {name!r} occurs in line {first} too; keep one")
            lines[key.value] = line
        return node


_Loader.add_implicit_resolver(_PREFIX + "null", re.compile(r"(~|null|Null|NULL|)$"), ["~", "n", "N", ""])
_Loader.add_implicit_resolver(_PREFIX + "merge", re.compile("<<$"), ["<"])
for _name in _SCALARS:
    _Loader.add_constructor(_PREFIX + _name, lambda loader, node: _scalar(loader, node))


def _scalar(loader: Any, node: yaml.Node) -> str:
    text = loader.construct_scalar(node)
    text.encode()  # half of a surrogate pair is no character
    return text


class _Dumper(yaml.SafeDumper):
    """Quotes what any version of YAML would read as something else than text."""


_Dumper.add_implicit_resolver(_PREFIX + "float", re.compile(f"({_EXPONENT.pattern})$"), list("-+.0123456789"))
_Dumper.add_implicit_resolver(_PREFIX + "int", re.compile(f"({_OTHER_BASE.pattern})$"), ["0"])


def read_settings(text: str) -> Any:
    """Mappings and lists of text and None; None for an empty document.

    Raises:
        ValueError: If the text is not YAML, a key occurs twice in a mapping, or aliases make it very large.
    """
    try:
        return yaml.load(text, _Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}: " if mark else ""
        raise ValueError(f"is not YAML ({place}{error.problem or error.context})") from error
    except yaml.YAMLError as error:
        raise ValueError(f"is not YAML ({' '.join(str(error).split())})") from error
    except RecursionError as error:
        raise ValueError("is not YAML that holds settings: it nests too deeply") from error
    except _RefusedError:
        raise
    except (OverflowError, ValueError) as error:
        raise ValueError("is not YAML: an escape such as \\U00110000 stands for no character") from error


def _size(node: yaml.Node, known: dict[int, int]) -> int:
    """Values in a node; one that is part of itself has no end."""
    if id(node) in known:
        if known[id(node)] == 0:
            raise _RefusedError(f"line {node.start_mark.line + 1}: an alias stands for what it is part of")
        return known[id(node)]
    known[id(node)] = 0
    parts = node.value if isinstance(node, yaml.CollectionNode) else ()
    size = 1 + sum(_size(part, known) for pair in parts for part in (pair if isinstance(pair, tuple) else (pair,)))
    known[id(node)] = size
    return size


def write_settings(settings: dict[str, Any]) -> str:
    """Settings as YAML that every version of it, and :func:`read_settings`, reads as they are."""
    return yaml.dump(settings, Dumper=_Dumper, sort_keys=False)


def whole_number(value: Any) -> Any:
    """``"1e3"``, ``"0x1f"`` and ``"0o17"`` as the integers that YAML 1.2 takes them for; all else as it is."""
    if not isinstance(value, str):
        return value
    if _OTHER_BASE.fullmatch(value):
        return int(value, 0)
    number = float(value) if _EXPONENT.fullmatch(value) else 0.5
    return int(number) if number.is_integer() else value


def number(value: Any) -> Any:
    """``".inf"`` and ``".nan"`` as the floats that YAML takes them for; all else as it is."""
    match = _INFINITE.fullmatch(value) if isinstance(value, str) else None
    return float(match[1] + match[2]) if match else value
