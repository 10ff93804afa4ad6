"""Sphinx: ``make docs`` writes docs/_build/html; any warning is an error, and nothing is fetched."""

import re
from pathlib import Path

from docutils.nodes import Node, SkipNode, literal, math, math_block
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.nodes import make_refnode
from sphinx.writers.html5 import HTML5Translator

from atm_gcn.version import __version__

project, author, release = "atm-gcn", "The atm-gcn authors", __version__
copyright = "the atm-gcn authors, MIT licence"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
exclude_patterns = ["_build"]

html_theme, html_title = "furo", f"atm-gcn {release}"
html_show_sphinx, html_static_path, html_css_files = False, ["_static"], ["page.css"]
html_math_renderer = "mathml"

myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3

add_module_names, toc_object_entries_show_parents = False, "hide"
autodoc_inherit_docstrings = False
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_mock_imports = ["torch_scatter", "triton"]
napoleon_numpy_docstring = False
napoleon_use_rtype = False
napoleon_custom_sections = [("Shapes", "notes_style"), ("Shapes of a clip", "notes_style")]
python_use_unqualified_type_names = True

nitpicky = True  # a reference within the package must resolve; those to other packages have nowhere to go
nitpick_ignore_regex = [(r"py:.*", r"(?!atm_gcn).*")]


KINDS = {"func": {"function"}, "meth": {"method"}, "class": {"class", "exception"}, "mod": {"module"}}  # by role


def _own_name(target: str) -> str:
    """``load_features`` of ``atm_gcn.data.load_features``, ``ATMGCN.explain`` of ``atm_gcn.ATMGCN.explain``."""
    above, _, name = target.rpartition(".")
    owner = above.rpartition(".")[2]
    return f"{owner}.{name}" if owner[:1].isupper() else name


def resolve_public_name(app: Sphinx, env: BuildEnvironment, node: pending_xref, content: Node) -> Node | None:
    """Lead ``atm_gcn.ATMGCN`` to ``atm_gcn.model.ATMGCN``: packages give out what their modules define."""
    target, objects = node.get("reftarget", ""), env.domains.python_domain.objects
    if node.get("refdomain") != "py" or ("." in target and not target.startswith("atm_gcn.")):
        return None
    if not isinstance(content, literal):
        return content  # a type in a signature, which may be one that is not documented
    homes = [
        name
        for name, entry in objects.items()
        if name.endswith(f".{_own_name(target)}") and entry.objtype in KINDS.get(node.get("reftype"), {entry.objtype})
    ]
    if len(homes) != 1:
        return None
    entry = objects[homes[0]]
    return make_refnode(app.builder, node["refdoc"], entry.docname, entry.node_id, content, homes[0])


def name_files_outside(app: Sphinx, docname: str, source: list[str]) -> None:
    """Write links to files of the repository that are no page here as their paths."""
    here = Path(app.env.doc2path(docname)).parent

    def written(link: re.Match[str]) -> str:
        file = (here / link[2]).resolve()
        if file.is_relative_to(app.srcdir):
            return link[0]
        path = f"`{file.relative_to(Path(app.srcdir).parent)}`"
        return path if link[1] in path else f"{link[1]} ({path})"

    source[0] = re.sub(r"(?<!!)\[([^\]]+)\]\((\.\./[^)#\s]+)\)", written, source[0])


def inline_math(self: HTML5Translator, node: math) -> None:
    """Formulas as MathML, which browsers draw without a script from the network."""
    self.body.append(tex2mathml(node.astext()))
    raise SkipNode


def displayed_math(self: HTML5Translator, node: math_block) -> None:
    """A formula on lines of its own."""
    self.body.append(f'<div style="overflow-x: auto">{tex2mathml(node.astext(), as_block=True)}</div>')
    raise SkipNode


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.add_html_math_renderer("mathml", inline_renderers=(inline_math, None), block_renderers=(displayed_math, None))
    app.connect("source-read", name_files_outside)
    app.connect("missing-reference", resolve_public_name)
