"""``atm-gcn export``: models as programs that run without this package."""

from pathlib import Path

import click

from atm_gcn.cli._shared.builder_option import BUILD_MODEL, imported
from atm_gcn.cli._shared.clip_options import seeds_option
from atm_gcn.cli._shared.outputs import FORCE, OutputFile, check_outputs, name_written
from atm_gcn.cli._shared.printing import echo
from atm_gcn.cli._shared.types import PATH
from atm_gcn.files.escaping import escape

EXAMPLES = """\b
Examples:
  atm-gcn export RUN model.onnx
  atm-gcn export RUN/folds/casme2__sub01 model.pt2
"""


@click.command(short_help="Write a model as ONNX or torch.export.", epilog=EXAMPLES)
@click.argument("model", type=PATH)
@click.argument("out", type=OutputFile())
@seeds_option
@FORCE
@BUILD_MODEL
def export(model: Path, out: Path, seeds: int | None, force: bool, builder: str | None) -> None:
    """Write a model as a program that runs without this package, to a file that ends in .onnx or .pt2.

    MODEL is the folder of a run, whose models are averaged, the folder of a fold, or a checkpoint. The program takes
    the tensors of one clip with any number of frames and returns its class probabilities. Before the file is written,
    its results are compared with those of the model. ONNX needs the extra "onnx".
    """
    from atm_gcn.export import export_model

    check_outputs({"OUT": out}, [model], force)
    done = export_model(model, out, imported(builder), seeds)
    models = "1 model" if done.num_models == 1 else f"the mean of {done.num_models} models"
    echo(f"{models}, for one clip of n frames")
    for name, value in done.inputs.items():
        echo(f"  input   {name}: {value}")
    echo(f"  output  probabilities: float32 [{len(done.class_names)}], {escape(', '.join(done.class_names))}")
    echo(f"largest difference to the model over random clips of 1 to 64 frames: {done.difference:.1e}")
    name_written([done.path])
