import json

import pytest
import torch
from click.testing import CliRunner
from pydantic import ValidationError

from benchmarks.layer.page import render
from benchmarks.layer.page.schema import Results
from benchmarks.layer.page.tables import losses, ratio_table, side_of
from benchmarks.layer.sparse_vs_dense import main


def run(path, *options):
    sizes = ["--sizes", "2x5x1x8,2x9x1x8r,2x9x1x8"]
    short = ["--layers-only", "--rounds", "2", "--threads", str(torch.get_num_threads())]
    return CliRunner().invoke(main, ["--out", str(path), *short, *sizes, *options])


@pytest.fixture(scope="module")
def once(eager, tmp_path_factory):
    path = tmp_path_factory.mktemp("results") / "results.json"
    assert run(path).exit_code == 0
    return path.read_text()


@pytest.fixture
def results(once, tmp_path):
    path = tmp_path / "results.json"
    path.write_text(once)
    return path


def test_the_file_follows_its_schema(results):
    content = Results.read(results)
    assert content.schema_version == 1
    assert content.machine.name
    assert content.machine.versions["torch"]
    assert [case.case for case in content.layers] == ["2x5x1x8", "2x9x1x8r", "2x9x1x8"]
    for case in content.layers:
        for side in case.sides:
            assert side.note or side.train.low <= side.train.median <= side.train.high
            assert side.note or side.train_peak > 0
            assert side.note or not side.same or side.deviation <= content.tolerance


@pytest.mark.parametrize("change", [{"schema_version": 2}, {"surprise": 1}, {"machine": None}])
def test_another_file_is_refused(results, change):
    results.write_text(json.dumps(json.loads(results.read_text()) | change))
    with pytest.raises(ValidationError):
        Results.read(results)


def test_a_wrong_side_ends_the_program_with_1(wrong, tmp_path):
    outcome = run(tmp_path / "results.json")
    assert outcome.exit_code == 1
    assert "TMGCNConv edges at 2x5x1x8: wrong: " in outcome.output
    assert Results.read(tmp_path / "results.json").wrong


@pytest.mark.parametrize("options", [["--sizes", "16x63"], ["--device", "cuda:99"], ["--rounds", "0"]])
def test_bad_options_are_usage_errors(options, tmp_path):
    assert CliRunner().invoke(main, ["--out", str(tmp_path / "r.json"), *options]).exit_code == 2


def test_the_page_is_written_from_the_file(results, tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{render.BEGIN}\nolder\n{render.END}\nafter\n")
    outcome = CliRunner().invoke(render.main, [str(results), "--folder", str(tmp_path)])
    assert outcome.exit_code == 0, outcome.output
    page = readme.read_text()
    assert page.startswith("before\n")
    assert page.endswith("after\n")
    assert "older" not in page
    assert "| B 2, n 1 to 9, w 1, F 8 |" in page
    for plot in ("time.png", "memory.png"):
        assert 5_000 < (tmp_path / plot).stat().st_size < 150_000


def test_losses_name_who_is_faster_and_by_how_much(results):
    case = Results.read(results).layers[0]
    ours, given, rival = (side_of(case, n) for n in ("TMGCNConv", "TMGCNConv, given N(A)", "torch sparse CSR"))
    time = rival.train
    for side in case.sides:
        side.train = side.forward = None
    ours.train = given.train = rival.train = time
    assert losses([case], ("TMGCNConv",)) == []
    ours.train, given.train, rival.train = (
        time.model_copy(update={"low": t, "median": t, "high": t}) for t in (0.006, 0.003, 0.004)
    )
    [line] = losses([case], ("TMGCNConv", "TMGCNConv, compiled"))
    assert line == "B 2, n 5, w 1, F 8, forward + backward, 6 ms: torch sparse CSR (1.50; 0.75)"
    assert losses([case], ("TMGCNConv, compiled",)) == []


def test_a_disturbed_size_is_marked(results):
    case = Results.read(results).layers[0]
    case.sides = [floor := side_of(case, "Linear")]
    floor.train = floor.train.model_copy(update={"low": 0.001, "high": 0.0012})
    assert "†" not in ratio_table([case], "train")
    floor.train = floor.train.model_copy(update={"high": 0.0014})
    assert "| B 2, n 5, w 1, F 8 † |" in ratio_table([case], "train")
