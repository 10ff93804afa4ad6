"""``atm-gcn predict``: classify recordings, the clips of a frame store, or the movements in front of a camera."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import click

from atm_gcn.cli._shared.builder_option import BUILD_MODEL, imported
from atm_gcn.cli._shared.clip_options import clip_options
from atm_gcn.cli._shared.outputs import FORCE, OutputFile, check_outputs
from atm_gcn.cli._shared.prediction_outputs import Progress, check_options, print_candidate, print_line, write_extras
from atm_gcn.cli._shared.printing import echo, echo_json
from atm_gcn.cli._shared.types import PATH, Number
from atm_gcn.files.escaping import escape, escape_json
from atm_gcn.files.outputs import STANDARD_OUTPUT

STRIDE = Number(0, 10)
EXAMPLES = """\b
Examples:
  atm-gcn predict clip.mp4 --model RUN --face crop
  atm-gcn predict 'videos/**/*.mp4' more/manifest.csv --model RUN --csv predictions.csv
  atm-gcn predict interview.mp4 --model RUN --spot --plot curve.png --annotate annotated.mp4
  atm-gcn predict 0 --model RUN --face crop
"""


@click.command(short_help="Classify clips, recordings or a camera.", epilog=EXAMPLES)
@click.argument("arguments", metavar="SOURCE...", nargs=-1, required=True)
@click.option("--model", "run", required=True, type=PATH, help="Folder of a run or of a fold, or a checkpoint.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON; for many sources, one line per source.")
@click.option("--csv", "table", type=OutputFile(), help="File to write, with a row per clip or movement.")
@click.option("--spot/--one-clip", default=None, help="Search for brief movements, or read a recording as one clip.")
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
@clip_options
@BUILD_MODEL
@click.pass_context
def predict(
    ctx: click.Context,
    arguments: tuple[str, ...],
    run: Path,
    as_json: bool,
    table: Path | None,
    face: str | None,
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

    SOURCE is a video file, a folder of frames, a glob pattern of these, a manifest, a frame store, or the number of a
    camera, which is read until Ctrl-C. A recording that is longer than a clip may be is searched for brief movements,
    and each is classified. So are regular windows of --stride seconds; --stride 0 leaves them out, which is faster.

    If --model is the folder of a run, the probabilities of its folds' models are averaged. Outputs may be devices,
    pipes, or - for standard output; then the printed result goes to standard error. Existing files are replaced if
    atm-gcn wrote them.
    """
    from atm_gcn.inference.batch import PredictOptions, predict_many
    from atm_gcn.inference.ensemble import Ensemble
    from atm_gcn.inference.output import to_table, to_text, write_rows
    from atm_gcn.inference.output.tables import rows_of
    from atm_gcn.inference.sources import expand
    from atm_gcn.training.devices.device import choose_device

    sources = expand(arguments)
    extras = {name: path for name, path in (("curve", curve), ("plot", plot), ("annotate", annotate)) if path}
    check_options(sources, frames | {"fps": fps, "face": face, "apex-rule": apex_rule}, extras, spot)
    outputs = {f"--{name}": path for name, path in ({"csv": table} | extras).items() if path}
    check_outputs(outputs, [run, *arguments, *(one.path for one in sources if one.kind != "camera")], force)
    to_stderr = STANDARD_OUTPUT in outputs.values()
    if to_stderr and as_json:
        raise click.UsageError("--json writes to standard output; name a file instead of -")
    ensemble, where = Ensemble.open(run, imported(builder)), choose_device(device, "--device")
    data = {key: value for key, value in (("face", face), ("apex", apex_rule)) if value is not None}
    options = PredictOptions(data, frames, fps, True if extras else spot, stride)
    alone, failed, spotting = len(sources) == 1, False, None
    results: list[dict[str, Any]] = []
    live = {}
    if sources[0].kind == "camera":
        live["on_candidate"] = partial(print_candidate, as_json, to_stderr, ensemble.class_names)
    with Progress(sources) as progress:
        for outcome in predict_many(ensemble, sources, where, options, on_frame=progress.on_frame, **live):
            progress.end_source()
            if outcome.result is None:
                if alone and outcome.error:
                    raise outcome.error
                failed = True
                echo(f"atm-gcn: error: {escape(str(outcome.error))}", err=True)
                continue
            results.append(outcome.result)
            spotting = outcome.spotting
            if as_json and not alone:
                print_line(escape_json(json.dumps(outcome.result, ensure_ascii=False)))
    if spotting and extras:
        write_extras(spotting, extras)
    if table:
        write_rows(table, [row for result in results for row in rows_of(result)], ensemble.class_names)
    if alone and as_json:
        echo_json(results[0])
    elif results and not as_json:
        echo(to_text(results[0]) if alone else to_table(results), err=to_stderr)
    ctx.exit(1 if failed else 0)
