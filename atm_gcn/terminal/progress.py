"""Progress bars on stderr with the time left, which disappear at the end; without a terminal, nothing."""

import os
import sys
from collections.abc import Iterable, Iterator, Sized
from typing import Any, TypeVar

T = TypeVar("T")

DELAY = 1.0  # seconds before a bar appears: what ends sooner needs none
_KNOWN = "{desc}: {percentage:3.0f}%|{bar}| {n:.0f} of {total:.0f} {unit}, {remaining} left"
_UNKNOWN = "{desc}: {n:.0f} {unit}, {elapsed} elapsed"

_shown = True


def show_progress(shown: bool) -> None:
    """Whether this process shows progress on a terminal, as it does by default."""
    global _shown
    _shown = shown


def is_live() -> bool:
    """Whether progress is shown: stderr is a terminal, and :func:`show_progress` did not turn it off."""
    return _shown and sys.stderr.isatty()


def bar_size() -> dict[str, Any]:
    """Arguments of tqdm: the size follows the terminal, if it has one; a pseudo-terminal may have none."""
    try:
        has_size = os.get_terminal_size(sys.stderr.fileno()).columns > 0
    except (OSError, ValueError, AttributeError):
        has_size = False
    return {"dynamic_ncols": True} if has_size else {"ncols": 80, "nrows": 24}


def progress_bar(total: float | None, label: str, unit: str = "clips", initial: float = 0, visible: bool = True) -> Any:
    """A bar of tqdm, to be closed, or used in a ``with`` statement.

    Args:
        total: Number of units; None where it is unknown.
        label: What is done: ``"frames read"``.
        unit: What is counted, in the plural.
        initial: Units that were done before.
        visible: Whether to show it where progress is shown.
    """
    from tqdm import tqdm

    return tqdm(
        total=total,
        desc=label,
        unit=unit,
        initial=initial,
        bar_format=_UNKNOWN if total is None else _KNOWN,
        delay=DELAY,
        leave=False,
        disable=not (visible and is_live()),
        file=sys.stderr,
        **bar_size(),
    )


def track(
    items: Iterable[T], label: str, unit: str = "clips", total: int | None = None, visible: bool = True
) -> Iterator[T]:
    """Iterate with a progress bar; arguments as for :func:`progress_bar`.

    ``total`` is by default the length of ``items``.
    """
    if total is None and isinstance(items, Sized):
        total = len(items)
    with progress_bar(total, label, unit, visible=visible) as bar:
        for item in items:
            yield item
            bar.update()
