"""``atm-gcn explain``: a figure of one clip and of what the model saw in it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from atm_gcn.cli._shared.builder_option import BUILD_MODEL, imported
from atm_gcn.cli._shared.clip_options import clip_options, data_overrides, face_choice_option, spot_options
from atm_gcn.cli._shared.outputs import FORCE, OutputFile, check_outputs, name_written
from atm_gcn.cli._shared.prediction_outputs import Progress
from atm_gcn.cli._shared.printing import echo, echo_json
from atm_gcn.cli._shared.types import PATH, Whole, check_suffix, invalid_value
from atm_gcn.files.escaping import escape
from atm_gcn.files.outputs import STANDARD_OUTPUT

if TYPE_CHECKING:
    import torch

    from atm_gcn.building import Builder

EXAMPLES = """\b
Examples:
  atm-gcn explain face.mp4 --model RUN --face crop --out face.pdf
  atm-gcn explain clips/manifest.csv --clip synth/s01/c03 --model RUN
"""


@click.command(short_help="Draw what a model attends to in a clip.", epilog=EXAMPLES)
@click.argument("source", type=PATH)
@click.option("--model", "run", required=True, type=PATH, help="Folder of a run or of a fold, or a checkpoint.")
@click.option(
    "--out",
    type=OutputFile(),
    default="explanation.png",
    show_default=True,
    help="FILE.png or FILE.pdf to write, or - for standard output.",
)
@FORCE
@click.option("--clip", metavar="KEY", help="Clip of a manifest or frame store, such as casme2/sub01/EP02_01f.")
@click.option(
    "--all-clips",
    is_flag=True,
    help="Of a frame store, print the means of the edge weight measures over all clips; draw nothing.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--block",
    default=1,
    show_default=True,
    type=Whole(1),
    help="Attention block whose maps are shown; 1 as in Figure 5 of the paper.",
)
@click.option("--count", "--frames", default=5, show_default=True, type=Whole(1, 12), help="Number of faces to show.")
@click.option("--unit", metavar="AU", help="For models of action units: the unit to explain, such as AU4.")
@spot_options
@face_choice_option()
@clip_options
@BUILD_MODEL
def explain(
    source: Path,
    run: Path,
    out: Path,
    force: bool,
    clip: str | None,
    all_clips: bool,
    as_json: bool,
    block: int,
    count: int,
    unit: str | None,
    spot: bool | None,
    face: str | None,
    face_choice: str | int | None,
    face_detector: str | None,
    apex_rule: str | None,
    device: str,
    builder: str | None,
    **frames: Any,
) -> None:
    """Draw a clip and its explanation: attention over the face, the temporal graph, the readout, and the motion.

    SOURCE is a video file or a folder of frames, or a manifest or frame store, of which --clip selects a clip. A
    recording that is longer than a clip may be is searched for brief movements, and the strongest is explained.
    Registration and optical flow are as the model was trained with.

    If --model is the folder of a run, the models that held the clip out predict it, otherwise those of all folds; of
    several, the one whose probabilities are nearest to their mean is explained. Of a model of action units, the most
    probable unit or that of --unit is explained: the figure shows where its logit is raised.

    Printed are the class and, for each layer of the graph, how much of the initial edge weights of Eq. 6-8 is left. An
    existing file is replaced if atm-gcn wrote it. Parts that a model of your own does not explain are left out.
    """
    chosen = {"face": face, "face-choice": face_choice, "face-detector": face_detector, "apex-rule": apex_rule}
    given = [name for name, value in (frames | chosen).items() if value is not None]
    given += ["spot" if spot else "one-clip"] if spot is not None else []
    from atm_gcn.training.devices.device import choose_device

    if all_clips:
        _explain_all(source, run, given, choose_device(device, "--device"), imported(builder), as_json)
        return
    check_suffix("--out", out, (".png", ".pdf"))
    if as_json and out == STANDARD_OUTPUT:
        raise click.UsageError("--json writes to standard output; name a file instead of -")
    check_outputs({"--out": out}, [source, run], force)
    from atm_gcn.data import FrameStore
    from atm_gcn.errors import require
    from atm_gcn.explain import explain_recording, explain_stored_clip
    from atm_gcn.inference.sources import Source, annotated_clip, is_store

    require("matplotlib", "train", "atm-gcn explain")
    from atm_gcn.explain.figure import draw_explanation, save_figure

    where = choose_device(device, "--device")
    if is_store(source):
        if given:
            raise click.UsageError(f"--{given[0]} is for videos and folders of frames; {source} is a frame store")
        if clip is None:
            raise click.UsageError(f"--clip must name one of the clips of the frame store {source}")
        explained = explain_stored_clip(run, FrameStore.open(source), clip, where, imported(builder), unit)
    else:
        row = annotated_clip(str(source), clip)
        if clip is not None and row is None:
            raise click.UsageError(f"--clip is for manifests and frame stores, and {source} is neither")
        unfit = [name for name in given if name not in chosen]
        if row is not None and unfit:
            raise click.UsageError(f"--{unfit[0]} is for videos and folders of frames; {source} is a manifest")
        moments = [name for name in ("onset", "apex", "offset") if frames[name] is not None]
        if spot and moments:
            raise click.UsageError(f"--{moments[0]} is for a recording that is read as one clip, without --spot")
        settings = data_overrides(face=face, face_choice=face_choice, face_detector=face_detector, apex_rule=apex_rule)
        path = row.source if row else str(source)
        with Progress([Source("recording", path)], "searched") as progress:
            explained = explain_recording(
                run, path, where, settings, imported(builder), spot, progress.on_frame, row, unit, **frames
            )
    blocks = len(explained.explanation.attention_maps)
    if blocks == 0 and block > 1:
        raise click.UsageError("--block must be left out: the model's encoder has no attention blocks")
    if 0 < blocks < block:
        raise invalid_value("--block", f"be from 1 to {blocks}, the attention blocks of the model", block)
    save_figure(draw_explanation(explained, block, count), out)
    if as_json:
        echo_json(explained.to_dict())
    else:
        for line in explained.lines():
            echo(escape(line), err=out == STANDARD_OUTPUT)
    name_written([out])


def _explain_all(
    source: Path, run: Path, given: Sequence[str], device: "torch.device", build_model: "Builder | None", as_json: bool
) -> None:
    """Print the measures of the edge weights over a frame store; ``given`` names the options for recordings."""
    from atm_gcn.data import FrameStore
    from atm_gcn.explain import run_edge_weights
    from atm_gcn.explain.edge_weights import summary_lines
    from atm_gcn.inference.sources import is_store

    parameters = click.get_current_context().get_parameter_source
    drawing = [
        name
        for name in ("clip", "out", "force", "block", "count", "unit")
        if parameters(name) != ParameterSource.DEFAULT
    ]
    if given or drawing:
        raise click.UsageError(
            f"--all-clips draws nothing and reads a frame store; leave --{[*drawing, *given][0]} out"
        )
    if not is_store(source):
        raise click.UsageError(f"--all-clips is for frame stores, and {source} is not one")
    summary = run_edge_weights(run, FrameStore.open(source), device, build_model)
    if as_json:
        echo_json({"edge_weights": summary})
    else:
        echo("\n".join(summary_lines(summary)) if summary else "the models have no edge weights")
