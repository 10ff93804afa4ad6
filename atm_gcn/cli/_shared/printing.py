"""Results on standard output, in which no name can give the terminal an order."""

import json
from typing import Any

import click

from atm_gcn.files.escaping import escape_json, escape_lines


def echo(text: str, err: bool = False) -> None:
    """Print lines; control characters and direction marks in them are shown as escapes."""
    click.echo(escape_lines(text), err=err)


def echo_json(content: Any) -> None:
    """Print JSON; control characters and direction marks in it are written as escapes, which mean the same."""
    click.echo(escape_json(json.dumps(content, indent=2, ensure_ascii=False)))
