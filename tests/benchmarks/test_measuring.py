import time

import pytest
import torch

from benchmarks.cases import DEFAULT, FULL, QUICK, Case, draw
from benchmarks.memory import peak, resident_peak
from benchmarks.scaling import slope
from benchmarks.timing import interleave, spread


def test_sizes_read_back():
    for text in [*DEFAULT, *QUICK, *FULL]:
        assert str(Case.parse(text)) == text


@pytest.mark.parametrize("text", ["16x63x2", "16x63x2x", "0x63x2x8", "16x0x2x8", "16x63x2x8q", ""])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(ValueError, match="is no size"):
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


def test_times_are_per_call():
    times = interleave({"slow": lambda: time.sleep(0.01), "fast": lambda: time.sleep(0.0001)}, "cpu", 3, 5.0, 0)
    assert 0.01 <= times["slow"].median < 0.05
    assert 0.0001 <= times["fast"].median < 0.0015  # repeated to 2 ms
    assert times["slow"].rounds == 3


def test_sides_take_turns():
    turns = []
    interleave({name: lambda name=name: (turns.append(name), time.sleep(0.002)) for name in "ab"}, "cpu", 4, 5.0, 0)
    rounds = turns[4:]  # after the warm-up
    assert [set(rounds[i : i + 2]) for i in range(0, 8, 2)] == [{"a", "b"}] * 4


def test_quartiles():
    result = spread([5.0, 1.0, 2.0, 4.0, 3.0])
    assert (result.low, result.median, result.high) == (2.0, 3.0, 4.0)


def test_slope_of_a_power():
    assert slope((10, 100, 1000), [2 * n**1.5 for n in (10, 100, 1000)]) == pytest.approx(1.5)
