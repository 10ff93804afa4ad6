"""What the switches come to on a device, and that a fold trains with every one of them."""

import logging
import shutil

import pytest
import torch
from torch._dynamo.utils import counters

from atm_gcn import ATMGCN, MotionEncoder
from atm_gcn.config import RunConfig, TrainConfig
from atm_gcn.training import acceleration
from atm_gcn.training.acceleration import Choice, accelerate, choose
from atm_gcn.training.fold import train_fold
from atm_gcn.training.preflight import resolve
from tests.runs import tiny_config

NATIVE = acceleration.has_bfloat16(torch.device("cpu"))


def model_of(preset: str) -> ATMGCN:
    return ATMGCN.from_preset(preset, num_classes=3)


@pytest.fixture(scope="module")
def small():
    return model_of("small")


def test_the_demo_is_left_plain():
    demo = RunConfig.preset("demo").train
    assert choose(model_of("demo"), demo, [12] * 96, 96) == Choice()


def test_long_trainings_of_wide_models_are_compiled_in_bfloat16(small, monkeypatch):
    monkeypatch.setattr(acceleration, "total_memory", lambda device: 64e9)
    choice = choose(small, TrainConfig(), [30] * 250, 224)
    assert choice == Choice(torch.bfloat16 if NATIVE else torch.float32, True, False, True)
    assert not choose(small, TrainConfig(), [30] * 10, 224).compile
    assert choose(small, TrainConfig()) == choice._replace(compile=False)  # for prediction


def test_checkpointing_comes_where_memory_is_short(small, monkeypatch, caplog):
    caplog.set_level(logging.INFO)
    for memory, checkpoint in ((64e9, False), (16e9, True)):
        monkeypatch.setattr(acceleration, "total_memory", lambda device, memory=memory: memory)
        assert choose(small, TrainConfig(precision="bfloat16"), [30] * 20, 224).checkpoint is checkpoint
    assert not caplog.text
    monkeypatch.setattr(acceleration, "total_memory", lambda device: 1e9)
    choose(small, TrainConfig(precision="bfloat16"), [30] * 20, 224)
    assert "a step on 480 frames needs about 8 GB of 1 GB of memory; set train.max_frames" in caplog.text
    assert not choose(small, TrainConfig(precision="bfloat16", max_frames=9), [30] * 20, 224).checkpoint


def test_what_is_asked_for_is_done(small):
    settings = TrainConfig(precision="float32", compile=False, checkpoint=False, channels_last=False)
    assert choose(small, settings, [30] * 1000, 224) == Choice(channels_last=False)


def test_without_a_compiler_one_line_says_so(small, monkeypatch, caplog):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    acceleration._say.cache_clear()
    caplog.set_level(logging.INFO)
    for _ in range(3):
        assert not choose(small, TrainConfig(compile=True), [30], 32).compile
    assert caplog.text.count("no compiler is found") == 1


def test_the_choice_is_logged_once(small, caplog):
    acceleration._say.cache_clear()
    caplog.set_level(logging.INFO)
    for _ in range(2):
        accelerate(small, TrainConfig(precision="bfloat16"))
    assert caplog.messages == ["the encoder computes on cpu in bfloat16, channels last"]
    accelerate(small, TrainConfig(precision="float32", compile=False))


@pytest.mark.parametrize(
    "switches", [{"precision": "bfloat16"}, {"checkpoint": True}, {"channels_last": False}, {"max_frames": 5}]
)
def test_a_fold_learns_with_every_switch(store, switches):
    config = tiny_config(epochs=40, lr=1e-2, flip=False, **switches)
    result = train_fold(resolve(config, config, store), store, "tiny/s1")
    assert result.log[-1]["loss"] < result.log[0]["loss"] / 3
    again = train_fold(resolve(config, config, store), store, "tiny/s1")
    assert torch.equal(result.probabilities, again.probabilities)


@pytest.mark.slow
@pytest.mark.parametrize("checkpoint", [False, True])
def test_one_compilation_serves_all_numbers_of_frames(checkpoint):
    torch.manual_seed(0)
    encoder = MotionEncoder(6, 2, (10, 8), (8, 12), grid=2)
    plain = MotionEncoder(6, 2, (10, 8), (8, 12), grid=2)
    plain.load_state_dict(encoder.state_dict())
    encoder.accelerate(compile=True, checkpoint=checkpoint)
    counters.clear()
    torch._dynamo.reset()
    for count in (5, 9, 2, 14):
        frames, pos = torch.randn(count, 3, 32, 24), torch.arange(count)
        onsets = frames.roll(1, 0)  # of no frame its own: a difference of zero leaves the maximum over channels a tie
        features = [model(frames, onsets, pos) for model in (encoder, plain)]
        torch.testing.assert_close(*features, rtol=1e-3, atol=1e-4)
        for one in features:
            one.square().sum().backward()
    assert counters["stats"]["unique_graphs"] == 1
    for mine, theirs in zip(encoder.parameters(), plain.parameters(), strict=True):
        assert (mine.grad - theirs.grad).norm() < 1e-3 * theirs.grad.norm() + 1e-5
    for mine, theirs in zip(encoder.buffers(), plain.buffers(), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-3, atol=1e-4)


@pytest.mark.cuda
def test_a_gpu_trains_like_a_cpu(store):
    config = tiny_config(precision="float32", compile=False)
    results = [
        train_fold(resolve(config, config, store), store, "tiny/s1", device=torch.device(name))
        for name in ("cpu", "cuda")
    ]
    torch.testing.assert_close(results[0].probabilities, results[1].probabilities, rtol=1e-2, atol=1e-2)


@pytest.mark.slow
def test_compiled_gradients_in_bfloat16_are_finite():
    torch.manual_seed(0)
    encoder = MotionEncoder(6, 2, (36, 32), (32, 48), grid=2)
    frames, pos = torch.randn(6, 3, 64, 64), torch.arange(6)
    gradients = []
    for compile in (False, True):
        encoder.accelerate(torch.bfloat16, compile=compile).zero_grad(set_to_none=True)
        encoder(frames, frames.flip(0), pos).square().mean().backward()
        gradients.append(torch.cat([parameter.grad.flatten() for parameter in encoder.parameters()]))
    assert (gradients[0] - gradients[1]).norm() < 0.2 * gradients[0].norm()
