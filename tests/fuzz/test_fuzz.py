"""Cases of every kind: a few always, a hundred in .ci/run, a thousand under the marker ``fuzz``."""

import pytest

from tests.fuzz.harness import run_cases
from tests.fuzz.kinds import KINDS


def none_fails(kind: str, seeds: range) -> None:
    counts = run_cases(kind, seeds)
    assert counts.failures == []
    assert sum(counts.outcomes.values()) == len(seeds)
    assert counts.outcomes["refused"] > len(seeds) / 10  # otherwise nothing was damaged


@pytest.mark.parametrize("kind", KINDS)
def test_a_few_cases(kind):
    none_fails(kind, range(4))


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_hundred_cases(kind):
    none_fails(kind, range(100, 200))


@pytest.mark.fuzz
@pytest.mark.parametrize("kind", KINDS)
def test_a_thousand_cases(kind):
    none_fails(kind, range(1_000, 2_000))
