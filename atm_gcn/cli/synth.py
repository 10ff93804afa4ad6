"""``atm-gcn synth``: synthetic clips, with a manifest."""

from pathlib import Path

import click

EXAMPLES = """\b
Examples:
  atm-gcn synth clips --subjects 8 --clips-per-subject 12
  atm-gcn synth clips --faces portraits/ --num-classes 5
"""


@click.command(epilog=EXAMPLES)
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--subjects", default=8, show_default=True, help="People; with --faces, at most this many.")
@click.option("--clips-per-subject", default=12, show_default=True, help="Clips of each.")
@click.option("--num-classes", default=3, show_default=True, help="3, 5 or 7.")
@click.option("--size", default=224, show_default=True, help="Side of the frames in pixels.")
@click.option("--seed", default=0, show_default=True, help="The same seed gives the same bytes.")
@click.option(
    "--difficulty",
    type=click.Choice(["default", "hard"]),
    default="default",
    show_default=True,
    help="hard: a second movement follows, and only the order of the two tells the class.",
)
@click.option("--faces", type=click.Path(path_type=Path), help="Folder of pictures to animate instead of drawn faces.")
def synth(
    out: Path,
    subjects: int,
    clips_per_subject: int,
    num_classes: int,
    size: int,
    seed: int,
    difficulty: str,
    faces: Path | None,
) -> None:
    """Write clips of moving faces to OUT: folders of frames and a manifest.

    The class of a clip is its muscle movement, and nothing else gives it away.
    """
    from atm_gcn.data.synth import DIFFICULTIES, synthesize

    how = DIFFICULTIES[difficulty]
    manifest = synthesize(out, subjects, clips_per_subject, num_classes, size, seed, faces, how, progress=True)
    click.echo(manifest)
