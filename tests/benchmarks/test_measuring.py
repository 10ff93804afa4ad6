from types import SimpleNamespace

import pytest
import torch

from benchmarks.common.memory import peak, resident_peak
from benchmarks.common.timing import interleave, spread
from benchmarks.layer.cases import DEFAULT, FULL, QUICK, Case, draw
from benchmarks.layer.compare import Settings
from benchmarks.layer.scaling import scale, slope


def test_sizes_read_back():
    for text in [*DEFAULT, *QUICK, *FULL]:
        assert str(Case.parse(text)) == text


@pytest.mark.parametrize("text", ["16x63x2", "16x63x2x", "0x63x2x8", "16x0x2x8", "16x63x2x8q", ""])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(ValueError, match="is not a size"):
        Case.parse(text)


def test_inputs_repeat_for_a_seed():
    first, again, other = (draw(Case.parse("4x9x2x3r"), seed=seed) for seed in (1, 1, 2))
    assert torch.equal(first.x, again.x)
    assert torch.equal(first.edge_weight, again.edge_weight)
    assert not torch.equal(first.x[:4], other.x[:4])
    assert first.num_nodes.max() == 9


def test_peak_counts_what_is_alive_at_once():
    x = torch.ones(1000)  # 4000 bytes

    def call():
        first = x + 1  # 4000
        second = first + 1  # 8000
        del first
        return second + 1  # 8000

    assert 8000 <= peak(call, "cpu") < 8100  # a little for the constants


def test_the_process_holds_what_it_touched():
    before = resident_peak()
    if before is None:
        pytest.skip("this system does not say")
    torch.ones(100_000_000, dtype=torch.uint8)
    assert resident_peak() >= 100_000_000
    assert resident_peak() >= before


@pytest.fixture
def spend(monkeypatch):
    """Let so many seconds go by on the clock of the benchmarks."""
    clock = [0.0]
    monkeypatch.setattr("benchmarks.common.timing.time", SimpleNamespace(perf_counter=lambda: clock[0]))

    def spend(seconds):
        clock[0] += seconds

    return spend


def test_times_are_per_call(spend):
    calls = []
    ways = {"slow": lambda: spend(0.01), "fast": lambda: (calls.append(1), spend(0.0001))}
    times = interleave(ways, "cpu", 3, 5.0, 0)
    assert times["slow"].median == pytest.approx(0.01) and times["fast"].median == pytest.approx(0.0001)
    assert times["slow"].rounds == times["fast"].rounds == 3
    assert len(calls) == 2 + 3 * 20  # two to warm up; 2 ms are a reading


def test_what_has_spent_its_share_is_read_less_often(spend):
    times = interleave({"slow": lambda: spend(2.0), "fast": lambda: spend(0.1)}, "cpu", 10, 5.0, 0)
    assert (times["slow"].rounds, times["fast"].rounds) == (3, 10)


def test_sides_take_turns(spend):
    turns = []
    interleave({name: lambda name=name: (turns.append(name), spend(0.002)) for name in "ab"}, "cpu", 4, 5.0, 0)
    rounds = turns[4:]  # after the warm-up
    assert [set(rounds[i : i + 2]) for i in range(0, 8, 2)] == [{"a", "b"}] * 4


def test_quartiles():
    result = spread([5.0, 1.0, 2.0, 4.0, 3.0])
    assert (result.low, result.median, result.high) == (2.0, 3.0, 4.0)


def test_slope_of_a_power():
    assert slope((10, 100, 1000), [2 * n**1.5 for n in (10, 100, 1000)]) == pytest.approx(1.5)


def test_time_and_memory_of_long_clips():
    found = scale(Settings(rounds=2, budget=0.01), compile=False, lengths=(64, 128))
    assert [point.nodes for point in found.points] == [64, 128] and all(point.seconds > 0 for point in found.points)
