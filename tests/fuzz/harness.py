"""Runs cases of one kind in a process of their own, and counts what came of them.

A case fails if an exception escapes, if it takes more than :data:`SECONDS`, if it takes more than :data:`GROWTH` bytes,
if the process dies, if an error is no single sentence, or if the result differs from the undamaged one without a word.
"""

import json
import logging
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Protocol

from atm_gcn.errors import ATMGCNError

SECONDS = 10
GROWTH = 1 << 30
LONGEST_SENTENCE = 1_500
UNCHANGED, REFUSED, WARNED, ACCEPTED, FAILED = "unchanged", "refused", "warned", "accepted", "failed"
OUTCOMES = (UNCHANGED, REFUSED, WARNED, ACCEPTED, FAILED)


class Kind(Protocol):
    """An input of one kind."""

    def make(self, folder: Path) -> None:
        """Write the undamaged input into a folder."""

    def mutate(self, rng: Random, folder: Path) -> bool:
        """Change the input in a folder; return whether it is a sound input with another content then."""

    def read(self, folder: Path) -> Any:
        """What the product makes of the input: something that can be compared."""


@dataclass
class Counts:
    """What came of the cases of one kind.

    Args:
        outcomes: Number of cases, by outcome.
        failures: Seed and reason of each case that failed.
        slowest: Seconds of the slowest case.
    """

    outcomes: Counter = field(default_factory=Counter)
    failures: list[tuple[int, str]] = field(default_factory=list)
    slowest: float = 0.0

    def add(self, seed: int, outcome: str, text: str, seconds: float) -> None:
        """Count a case."""
        self.outcomes[outcome] += 1
        self.slowest = max(self.slowest, seconds)
        if outcome == FAILED:
            self.failures.append((seed, text))


def run_cases(name: str, seeds: Sequence[int]) -> Counts:
    """Run the cases of a kind; a process that dies or hangs is replaced, and its case has failed."""
    counts, left = Counts(), list(seeds)
    while left:
        for seed, outcome, text, seconds in _in_a_process(name, left):
            counts.add(seed, outcome, text, seconds)
            left.remove(seed)
    return counts


def _in_a_process(name: str, seeds: Sequence[int]) -> Iterator[tuple[int, str, str, float]]:
    command = [sys.executable, "-m", "tests.fuzz.worker", name, json.dumps(list(seeds))]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    begun = None
    try:
        while True:
            timer = threading.Timer(SECONDS + 50, process.kill)  # the first case waits for the imports
            timer.start()
            line = process.stdout.readline()
            timer.cancel()
            if not line:
                break
            message = json.loads(line)
            if len(message) == 1:
                begun = message[0]
            else:
                begun = None
                yield tuple(message)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    if begun is not None:
        yield begun, FAILED, f"the process ended with {process.returncode}", 0.0
    elif process.returncode not in (0, -signal.SIGKILL):
        raise RuntimeError(f"{name}: the worker ended with {process.returncode} between two cases")


def run_case(kind: Kind, original: Path, expected: Any, seed: int, folder: Path) -> tuple[str, str]:
    """Run one case in this process: copy the input to ``folder``, change it, read it; return outcome and reason."""
    shutil.copytree(original, folder, symlinks=True)
    with _Warnings() as warnings:
        try:
            may_differ = kind.mutate(Random(seed), folder)
            before = _peak()
            signal.signal(signal.SIGALRM, _too_long)
            signal.alarm(SECONDS)
            found = kind.read(folder)
        except ATMGCNError as error:
            text = str(error)
            return (
                (REFUSED, text) if "\n" not in text and len(text) < LONGEST_SENTENCE else (FAILED, f"unclear: {text}")
            )
        except BaseException as error:
            return FAILED, "".join(traceback.format_exception(error)[-3:])
        finally:
            signal.alarm(0)
    if _peak() - before > GROWTH:
        return FAILED, f"took {(_peak() - before) / 1e9:.1f} GB"
    if found == expected:
        return UNCHANGED, ""
    if may_differ:
        return ACCEPTED, ""
    return (WARNED, warnings.texts[0]) if warnings.texts else (FAILED, "the result differs without a word")


def limit_memory() -> None:
    """Let this process have :data:`GROWTH` bytes more than now, and some for threads."""
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + 3 * GROWTH,) * 2)


def temporary_folder() -> tempfile.TemporaryDirectory:
    """A folder for one case."""
    return tempfile.TemporaryDirectory(prefix="atm-gcn-fuzz-")


class _Warnings(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())

    def __enter__(self) -> "_Warnings":
        logging.getLogger("atm_gcn").addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger("atm_gcn").removeHandler(self)


def _peak() -> int:
    """The most memory that this process had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _too_long(*_: object) -> None:
    raise TimeoutError(f"took more than {SECONDS} s")
