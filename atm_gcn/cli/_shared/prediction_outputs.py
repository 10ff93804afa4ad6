"""The checks, the progress bar and the additional files of ``atm-gcn predict``."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import click

from atm_gcn.cli._shared.clip_options import ALL_FACES
from atm_gcn.cli._shared.types import check_suffix
from atm_gcn.files.escaping import escape_json, escape_lines
from atm_gcn.terminal.progress import progress_bar

if TYPE_CHECKING:
    from atm_gcn.inference.batch import Outcome, PredictOptions
    from atm_gcn.inference.ensemble import Ensemble
    from atm_gcn.inference.sources import Source
    from atm_gcn.inference.spotting.result import Candidate
    from atm_gcn.media.sources import Frame
    from atm_gcn.spotting import FittedSpotters


def check_options(
    sources: Sequence["Source"], given: dict[str, Any], extras: dict[str, Path], spot: bool | None
) -> None:
    """Raise an error, before any work is done, if options do not fit the sources or each other."""
    stores = [source.path for source in sources if source.kind == "store"]
    names = [name for name, value in given.items() if value is not None]
    if stores and names:
        raise click.UsageError(f"--{names[0]} is for videos and folders of frames; {stores[0]} is a frame store")
    moments = [name for name in ("onset", "apex", "offset") if given[name] is not None]
    if moments and (len(sources) > 1 or sources[0].kind == "camera" or spot):
        raise click.UsageError(f"--{moments[0]} is for a single recording that is read as one clip")
    if not extras:
        return
    name = next(iter(extras))
    if len(sources) > 1 or sources[0].kind == "store":
        raise click.UsageError(f"--{name} is for a single recording")
    if "annotate" in extras and sources[0].kind == "camera":
        raise click.UsageError("--annotate is for recordings; record the camera first")
    from atm_gcn.errors import require
    from atm_gcn.inference.output.tables import CURVES
    from atm_gcn.media.video.writer import CODECS

    suffixes = {"curve": CURVES, "annotate": sorted(CODECS), "plot": (".png", ".pdf")}
    for name, path in extras.items():
        check_suffix(f"--{name}", path, suffixes[name], or_special=name != "annotate")
    if "plot" in extras:
        require("matplotlib", "train", "--plot")


def fitted_spotters(
    ctx: click.Context, run: Path, sources: Sequence["Source"], face_choice: str | int | None
) -> tuple[Path, "FittedSpotters | None"]:
    """The run of the classifiers, and the spotters of a run of atm-gcn spot-and-recognise; None of any other."""
    from atm_gcn.spotting.layout import SpottingFolder, is_spotting_run

    if not is_spotting_run(run):
        return run, None
    from atm_gcn.spotting.fitted import FittedSpotters

    if sources[0].kind == "camera" or face_choice == ALL_FACES:
        what = "a camera" if sources[0].kind == "camera" else "--face-choice all"
        raise click.UsageError(
            f"the spotters of {run} read one face of a whole recording; for {what}, name its classifiers, --model "
            f"{SpottingFolder(run).recognition}"
        )
    if ctx.get_parameter_source("stride") is click.core.ParameterSource.COMMANDLINE:
        raise click.UsageError(
            f"--stride is for other runs; with the spotters of {run}, only what is found is classified"
        )
    spotters = FittedSpotters(run)
    return spotters.classifiers, spotters


def write_extras(ensemble: "Ensemble", outcome: "Outcome", options: "PredictOptions", extras: dict[str, Path]) -> None:
    """Write the curve, the plot and the annotated video of a recording, where requested.

    If the recording was read as one clip, its motion is measured first, which changes nothing in the result.
    """
    from atm_gcn.inference import output
    from atm_gcn.inference.batch import measure_motion

    predictions, tracks = outcome.predictions, list(outcome.tracks)
    if not tracks:
        with Progress([outcome.source], "motion measured") as progress:
            tracks = measure_motion(ensemble, outcome.source, options, predictions, progress.on_frame)
    if "curve" in extras:
        output.write_curve(extras["curve"], tracks, predictions, ensemble.class_names)
    if "plot" in extras:
        from atm_gcn.inference.output.curve_figure import plot_motion

        plot_motion(tracks, predictions, extras["plot"])
    if "annotate" in extras:
        with Progress([outcome.source], "annotated") as progress:
            output.annotate(tracks, predictions, extras["annotate"], progress.on_frame)


class Progress:
    """A progress bar on stderr, if that is a terminal, over the seconds of a single recording or over many sources.

    Args:
        sources: The sources that are predicted.
        label: Text in front of the bar.
    """

    def __init__(self, sources: Sequence["Source"], label: str = "predicted") -> None:
        self.many = len(sources) > 1
        self.bar = progress_bar(
            len(sources) if self.many else _seconds(sources),
            label,
            "sources" if self.many else "s",
            visible=[source.kind for source in sources] not in (["camera"], ["store"]),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.close()

    def on_frame(self, frame: "Frame") -> None:
        """Advance to the time of a frame."""
        if not self.many:
            self.bar.update(frame.seconds - self.bar.n)

    def end_source(self) -> None:
        """Advance by one source."""
        if self.many:
            self.bar.update()


def print_line(text: str, err: bool = False) -> None:
    """Print a line of results without breaking the progress bar."""
    from tqdm import tqdm

    file = sys.stderr if err else sys.stdout
    tqdm.write(escape_lines(text), file=file)
    file.flush()


def print_candidate(as_json: bool, err: bool, ensemble: "Ensemble", candidate: "Candidate") -> None:
    """Print a movement in front of a camera as soon as it is classified."""
    import json
    from dataclasses import asdict

    from atm_gcn.inference.output.text import movement_text
    from atm_gcn.inference.spotting.result import describe_candidate

    movement = describe_candidate(candidate, ensemble)
    text = escape_json(json.dumps(asdict(movement), ensure_ascii=False)) if as_json else movement_text(movement)
    print_line(text, err)


def _seconds(sources: Sequence["Source"]) -> int | None:
    """Length of a single recording; None where it is unknown."""
    from atm_gcn.errors import ATMGCNError
    from atm_gcn.media.sources import open_stream

    if len(sources) != 1 or sources[0].kind != "recording":
        return None
    try:
        stream = open_stream(sources[0].path, assumed_fps=30.0)
    except ATMGCNError:
        return None  # the prediction reports it
    return None if stream.end_seconds is None else round(stream.end_seconds)
