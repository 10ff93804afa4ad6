"""The import rules of the package: which room may import which, and where an optional or heavy package may be used.

``test_imports.py`` enforces them, and ``docs/draw_imports.py`` draws them.
"""

import ast
from pathlib import Path

import atm_gcn

PACKAGE = Path(atm_gcn.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
EVERYWHERE = {"defaults", "errors", "files", "machine", "terminal", "version", "_lazy", "_moved"}
"""Modules that any room may import."""
MAY_IMPORT: dict[str, set[str]] = {  # room or module -> the others that it may import; a room covers what is inside it
    "defaults": set(),
    "errors": set(),
    "version": set(),
    "_lazy": set(),
    "_moved": set(),
    "machine": set(),
    "terminal": set(),
    "files": {"errors"},
    "graph": set(),
    "encoders": set(),
    "peers.registry": set(),
    "peers": {"peers.registry", "encoders"},
    "config": {"peers.registry"},
    "metrics": set(),
    "losses": set(),
    "media": set(),
    "explanation": {"graph", "metrics.edge_weights"},
    "checkpoint": {"config"},
    "batch_check": {"graph.topology", "encoders"},
    "inference.fold_ensemble": {"config", "encoders", "explanation", "losses"},
    "model": {
        "graph",
        "encoders",
        "config",
        "checkpoint",
        "explanation",
        "batch_check",
        "inference.fold_ensemble",
        "losses",
        "training.results.layout",
    },
    "building": {"model", "config", "checkpoint", "peers"},
    "data": {"config", "graph.topology", "media"},
    "synth": {"data", "media"},
    "training.devices": {"config", "encoders"},
    "training.results.layout": {"checkpoint"},
    "training.protocol": {"training.results.layout", "config", "data", "media"},
    "training.loop": {
        "graph",
        "checkpoint",
        "training.devices",
        "training.protocol",
        "training.results.layout",
        "building",
        "config",
        "data",
        "losses",
        "metrics",
    },
    "training.results": {
        "training.results.layout",
        "training.devices",
        "training.loop",
        "training.protocol",
        "config",
        "data",
        "checkpoint",
        "metrics",
    },
    "training.execution": {
        "training.devices",
        "training.loop",
        "training.protocol",
        "training.results.layout",
        "building",
        "config",
        "data",
    },
    "training.comparison": {"training.loop", "training.results", "building", "config", "data", "metrics"},
    "training": {
        "batch_check",
        "checkpoint",
        "training.comparison",
        "training.devices",
        "training.execution",
        "training.loop",
        "training.protocol",
        "training.results",
        "building",
        "config",
        "data",
        "metrics",
        "model",
        "peers.registry",
    },
    "inference": {
        "training.devices",
        "training.loop",
        "training.results",
        "building",
        "data",
        "media",
        "config",
        "checkpoint",
    },
    "spotting": {
        "config",
        "data",
        "graph",
        "inference",
        "media",
        "metrics",
        "training",
        "training.devices",
        "training.execution",
        "training.protocol",
        "training.results",
        "training.results.layout",
    },
    "explain": {"inference", "training.results", "building", "config", "explanation", "data", "media"},
    "report": {
        "explain",
        "spotting",
        "training.comparison",
        "training.results",
        "training.results.layout",
        "building",
        "config",
        "data",
        "media",
        "metrics",
    },
    "export": {"inference", "building", "losses", "model"},
    "cli": {
        "metrics.spotting",
        "building",
        "config",
        "data",
        "explain",
        "export",
        "inference",
        "media",
        "report",
        "spotting",
        "synth",
        "training",
        "training.comparison",
        "training.devices",
        "training.execution",
        "training.protocol",
        "training.results",
    },
    "__main__": {"cli"},
}
EXCEPTIONS: set[tuple[str, str]] = set()  # (module, room): imports against the rules that wait to be resolved
ONLY_IN = {  # package -> the only folders or files that may use it
    "cv2": {"media/", "synth/"},
    "av": {"media/"},
    "click": {"cli/"},
    "torch_scatter": {"graph/_backends/"},
    "lightning": {"training/execution/fabric.py"},
    "lightning_fabric": {"training/execution/fabric.py"},
    "ray": {"training/execution/ray_"},
    "tensorboard": {"training/execution/tensorboard.py", "training/preflight.py"},
    "pandas": {
        "data/dataframes.py",
        "data/sequences/feature_table.py",
        "training/result.py",
        "training/results/prediction_table.py",
    },
    "pyarrow": {"data/sequences/feature_table.py"},
    "python_calamine": {"data/annotations/_spreadsheet/"},
    "openpyxl": set(),
}
LOADERS = {"require", "import_module", "find_spec"}  # functions that take the name of a module


def module_of(path: Path) -> str:
    """``graph.topology`` for ``atm_gcn/graph/topology.py``, ``graph`` for ``atm_gcn/graph/__init__.py``."""
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__").removesuffix("__init__")


MODULES = {module_of(path) for path in FILES}


def room_of(module: str) -> str:
    """The longest key of :data:`MAY_IMPORT` that covers a module; empty for the package itself.

    ``training`` covers its own modules, not the rooms inside it.
    """
    return max((room for room in MAY_IMPORT if covers(room, module)), key=len, default="")


def covers(room: str, module: str) -> bool:
    """Whether a module is a room or lies in it."""
    return module == room or module.startswith(f"{room}.")


def imported(path: Path) -> set[str]:
    """Full names of the modules that a file imports, also below ``TYPE_CHECKING`` and through ``LOADERS``."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write imports in full"
            full = {f"{node.module}.{alias.name}" for alias in node.names}
            names |= {name if name.removeprefix("atm_gcn.") in MODULES else str(node.module) for name in full}
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            function = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if function in LOADERS and isinstance(node.args[0].value, str):
                names.add(node.args[0].value)
        elif isinstance(node, ast.Constant) and node.value in ("lightning.fabric", "lightning_fabric"):
            names.add(node.value)  # imported under whichever of the two names is installed
    return names


def inside(path: Path) -> set[str]:
    """Modules of the package that a file imports, without ``atm_gcn.``."""
    return {name.removeprefix("atm_gcn").removeprefix(".") for name in imported(path) if covers("atm_gcn", name)}


def permission(room: str, target: str) -> str | None:
    """The entry of ``MAY_IMPORT[room]`` that allows a target in another room; None if none does."""
    home = room_of(target)
    for entry in MAY_IMPORT[room]:
        if entry == home or (entry not in MAY_IMPORT and covers(entry, target)):
            return entry
    return None
