"""HTML pages from templates."""

from collections.abc import Callable, Mapping
from typing import Any

import jinja2

from atm_gcn.files.escaping import escape_lines
from atm_gcn.files.outputs import GENERATOR


def render_template(
    name: str, content: Mapping[str, Any], filters: Mapping[str, Callable[..., str]] | None = None
) -> str:
    """A page as HTML.

    Names of clips, classes and subjects come from untrusted tables: they are escaped for HTML, and control characters
    and direction marks in them are shown as escapes.

    Args:
        name: File name of the template.
        content: The variables of the template.
        filters: The filters that it uses.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("atm_gcn.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    environment.globals["generator"] = GENERATOR
    environment.filters.update(filters or {})
    return environment.get_template(name).render(content)


def _finalize(value: Any) -> Any:
    return escape_lines(value) if type(value) is str else value  # Markup is a subclass that is already escaped
