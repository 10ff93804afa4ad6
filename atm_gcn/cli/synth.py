"""``atm-gcn synth``: synthetic clips, with a manifest."""

from pathlib import Path

import click

from atm_gcn.cli._shared.outputs import OutputFolder
from atm_gcn.cli._shared.printing import echo
from atm_gcn.cli._shared.types import PATH, Number, OneOf, Whole, invalid_value
from atm_gcn.errors import ATMGCNError
from atm_gcn.files.escaping import escape
from atm_gcn.synth.action_units import CLASSES
from atm_gcn.synth.limits import LEAST, MOST

WITHIN = {name: Whole(least, MOST[name]) for name, least in LEAST.items()}
CLIPS = 12
EXAMPLES = """\b
Examples:
  atm-gcn synth clips --subjects 8 --clips-per-subject 12
  atm-gcn synth clips --faces portraits/ --num-classes 5
  atm-gcn synth videos --long 120 --lively --subjects 12
"""


@click.command(short_help="Draw a synthetic dataset.", epilog=EXAMPLES)
@click.argument("out", type=OutputFolder())
@click.option(
    "--subjects",
    default=8,
    show_default=True,
    type=WITHIN["subjects"],
    help="Number of people; with --faces, at most this many.",
)
@click.option(
    "--clips-per-subject",
    type=WITHIN["clips_per_subject"],
    help=f"Number of clips per person. [default: {CLIPS}]",
)
@click.option(
    "--num-classes", default="3", show_default=True, type=OneOf(list(map(str, CLASSES))), help="Number of classes."
)
@click.option("--size", default=224, show_default=True, type=WITHIN["size"], help="Side of the frames in pixels.")
@click.option("--seed", default=0, show_default=True, type=WITHIN["seed"], help="The same seed gives the same bytes.")
@click.option(
    "--difficulty",
    type=OneOf(["default", "hard"]),
    help="hard: a second movement follows, and the class depends on the order of the two. [default: default]",
)
@click.option("--faces", type=PATH, help="Folder of pictures to animate instead of drawn faces.")
@click.option(
    "--long",
    "seconds",
    type=Number(LEAST["seconds"], MOST["seconds"]),
    metavar="SECONDS",
    help="One long video per person instead of clips, of so many seconds.",
)
@click.option("--lively", is_flag=True, help="With --long, people who talk, show macro-expressions and move the head.")
def synth(
    out: Path,
    subjects: int,
    clips_per_subject: int | None,
    num_classes: str,
    size: int,
    seed: int,
    difficulty: str | None,
    faces: Path | None,
    seconds: float | None,
    lively: bool,
) -> None:
    """Write synthetic clips of moving faces to OUT: folders of frames and a manifest.

    The class of a clip is determined by its muscle movement and by nothing else in the pictures. With --long, OUT has
    a video per person instead, with several micro-expressions each, and the manifest has a row for each of them.
    """
    classes = int(num_classes)
    if seconds is not None:
        for option, given in {"clips-per-subject": clips_per_subject, "difficulty": difficulty, "faces": faces}.items():
            if given is not None:
                raise ATMGCNError(f"--{option} is for clips, and --long draws long videos; leave one of them out")
        from atm_gcn.synth import Liveliness, synthesize_long_dataset

        people = Liveliness() if lively else None
        manifest = synthesize_long_dataset(out, subjects, seconds, classes, size, seed, people, progress=True)
        echo(escape(str(manifest)))
        return
    if lively:
        raise ATMGCNError("--lively is for long videos; add --long with their length in seconds")
    count = CLIPS if clips_per_subject is None else clips_per_subject
    if count < classes:
        raise invalid_value("--clips-per-subject", f"be at least {classes}, one for every class", count)
    from atm_gcn.synth import DIFFICULTIES, synthesize

    how = DIFFICULTIES[difficulty or "default"]
    manifest = synthesize(out, subjects, count, classes, size, seed, faces, how, progress=True)
    echo(escape(str(manifest)))
