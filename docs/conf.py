"""Sphinx: ``make docs`` writes docs/_build/html; any warning is an error, and nothing is fetched."""

from docutils.nodes import Node, literal
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.nodes import make_refnode

from atm_gcn.version import __version__

project, author, release = "atm-gcn", "The atm-gcn authors", __version__
copyright = "the atm-gcn authors, MIT licence"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.mathjax", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
exclude_patterns = ["_build"]

html_theme, html_title = "furo", f"atm-gcn {release}"
html_show_sphinx = False

myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_mock_imports = ["torch_scatter", "triton"]
napoleon_numpy_docstring = False
napoleon_use_rtype = False
napoleon_custom_sections = [("Shapes", "notes_style"), ("Shapes of a clip", "notes_style")]
python_use_unqualified_type_names = True

nitpicky = True  # a reference within the package must resolve; those to other packages have nowhere to go
nitpick_ignore_regex = [(r"py:.*", r"(?!atm_gcn).*")]


def resolve_public_name(app: Sphinx, env: BuildEnvironment, node: pending_xref, content: Node) -> Node | None:
    """Lead ``atm_gcn.ATMGCN`` to ``atm_gcn.model.ATMGCN``: packages give out what their modules define."""
    target, objects = node.get("reftarget", ""), env.domains.python_domain.objects
    if node.get("refdomain") != "py" or ("." in target and not target.startswith("atm_gcn.")):
        return None
    if not isinstance(content, literal):
        return content  # a type in a signature, which may be one that is not documented
    homes = [name for name in objects if name.rpartition(".")[2] == target.rpartition(".")[2]]
    if len(homes) != 1:
        return None
    entry = objects[homes[0]]
    return make_refnode(app.builder, node["refdoc"], entry.docname, entry.node_id, content, homes[0])


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("missing-reference", resolve_public_name)
