import pytest
import torch

from benchmarks.layer import rivals, sides
from benchmarks.layer.cases import Case, draw
from benchmarks.layer.compare import Settings, compare_layers
from benchmarks.layer.gate import largest_deviation, reference
from benchmarks.layer.page.tables import side_of

FAST = Settings(rounds=2, budget=0.1)
WAYS = [sides.edges, sides.layer, sides.dense, rivals.gcn, rivals.csr]


@pytest.mark.parametrize("size", ["1x1x0x3", "3x7x1x4r", "2x15x2x4", "5x9x8x3r"])
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_every_way_passes_in_output_and_gradients(way, size):
    batch = draw(Case.parse(size))
    call = way(batch, 1e9)
    assert {"out", "x", "weight", "bias"} < set(call.values())
    assert len(call.values()) == 5  # one of them is the gradient of the edge weights
    assert largest_deviation(call, reference(batch, 1e9))[0] < 1e-5


def test_the_reference_is_the_same_by_dense_matrices_and_by_edges():
    batch = draw(Case.parse("3x9x2x4r"))
    dense, edges = reference(batch, 1e9), reference(batch, 0)
    for name in dense:
        assert torch.allclose(dense[name], edges[name], atol=1e-12), name


def test_a_wrong_answer_gets_no_time(wrong):
    result = side_of(compare_layers(Case.parse("2x7x1x8"), FAST), "TMGCNConv edges")
    assert result.wrong
    assert result.deviation > 1e-4
    assert result.forward is None
    assert result.train is None
    assert result.note.startswith("wrong: ")


@pytest.mark.parametrize("name", ["x", "weight", "A"])
def test_a_wrong_gradient_is_found(name):
    batch = draw(Case.parse("2x7x1x8"))
    call = sides.layer(batch, 1e9)
    flat = call.flat
    call.flat = lambda part, value: flat(part, value) * (1.001 if part == name else 1)
    error, where = largest_deviation(call, reference(batch, 1e9))
    assert where == name
    assert error > 1e-4


def test_what_is_not_a_number_deviates_infinitely():
    batch = draw(Case.parse("2x7x1x8"))
    call = sides.edges(batch, 1e9)
    call.flat = lambda part, value: value * float("nan") if part == "bias" else value
    assert largest_deviation(call, reference(batch, 1e9)) == (float("inf"), "bias")


def test_a_side_above_the_memory_limit_is_skipped_with_the_reason(eager):
    result = compare_layers(Case.parse("1x63x1x8"), Settings(rounds=2, budget=0.1, limit=4 * 4 * 63**2 - 1))
    dense = side_of(result, "DenseTMGCNConv")
    assert dense.train is None
    assert "more than the limit" in dense.note
    assert not dense.wrong
    assert side_of(result, "TMGCNConv").train is not None
