"""Printing of results, in which no name can send a control sequence to the terminal."""

import json
from typing import Any

import click

from atm_gcn.files.escaping import escape_json, escape_lines


def echo(text: str, err: bool = False) -> None:
    """Print lines; control characters and direction marks in them are shown as escapes."""
    click.echo(escape_lines(text), err=err)


def echo_json(content: Any) -> None:
    """Print JSON; control characters and direction marks in it are written as equivalent escapes."""
    click.echo(escape_json(json.dumps(content, indent=2, ensure_ascii=False)))
