"""Where does a training step of a preset spend its time? The costliest operators by torch's profiler."""

from functools import partial

import click
import torch
from torch.profiler import ProfilerActivity, profile

from atm_gcn.config import RunConfig
from atm_gcn.losses import FocalLoss
from atm_gcn.model import ATMGCN
from atm_gcn.training.devices.acceleration import accelerate
from atm_gcn.training.loop.augment import Augment
from atm_gcn.training.loop.optimizer import optimizer_of
from atm_gcn.training.loop.step import train_step
from benchmarks.training_step.step_sides import clips


@click.command(help=__doc__)
@click.option("--clips", "count", default=4, show_default=True, help="Clips per step, of 6 frames each.")
@click.option("--preset", default="small", show_default=True)
@click.option("--size", type=int, help="Height and width of a frame. [default: the preset's]")
@click.option("--steps", default=2, show_default=True)
@click.option("--top", default=12, show_default=True)
@click.option("--set", "overrides", multiple=True, help="Settings, such as train.compute.checkpoint=true.")
def main(count: int, preset: str, size: int | None, steps: int, top: int, overrides: tuple[str, ...]) -> None:
    """Profile some steps and print the operators with the most self time."""
    config = RunConfig.preset(preset).override(overrides)
    size = size or config.data.size
    model = accelerate(ATMGCN(config.model.model_copy(update={"num_classes": 3})), config.train, [7] * count, size)
    optimizer = optimizer_of(model, config.train.optim)
    augment = partial(Augment.from_config(config.train.augment), generator=torch.Generator().manual_seed(0))
    batches = [clips([6] * count, size, seed, "cpu") for seed in range(steps + 1)]
    train_step(model, [batches.pop()], FocalLoss(), optimizer, augment)
    with profile(activities=[ProfilerActivity.CPU]) as recorded:
        for batch in batches:
            train_step(model, [batch], FocalLoss(), optimizer, augment)
    events = sorted(recorded.key_averages(), key=lambda event: -event.self_cpu_time_total)
    total, frames = sum(event.self_cpu_time_total for event in events), steps * count * 6
    convolutions = sum(event.self_cpu_time_total for event in events if "convolution" in event.key)
    click.echo(
        f"{total / frames / 1e3:.1f} ms per frame, {torch.get_num_threads()} threads; "
        f"{total / convolutions:.2f} times the convolutions\n"
    )
    click.echo("| operator | ms per frame | share | calls per step |\n| :-- | --: | --: | --: |")
    for event in events[:top]:
        own = event.self_cpu_time_total
        click.echo(f"| {event.key} | {own / frames / 1e3:.2f} | {own / total:.1%} | {event.count // steps} |")


if __name__ == "__main__":
    main()
