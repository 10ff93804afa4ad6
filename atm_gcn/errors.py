"""The error that atm_gcn raises for invalid input, and the import of optional packages."""

import difflib
import importlib
import re
from collections.abc import Iterable, Sequence
from types import ModuleType

NEAR = 0.6  # similarity from 0 to 1 from which a spelling is suggested
_OVERLONG = re.compile(r"[^\s/\\]{300,}(?<![:;,.])")
_OUT_OF_MEMORY = ("can't allocate memory", "could not create a primitive", "could not create a memory")
LONGEST_WORD = 100  # characters; comparing longer words takes long and suggests nothing useful


class ATMGCNError(Exception):
    """Invalid input. The message is one sentence that names the file or setting, the problem and the fix.

    The command line prints the sentence and exits with 1; a traceback appears with ``--debug`` only. Words that are
    longer than any file name, as damaged files may contain, are shortened.
    """

    def __init__(self, message: str = "") -> None:
        super().__init__(_OVERLONG.sub(lambda word: f"{word[0][:40]}... ({len(word[0]):,} characters)", str(message)))


class BatchError(ATMGCNError, ValueError):
    """A batch that a layer or a model cannot process. The message names the clip or attribute and the problem."""


class UnsuitableClipsError(ATMGCNError):
    """Clips that a model cannot read, for instance because they have no optical flow."""


class MissingPackageError(ATMGCNError):
    """An optional package is not installed. The message names the extra that installs it."""


class Interrupted(ATMGCNError):
    """Raised after SIGINT or SIGTERM, once resumable state is saved.

    Args:
        message: How to resume.
        signal: Number of the signal; the command line exits with 128 more, as shells do.
    """

    def __init__(self, message: str = "interrupted", signal: int = 2) -> None:
        super().__init__(message)
        self.signal = signal


def is_out_of_memory(error: Exception) -> bool:
    """Whether an error of torch or oneDNN means that a CPU has no memory left."""
    return any(text in str(error) for text in _OUT_OF_MEMORY)


def either(words: Iterable[str]) -> str:
    """``"a, b or c"``."""
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last


def listed(words: Iterable[str]) -> str:
    """``"a, b and c"``."""
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last


def some_of(names: Sequence[str], most: int = 5) -> str:
    """``"a, b"``, or the first few: ``"a, b, c, d, e and 3 more"``."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``"; did you mean 'cpu'?"``, or an empty string where no known word is near."""
    near = nearest(word, known)
    return f"; did you mean {near!r}?" if near else ""


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that is spelled most like ``word``; empty where none is."""
    if len(word) > LONGEST_WORD:
        return ""
    similarity = {name: difflib.SequenceMatcher(None, word.casefold(), name.casefold()).ratio() for name in known}
    near = max(similarity, key=lambda name: similarity[name], default="")  # the first of equal ones
    return near if near and similarity[near] >= NEAR else ""


def install_command(extra: str) -> str:
    """How to install an optional part: ``pip install -e '.[train]'``, in a checkout, since no package is published."""
    return f"pip install -e '.[{extra}]' in the checkout of atm-gcn"


def require(module: str, extra: str, purpose: str) -> ModuleType:
    """Import an optional module, or name the extra that installs it.

    Raises:
        MissingPackageError: If the module is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingPackageError(
            f"{purpose} needs {module.partition('.')[0]}, which is not installed: {install_command(extra)}"
        ) from error
