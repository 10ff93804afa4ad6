"""``atm-gcn synth``: synthetic clips, with a manifest."""

from pathlib import Path

import click

from atm_gcn.cli._shared.outputs import OutputFolder
from atm_gcn.cli._shared.printing import echo
from atm_gcn.cli._shared.types import PATH, OneOf, Whole, invalid_value
from atm_gcn.files.escaping import escape
from atm_gcn.synth.action_units import CLASSES
from atm_gcn.synth.limits import LEAST, MOST

WITHIN = {name: Whole(least, MOST[name]) for name, least in LEAST.items()}
EXAMPLES = """\b
Examples:
  atm-gcn synth clips --subjects 8 --clips-per-subject 12
  atm-gcn synth clips --faces portraits/ --num-classes 5
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
    default=12,
    show_default=True,
    type=WITHIN["clips_per_subject"],
    help="Number of clips per person.",
)
@click.option(
    "--num-classes", default="3", show_default=True, type=OneOf(list(map(str, CLASSES))), help="Number of classes."
)
@click.option("--size", default=224, show_default=True, type=WITHIN["size"], help="Side of the frames in pixels.")
@click.option("--seed", default=0, show_default=True, type=WITHIN["seed"], help="The same seed gives the same bytes.")
@click.option(
    "--difficulty",
    type=OneOf(["default", "hard"]),
    default="default",
    show_default=True,
    help="hard: a second movement follows, and the class depends on the order of the two.",
)
@click.option("--faces", type=PATH, help="Folder of pictures to animate instead of drawn faces.")
def synth(
    out: Path,
    subjects: int,
    clips_per_subject: int,
    num_classes: str,
    size: int,
    seed: int,
    difficulty: str,
    faces: Path | None,
) -> None:
    """Write synthetic clips of moving faces to OUT: folders of frames and a manifest.

    The class of a clip is determined by its muscle movement and by nothing else in the pictures.
    """
    from atm_gcn.synth import DIFFICULTIES, synthesize

    how, classes = DIFFICULTIES[difficulty], int(num_classes)
    if clips_per_subject < classes:
        raise invalid_value("--clips-per-subject", f"be at least {classes}, one for every class", clips_per_subject)
    manifest = synthesize(out, subjects, clips_per_subject, classes, size, seed, faces, how, progress=True)
    echo(escape(str(manifest)))
