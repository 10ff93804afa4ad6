"""One way to take a training step, in its own process because the allocator is chosen per process."""

from multiprocessing.connection import Connection
from typing import Any, NamedTuple

import torch
from torch_geometric.data import Batch, Data

from atm_gcn.config import ModelConfig
from atm_gcn.losses import FocalLoss
from atm_gcn.machine import Machine
from atm_gcn.model import ATMGCN
from atm_gcn.training.devices.acceleration import MAPS_KEPT
from atm_gcn.training.devices.freed_memory import keep_freed_memory
from atm_gcn.training.loop.step import train_step
from benchmarks.common.limits import lacks
from benchmarks.common.memory import peak
from benchmarks.common.results import LeftOut
from benchmarks.common.timing import reading
from benchmarks.training_step.plain import PlainEncoder


class Side(NamedTuple):
    """A way to compute: ``plain`` is :mod:`benchmarks.training_step.plain`, the others are settings of the library."""

    name: str
    plain: bool = False
    keeps_memory: bool = True
    channels_last: bool = False
    bfloat16: bool = False
    compile: bool = False
    checkpoint: bool = False


SIDES = (
    Side("plain", plain=True, keeps_memory=False),
    Side("plain, memory kept", plain=True),
    Side("channels_last", channels_last=True),
    Side("checkpoint", channels_last=True, checkpoint=True),
    Side("channels_last, bfloat16", channels_last=True, bfloat16=True),
    Side("channels_last, bfloat16, compile", channels_last=True, bfloat16=True, compile=True),
    Side("channels_last, bfloat16, checkpoint", channels_last=True, bfloat16=True, checkpoint=True),
    Side("all", channels_last=True, bfloat16=True, compile=True, checkpoint=True),
)


def memory_of(side: Side, frames: int, size: int) -> float:
    """About how many bytes a step on ``frames`` frames needs."""
    precision = torch.bfloat16 if side.bfloat16 else torch.float32
    widest = ModelConfig().stem_channels[0] * (size // 2) ** 2 * precision.itemsize
    return frames * widest * MAPS_KEPT[side.checkpoint]


def affordable(sides: list[Side], frames: int, size: int, machine: Machine) -> tuple[list[Side], list[LeftOut]]:
    """The sides that fit a machine, all in memory at once, and those left out.

    Args:
        sides: The first is the one that others are compared with.
        frames: Frames per step. Peaks are measured on a step of twice as many.
        size: Height and width of a frame.
        machine: Where they are to be measured.
    """
    taken, left_out, held = [], [], 0.0
    for side in sides:
        needs = memory_of(side, frames, size)
        why = lacks(machine, side.bfloat16, side.compile, held + 2 * needs)
        if why:
            left_out.append(LeftOut(what=side.name, why=why))
        else:
            taken.append(side)
            held += needs
    return taken, left_out


def clips(frames: list[int], size: int, seed: int, device: str) -> Batch:
    """Clips of noise, one for each number of frames."""
    generator = torch.Generator().manual_seed(seed)

    def images(count: int) -> torch.Tensor:
        pixels = torch.randint(256, (count, size, size, 3), generator=generator, dtype=torch.uint8)
        return pixels.permute(0, 3, 1, 2)

    data = [
        Data(
            frames=images(n),
            onset_frame=images(1),
            pos=torch.arange(2, n + 2),
            global_index=torch.tensor([n // 2]),
            num_nodes=n,
            y=torch.tensor([number % 3]),
        )
        for number, n in enumerate(frames)
    ]
    return Batch.from_data_list(data).to(device)


def model_of(side: Side, num_blocks: int, device: str) -> ATMGCN:
    """The model of a side, with the same weights on every side."""
    torch.manual_seed(0)
    model = ATMGCN(ModelConfig(num_classes=3, num_blocks=num_blocks))
    if side.plain:
        plain = PlainEncoder(512, num_blocks)
        plain.load_state_dict(model.encoder.state_dict())
        model.encoder = plain
    else:
        precision = torch.bfloat16 if side.bfloat16 else torch.float32
        model.encoder.accelerate(precision, side.compile, side.checkpoint, side.channels_last)
    return model.to(device)


def gradients_of(model: ATMGCN, batch: Batch) -> dict[str, torch.Tensor]:
    """Features and gradients of one step, on the CPU, in float32."""
    model.train()
    features = model.motion_features(batch)
    logits = model.readout(model.relate(features, batch), batch.batch, batch.num_graphs)
    FocalLoss()(logits, batch.y).backward()
    named = {name: parameter.grad.float().cpu().clone() for name, parameter in model.named_parameters()}
    model.zero_grad(set_to_none=True)
    return {"features": features.detach().float().cpu(), **named}


def exact_gradients(side: Side, num_blocks: int, batch: Batch, device: str) -> dict[str, torch.Tensor]:
    """:func:`gradients_of` in float64."""
    batch = batch.clone()
    batch.frames, batch.onset_frame = batch.frames.double() / 255, batch.onset_frame.double() / 255
    return gradients_of(model_of(side, num_blocks, device).double(), batch)


def serve(
    pipe: Connection, side: Side, num_blocks: int, frames: list[int], size: int, device: str, threads: int
) -> None:
    """Answer ``"exact"``, ``"gradients"``, ``"time"`` and ``"peaks"`` until ``None`` comes."""
    torch.set_num_threads(threads)
    if side.keeps_memory and device == "cpu":
        keep_freed_memory()
    model = model_of(side, num_blocks, device)
    batch, more = clips(frames, size, 0, device), clips(frames + frames[1:], size, 1, device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-6)

    def step(some: Batch = batch) -> None:
        train_step(model, [some.clone()], FocalLoss(), optimizer, lambda given: given)

    answers: dict[str, Any] = {
        "exact": lambda: exact_gradients(side, num_blocks, batch, device),
        "gradients": lambda: gradients_of(model, batch),
        "time": lambda: reading(step, 1, device),
        "peaks": lambda: (peak(step, device), peak(lambda: step(more), device)),
    }
    for question in iter(pipe.recv, None):
        pipe.send(answers[question]())
