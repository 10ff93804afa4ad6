"""``atm-gcn predict``: classify recordings, the clips of a frame store, or the movements in front of a camera."""

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from atm_gcn.cli._shared.builder_option import BUILD_MODEL, imported
from atm_gcn.cli._shared.clip_options import (
    ALL_FACES,
    clip_options,
    data_overrides,
    face_choice_option,
    seeds_option,
    spot_options,
)
from atm_gcn.cli._shared.outputs import FORCE, OutputFile, check_outputs, name_written
from atm_gcn.cli._shared.prediction_outputs import (
    Progress,
    check_options,
    fitted_spotters,
    print_candidate,
    print_line,
    write_extras,
)
from atm_gcn.cli._shared.printing import echo, echo_json
from atm_gcn.cli._shared.types import PATH, Number
from atm_gcn.files.escaping import escape, escape_json
from atm_gcn.files.outputs import STANDARD_OUTPUT

if TYPE_CHECKING:
    from atm_gcn.inference.prediction import Prediction

STRIDE = Number(0, 10)
EXAMPLES = """\b
Examples:
  atm-gcn predict clip.mp4 --model RUN --face crop
  atm-gcn predict videos/ 'more/*.mp4' other/manifest.csv --model RUN --csv predictions.csv
  atm-gcn predict interview.mp4 --model RUN --spot --plot curve.png --annotate annotated.mp4
  atm-gcn predict 0 --model RUN --face crop
"""


@click.command(short_help="Classify clips, recordings or a camera.", epilog=EXAMPLES)
@click.argument("arguments", metavar="SOURCE...", nargs=-1, required=True)
@click.option("--model", "run", required=True, type=PATH, help="Folder of a run or of a fold, or a checkpoint.")
@seeds_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON; for many sources or clips, one line for each.")
@click.option("--csv", "table", type=OutputFile(), help="File to write, with a row per source, clip or movement.")
@click.option("--recursive", is_flag=True, help="Also search subfolders of folders.")
@spot_options
@click.option(
    "--stride",
    default=0.5,
    show_default=True,
    type=STRIDE,
    help="Length in seconds of each regular window while spotting.",
)
@click.option("--curve", type=OutputFile(), help="Write the motion curve, a row per frame, to FILE.csv or FILE.json.")
@click.option("--plot", type=OutputFile(), help="Draw the motion curve to FILE.png or FILE.pdf.")
@click.option(
    "--annotate", type=OutputFile(), help="Write the video with face box, curve and labels to FILE.mp4 or FILE.avi."
)
@FORCE
@face_choice_option(or_all=True)
@clip_options
@BUILD_MODEL
@click.pass_context
def predict(
    ctx: click.Context,
    arguments: tuple[str, ...],
    run: Path,
    seeds: int | None,
    as_json: bool,
    table: Path | None,
    recursive: bool,
    face: str | None,
    face_choice: str | int | None,
    face_detector: str | None,
    spot: bool | None,
    stride: float,
    curve: Path | None,
    plot: Path | None,
    annotate: Path | None,
    force: bool,
    fps: float | None,
    apex_rule: str | None,
    device: str,
    builder: str | None,
    **frames: int | None,
) -> None:
    """Classify clips and recordings.

    SOURCE is a video file, a folder of frames, a folder of these, a glob pattern, a manifest, a frame store, or the
    number of a camera, which is read until Ctrl-C. A recording that is longer than a clip may be is searched for brief
    movements, and each is classified. So are regular windows of --stride seconds; --stride 0 leaves them out, which is
    faster. --curve, --plot and --annotate show a result, and do not change it. With a run on features, SOURCE is their
    manifest or a file of them. With --face-choice all, every face is a result of its own, numbered from the left.
    Registration and optical flow are as the model was trained with.

    If --model is the folder of a run, a source is predicted by the models that were not trained on it: those that held
    the clip or its subject out, or for other sources the mean of all. Of a run with several seeds, these are the models
    of all seeds, unless --seeds takes those of the first N. If it is the folder of a run of atm-gcn spot-and-recognise,
    recordings are searched by its spotters. Outputs may be devices, pipes, or - for standard
    output; then the printed result goes to standard error. Existing files are replaced if atm-gcn wrote them.
    """
    from atm_gcn.inference.batch import PredictOptions, predict_many
    from atm_gcn.inference.ensemble import Ensemble
    from atm_gcn.inference.output import store_text, to_table, to_text, write_rows
    from atm_gcn.inference.sources import expand
    from atm_gcn.inference.sources.shown import check_views
    from atm_gcn.training.devices.device import choose_device

    sources = expand(arguments, recursive)
    classifiers, spotters = fitted_spotters(ctx, run, sources, face_choice)
    extras = {name: path for name, path in (("curve", curve), ("plot", plot), ("annotate", annotate)) if path}
    given = {"fps": fps, "face": face, "face-choice": face_choice, "face-detector": face_detector}
    check_options(sources, frames | given | {"apex-rule": apex_rule}, extras, spot)
    outputs = {f"--{name}": path for name, path in ({"csv": table} | extras).items() if path}
    check_outputs(outputs, [run, *arguments, *(one.path for one in sources if one.kind != "camera")], force)
    to_stderr = STANDARD_OUTPUT in outputs.values()
    if to_stderr and as_json:
        raise click.UsageError("--json writes to standard output; name a file instead of -")
    ensemble, where = Ensemble.open(classifiers, imported(builder), seeds), choose_device(device, "--device")
    check_views(ensemble, [source.clip for source in sources if source.clip and not source.problem])
    every_face = face_choice == ALL_FACES
    choice = None if every_face else face_choice
    data = data_overrides(face=face, face_choice=choice, face_detector=face_detector, apex_rule=apex_rule)
    options = PredictOptions(data, frames, fps, spot, stride, every_face, spotters)
    alone, failed = len(sources) == 1, None
    predictions: list[Prediction] = []
    live = {}
    if sources[0].kind == "camera":
        live["on_candidate"] = partial(print_candidate, as_json, to_stderr, ensemble)
    with Progress(sources) as progress:
        for outcome in predict_many(ensemble, sources, where, options, on_frame=progress.on_frame, **live):
            progress.end_source()
            predictions += outcome.predictions
            failed = failed or outcome.error
            if outcome.error and not alone:
                echo(f"atm-gcn: error: {escape(str(outcome.error))}", err=True)
            if as_json and not (alone and len(predictions) == 1):
                for one in outcome.predictions:
                    print_line(escape_json(json.dumps(one.to_dict(), ensure_ascii=False)))
    if as_json and alone and len(predictions) == 1:
        echo_json(predictions[0].to_dict())
    elif not as_json and not alone:
        echo(to_table(predictions), err=to_stderr)
    elif not as_json and not failed:
        as_text = store_text if sources[0].kind == "store" else to_text
        echo(as_text(predictions), err=to_stderr)
    if table:
        write_rows(table, predictions, ensemble.class_names)
        name_written([table])
    if extras and not failed:
        write_extras(ensemble, outcome, options, extras)
        name_written(extras.values())
    if alone and failed:
        raise failed
    ctx.exit(1 if failed else 0)
