"""Types of options whose errors name the option, its limits and the given value in one sentence."""

import math
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import click

from atm_gcn.config import MODELS
from atm_gcn.config.fields import FACE_CHOICES, MOST_FACES
from atm_gcn.data.labels import schemes_of
from atm_gcn.errors import did_you_mean, either
from atm_gcn.files.outputs import is_special


class Whole(click.IntRange):
    """A whole number between limits."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            number = int(value)
        except ValueError as error:
            raise invalid_value(parameter_name(param), "be a whole number", value, ctx=ctx) from error
        return _within(self, number, param, ctx)


class WholeOrAll(click.ParamType):
    """A whole number from 1, or ``all``, which gives None."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | None:
        if value == "all":
            return None
        if not (str(value).isdecimal() and len(str(value)) < 9 and int(value)):
            must = "be all, or a whole number from 1"
            raise invalid_value(parameter_name(param), must, value, ["all"], ctx)
        return int(value)


class Number(click.FloatRange):
    """A finite number between limits."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            number = float(value)
        except ValueError as error:
            raise invalid_value(parameter_name(param), "be a number", value, ctx=ctx) from error
        if not math.isfinite(number):
            raise invalid_value(parameter_name(param), "be a finite number", number, ctx=ctx)
        return _within(self, number, param, ctx)


class OneOf(click.Choice):
    """One of a few words."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value in self.choices:
            return value
        raise invalid_value(parameter_name(param), f"be {either(self.choices)}", value, self.choices, ctx)

    def get_missing_message(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        return f"It must be {either(self.choices)}."


class Models(click.ParamType):
    """Comma-separated names of models, or ``all``, which gives none."""

    name = "names"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        names = value if isinstance(value, tuple) else tuple(name.strip() for name in str(value).split(","))
        if names == ("all",):
            return ()
        for name in names:
            if name not in MODELS:
                must = f"be all alone, or some of {', '.join(MODELS)}"
                raise invalid_value(parameter_name(param), must, name, MODELS, ctx)
            if names.count(name) > 1:
                raise invalid_value(parameter_name(param), "name each model once", str(value), ctx=ctx)
        return names


class FaceChoice(click.ParamType):
    """Which face of several is meant: a word, or its number from the left.

    Args:
        others: Further words.
    """

    name = "choice"

    def __init__(self, others: Collection[str] = ()) -> None:
        self.words = [*FACE_CHOICES, *others]

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str | int:
        if value in self.words:
            return value
        if str(value).isdecimal() and len(str(value)) < 9 and 1 <= int(value) <= MOST_FACES:
            return int(value)
        must = f"be {', '.join(self.words)}, or the number of the face from the left"
        raise invalid_value(parameter_name(param), must, value, self.words, ctx)


def option_group(*options: Callable) -> Callable:
    """A decorator that adds options to a command, in this order."""

    def add(command: Callable) -> Callable:
        for option in reversed(options):
            command = option(command)
        return command

    return add


PATH = click.Path(path_type=Path)
FPS = Number(min=0, min_open=True)


def invalid_value(
    name: str, must: str, given: object, known: Collection[str] = (), ctx: click.Context | None = None
) -> click.UsageError:
    """``--size must be at least 64, not 48``, with the most similar of the known words, if one is similar."""
    shown = f"{given:g}" if isinstance(given, float) else repr(given)
    return click.UsageError(f"{name} must {must}, not {shown}{did_you_mean(str(given), known)}", ctx)


def check_suffix(name: str, path: Path, suffixes: Collection[str], or_special: bool = True) -> None:
    """Check, before any work is done, that a file to write has one of these suffixes.

    Args:
        name: The option.
        path: The file.
        suffixes: The allowed suffixes.
        or_special: Whether a device or a pipe may have any name.
    """
    if path.suffix.lower() not in suffixes and not (or_special and is_special(path)):
        raise invalid_value(name, f"end in {either(suffixes)}", str(path))


def check_scheme(dataset: str, scheme: str | None) -> None:
    """Check that a label scheme belongs to the dataset."""
    known = schemes_of(dataset)
    if scheme is not None and scheme not in known:
        must = f"be {either(known)} for {dataset}" if known else f"be left out for {dataset}, which has its own labels"
        raise invalid_value("--scheme", must, scheme, known)


def parameter_name(param: click.Parameter | None) -> str:
    """``--size`` of an option, DATASET of an argument."""
    return param.opts[0] if isinstance(param, click.Option) else param.human_readable_name if param else "the value"


def _shown(limit: float) -> str:
    return f"{limit:,}" if isinstance(limit, int) else f"{limit:g}"


def _within(limits: Whole | Number, number: float, param: click.Parameter | None, ctx: click.Context | None) -> Any:
    low, high = limits.min, limits.max
    below = low is not None and (number <= low if limits.min_open else number < low)
    above = high is not None and (number >= high if limits.max_open else number > high)
    if not (below or above):
        return number
    if low is not None and high is not None and not (limits.min_open or limits.max_open):
        raise invalid_value(parameter_name(param), f"be from {_shown(low)} to {_shown(high)}", number, ctx=ctx)
    least = f"be {'greater than' if limits.min_open else 'at least'} {low:g}" if below else ""
    most = f"be {'less than' if limits.max_open else 'at most'} {high:g}" if above else ""
    raise invalid_value(parameter_name(param), least or most, number, ctx=ctx)
