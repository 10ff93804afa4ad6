"""What the switches come to on a device, and that a fold trains with every one of them."""

import logging
from dataclasses import replace

import pytest
import torch
from torch._dynamo.utils import counters

from atm_gcn import ATMGCN, MotionEncoder
from atm_gcn.config import RunConfig, TrainConfig
from atm_gcn.machine import Machine
from atm_gcn.training.devices.acceleration import Acceleration, accelerate, acceleration_for
from atm_gcn.training.devices.device import log_once
from atm_gcn.training.loop.fold import train_fold
from atm_gcn.training.preflight import resolve
from tests.runs import tiny_config, with_train

SERVER = Machine(memory=256e9, bfloat16=True, compiler=True)
LAPTOP = Machine(memory=16e9, bfloat16=False, compiler=True)


def train_settings(**train) -> TrainConfig:
    return with_train(RunConfig(), **train).train


def model_of(preset: str) -> ATMGCN:
    return ATMGCN.from_preset(preset, num_classes=3)


@pytest.fixture(scope="module")
def small():
    return model_of("small").encoder.cost(224)


def test_the_demo_is_left_plain():
    demo = RunConfig.preset("demo").train
    for machine in (SERVER, LAPTOP):
        assert acceleration_for(model_of("demo").encoder.cost(96), demo, [12] * 96, machine) == Acceleration(
            channels_last=False
        )


@pytest.mark.parametrize(
    ("machine", "choice"),
    [
        (SERVER, Acceleration(torch.bfloat16, compile=True)),
        (replace(SERVER, bfloat16=False), Acceleration(torch.float32, compile=True)),
        (replace(SERVER, compiler=False), Acceleration(torch.bfloat16)),
        (replace(SERVER, memory=16e9), Acceleration(torch.bfloat16, compile=True, checkpoint=True)),
        (LAPTOP, Acceleration(torch.float32, compile=True, checkpoint=True)),
    ],
)
def test_long_trainings_of_wide_models_take_what_the_machine_has(small, machine, choice):
    assert acceleration_for(small, train_settings(), [30] * 250, machine) == choice
    assert not acceleration_for(small, train_settings(), [30] * 10, machine).compile
    for_prediction = choice._replace(compile=False, checkpoint=False)
    assert acceleration_for(small, train_settings(), [], machine) == for_prediction


def test_a_step_that_memory_does_not_hold_is_said(small, caplog):
    log_once.cache_clear()
    caplog.set_level(logging.INFO)
    settings = train_settings(precision="bfloat16")
    assert acceleration_for(small, settings, [30] * 20, replace(SERVER, memory=16e9)).checkpoint
    assert not caplog.text
    little = replace(SERVER, memory=1e9)
    acceleration_for(small, settings, [30] * 20, little)
    assert "a step on 480 frames needs about 8 GB of 1 GB of memory; set train.compute.frames_per_pass" in caplog.text
    assert not acceleration_for(
        small, train_settings(precision="bfloat16", frames_per_pass=9), [30] * 20, little
    ).checkpoint


@pytest.mark.parametrize("machine", [SERVER, LAPTOP])
def test_what_is_asked_for_is_done(small, machine):
    settings = train_settings(precision="float32", compile=False, checkpoint=False, channels_last=False)
    assert acceleration_for(small, settings, [30] * 1000, machine) == Acceleration(channels_last=False)


def test_without_a_compiler_one_line_says_so(small, caplog):
    log_once.cache_clear()
    caplog.set_level(logging.INFO)
    for _ in range(3):
        settings, machine = train_settings(compile=True), replace(SERVER, compiler=False)
        assert not acceleration_for(small, settings, [30], machine).compile
    assert caplog.text.count("no compiler is found") == 1


@pytest.mark.parametrize(("machine", "lines"), [(SERVER, 0), (LAPTOP, 1)])
def test_bfloat16_without_instructions_is_done_and_said(small, caplog, machine, lines):
    log_once.cache_clear()
    caplog.set_level(logging.INFO)
    for _ in range(2):
        settings = train_settings(precision="bfloat16")
        assert acceleration_for(small, settings, [], machine).precision == torch.bfloat16
    assert caplog.text.count("this device has no instructions for bfloat16") == lines


def test_the_choice_is_logged_once(caplog):
    small = model_of("small")
    log_once.cache_clear()
    caplog.set_level(logging.DEBUG, logger="atm_gcn")
    for _ in range(2):
        accelerate(small, train_settings(precision="bfloat16"), machine=SERVER)
    assert caplog.messages == ["the encoder computes on cpu in bfloat16, channels last"]
    accelerate(small, train_settings(precision="float32", compile=False))


@pytest.mark.parametrize(
    "switches", [{"precision": "bfloat16"}, {"checkpoint": True}, {"channels_last": False}, {"frames_per_pass": 5}]
)
def test_a_fold_learns_with_every_switch(store, switches):
    config = tiny_config(epochs=10, lr=2e-2, flip=False, **switches)
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
