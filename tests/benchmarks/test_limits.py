"""What a machine cannot do in reasonable time is left out with the reason; the rest is not."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch
from click import ClickException
from click.testing import CliRunner

from atm_gcn.machine import Machine
from benchmarks.common.limits import lacks, lines_of, too_long
from benchmarks.common.results import LeftOut
from benchmarks.data.prepare import check_disk, numbers_of_jobs
from benchmarks.layer import call, sparse_vs_dense
from benchmarks.layer.cases import Case
from benchmarks.layer.compare import COMPILED, Settings, compare_layers
from benchmarks.layer.page.schema import Results
from benchmarks.layer.page.tables import side_of
from benchmarks.method import long_video
from benchmarks.training_step import train_step
from benchmarks.training_step.loss_curve import switches_on
from benchmarks.training_step.step_sides import SIDES, affordable, memory_of

SERVER = Machine(memory=256e9, bfloat16=True, compiler=True)
TO = ["--threads", str(torch.get_num_threads()), "--out"]
OLD = Machine(memory=256e9, bfloat16=False, compiler=False)


def test_what_is_lacking_is_named():
    assert lacks(SERVER, bfloat16=True, compile=True, needs=100e9) == ""
    assert lacks(OLD) == ""
    assert "bfloat16" in lacks(OLD, bfloat16=True) and "compiler" in lacks(OLD, compile=True)
    assert lacks(SERVER, needs=200e9) == "needs about 200.0 GB, more than 70% of 256.0 GB of memory"
    assert too_long(5, 6) == "" and too_long(7, 6) == "takes 7 s or more, and --longest is 6"


@pytest.mark.parametrize(
    ("machine", "names"),
    [
        (SERVER, {side.name for side in SIDES}),
        (OLD, {"plain", "plain, memory kept", "channels_last", "checkpoint"}),
        (replace(SERVER, memory=6e9), {"plain", "checkpoint", *(side.name for side in SIDES[4:] if side != SIDES[5])}),
        (replace(SERVER, memory=1e9), {"channels_last, bfloat16, checkpoint"}),
    ],
)
def test_sides_of_a_training_step(machine, names):
    taken, left_out = affordable(list(SIDES), 18, 224, machine)
    assert {side.name for side in taken} == names
    assert [one.what for one in left_out] == [side.name for side in SIDES if side.name not in names]
    assert sum(memory_of(side, 18, 224) for side in taken) <= 0.7 * machine.memory


def test_bfloat16_is_never_multiplied_where_it_is_slow(monkeypatch, tmp_path):
    monkeypatch.setattr(train_step.Limits, "of", lambda device: OLD)
    multiplied = []
    monkeypatch.setattr(train_step, "matrix_product_peak", lambda dtype, device: multiplied.append(dtype) or 1e9)
    monkeypatch.setattr(train_step, "Workers", Instant)
    options = [*TO, str(tmp_path / "r.json"), "--sides", "channels_last;channels_last, bfloat16", "--rounds", "2"]
    outcome = CliRunner().invoke(train_step.main, options, catch_exceptions=False)
    results = train_step.Results.read(tmp_path / "r.json")
    assert [str(dtype) for dtype in multiplied] == ["torch.float32"] and list(results.flops) == ["float32"]
    assert [row.side for row in results.sides] == ["plain", "channels_last"]
    assert [one.what for one in results.left_out] == ["channels_last, bfloat16"]
    assert "Left out: channels_last, bfloat16: the device has no instructions for bfloat16." in outcome.output


def test_a_side_whose_readings_take_too_long_is_left_out(monkeypatch, tmp_path):
    monkeypatch.setattr(train_step.Limits, "of", lambda device: OLD)
    monkeypatch.setattr(train_step, "matrix_product_peak", lambda dtype, device: 1e9)
    monkeypatch.setattr(train_step, "Workers", Instant)
    options = [*TO, str(tmp_path / "r.json"), "--sides", "checkpoint", "--rounds", "9", "--longest"]
    outcome = CliRunner().invoke(train_step.main, [*options, "20"], catch_exceptions=False)
    assert "Left out: checkpoint: takes 27 s or more, and --longest is 20." in outcome.output
    outcome = CliRunner().invoke(train_step.main, [*options, "5"], catch_exceptions=False)
    assert outcome.exit_code == 1 and "Left out: plain: takes 9 s or more" in outcome.output


class Instant:
    """Processes that answer without computing: a step takes a second, one with checkpointing three."""

    def __init__(self, sides, *arguments):
        self.names = {side.name for side in sides}

    def ask(self, name, question):
        assert name in self.names
        gradients = {"features": torch.ones(2), "proj": torch.ones(2)}
        seconds = 3.0 if "checkpoint" in name else 1.0
        return {"exact": gradients, "gradients": gradients, "time": seconds, "peaks": (1e6, 2e6)}[question]

    last = ask

    def dismiss(self, name):
        self.names.remove(name)


def test_nothing_is_compiled_without_a_compiler(monkeypatch):
    monkeypatch.setattr(call.Machine, "of", lambda device: OLD)
    result = compare_layers(Case.parse("1x3x1x8"), Settings(rounds=2, budget=0.01))
    assert side_of(result, COMPILED).note == "no compiler is found" and not side_of(result, COMPILED).wrong
    assert side_of(result, "TMGCNConv").train is not None


def test_sizes_beyond_the_memory_are_left_out(eager, monkeypatch, tmp_path):
    monkeypatch.setattr(sparse_vs_dense.Machine, "of", lambda device: replace(OLD, memory=1e6))
    path, sizes = tmp_path / "r.json", "1x3x1x8,64x4096x2x512"
    options = [TO[0], TO[1], "--out", str(path), "--sizes", sizes, "--rounds", "2"]
    outcome = CliRunner().invoke(sparse_vs_dense.main, options)
    assert outcome.exit_code == 0, outcome.output
    results = Results.read(path)
    assert [case.case for case in results.layers] == ["1x3x1x8"] and results.memory_limit == 0.25e6
    assert results.left_out[0].what == "64x4096x2x512"
    assert "Left out: a million nodes: needs about 5.1 GB, more than 70% of 0.0 GB of memory." in outcome.output


def test_the_loss_curve_names_the_switches_that_are_left_out():
    assert switches_on(SERVER, compile=True)[0] == {
        "precision": "bfloat16",
        "compile": True,
        "checkpoint": True,
        "channels_last": True,
    }
    on, left_out = switches_on(OLD, compile=True)
    assert (on["precision"], on["compile"]) == ("float32", False)
    assert [one.what for one in left_out] == ["bfloat16", "compile"]


def test_a_disk_that_is_too_full_is_refused_first(monkeypatch, tmp_path):
    monkeypatch.setattr("shutil.disk_usage", lambda folder: SimpleNamespace(free=10e9))
    check_disk(tmp_path, 20_000)
    with pytest.raises(ClickException, match=r"needs about 12\.6 GB and has 10\.0 GB free; lower --clips or --frames"):
        check_disk(tmp_path, 30_000)


def test_numbers_of_jobs_follow_the_cores():
    assert numbers_of_jobs(None, 16) == ([1, 2, 4], [])
    assert numbers_of_jobs(None, 2) == ([1, 2], [LeftOut(what="4 jobs", why="there are 2 cores")])
    assert numbers_of_jobs("1,8", 2) == ([1, 8], [])
    assert lines_of([LeftOut(what="4 jobs", why="there are 2 cores")]) == "\nLeft out: 4 jobs: there are 2 cores."


def test_a_video_that_would_take_too_long_is_left_out(monkeypatch, tmp_path):
    """Of the next video the time is known from the last, where they are equally long per frame."""

    class Here:
        def __init__(self, *arguments, **options):
            pass

        def __enter__(self):
            return self

        def __exit__(self, *error):
            pass

        def submit(self, function, length, *arguments):
            return type("Future", (), {"result": lambda _: point(length)})()

    def point(length):
        return long_video.Point(frames=length, seconds=0.1 * length, peak_before=1, peak=1)

    monkeypatch.setattr(long_video, "ProcessPoolExecutor", Here)
    options = ["--lengths", "1000,10,100000", "--longest", "200", "--out", str(tmp_path / "r.json")]
    outcome = CliRunner().invoke(long_video.main, options, catch_exceptions=False)
    results = long_video.Results.read(tmp_path / "r.json")
    assert [point.frames for point in results.points] == [10, 1000]
    assert "Left out: 100000 frames: takes 10000 s or more, and --longest is 200." in outcome.output
