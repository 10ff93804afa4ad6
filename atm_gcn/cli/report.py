"""``atm-gcn report``: what a finished run found."""

from pathlib import Path

import click


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
def report(run: Path) -> None:
    """Print the scores of a finished run."""
    from atm_gcn.training.run_folder import RunFolder
    from atm_gcn.training.summary import to_text

    click.echo(to_text(RunFolder(run).metrics))
