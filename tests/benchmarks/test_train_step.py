"""The benchmarks of training, data and long videos, on next to nothing."""

import pytest
import torch
from click.testing import CliRunner

from atm_gcn import MotionEncoder
from benchmarks.data import store_reading as data
from benchmarks.method import long_video
from benchmarks.training_step import train_step
from benchmarks.training_step.plain import PlainEncoder
from benchmarks.training_step.step_sides import SIDES, clips, gradients_of, model_of


def invoke(program, path, *options):
    outcome = CliRunner().invoke(program.main, [*options, "--out", str(path)], catch_exceptions=False)
    assert outcome.exit_code == 0, outcome.output
    return program.Results.read(path), outcome.output


def test_the_plain_network_is_the_same_function():
    torch.manual_seed(0)
    ours, plain = MotionEncoder(8, 4).double(), PlainEncoder(8, 4).double()
    plain.load_state_dict(ours.state_dict())
    frames, pos = torch.randn(3, 3, 64, 64, dtype=torch.float64), torch.arange(2, 5)
    features = [model(frames, frames.flip(0), pos) for model in (ours, plain)]
    torch.testing.assert_close(*features, rtol=1e-5, atol=1e-6)  # the plain positions are float32


def test_a_wrong_side_is_found():
    side = SIDES[0]
    batch = clips([3, 2], 32, 0, "cpu")
    right, wrong = model_of(side, 2, "cpu"), model_of(side, 2, "cpu")
    wrong.encoder.proj.weight.data *= 1.2
    plain = gradients_of(right, batch)
    assert train_step.errors(gradients_of(right, batch), plain) == pytest.approx((0, 0), abs=1e-5)
    assert min(train_step.errors(gradients_of(wrong, batch), plain)) > train_step.TOLERANCE["float32"]


@pytest.mark.slow
def test_sides_take_turns_and_agree(tmp_path, monkeypatch, quick_processes):
    monkeypatch.setattr(train_step, "PRODUCT", 64)
    names = "channels_last;checkpoint;channels_last, bfloat16"
    options = ["--clips", "2", "--size", "32", "--blocks", "1", "--rounds", "2", "--threads", "1", "--sides", names]
    results, output = invoke(train_step, tmp_path / "r.json", *options)
    done = ["plain", "channels_last", "checkpoint"]
    assert [row.side for row in results.sides][:3] == done
    assert {row.side for row in results.sides} | {one.what for one in results.left_out} == {*done, *names.split(";")}
    assert results.sides[0].time_of_plain == results.sides[0].memory_of_plain == 1
    assert all(row.step.rounds == 2 and row.of_peak > 0 for row in results.sides)
    assert "| checkpoint | " in output


def test_data_are_the_same_both_ways(tmp_path):
    options = ["--clips", "4", "--frames", "4", "--size", "32", "--rounds", "1", "--jobs", "1", "--steps", "1"]
    results, output = invoke(data, tmp_path / "r.json", *options)
    assert results.same_frames
    assert [(rate.way, rate.cold) for rate in results.rates][:3] == [
        ("JPEG", True),
        ("JPEG", False),
        ("JPEG, 1 workers", True),
    ]
    assert 0 < results.waiting.reading < results.waiting.seconds
    assert "waiting for clips" in output


def test_a_video_of_any_length_is_classified(tmp_path, quick_processes):
    results, _ = invoke(long_video, tmp_path / "r.json", "--lengths", "3,70", "--preset", "demo", "--size", "32")
    assert [point.frames for point in results.points] == [3, 70]
    assert all(point.peak >= point.peak_before for point in results.points)
