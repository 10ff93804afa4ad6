"""Time and memory against the length of a clip."""

from collections import Counter
from pathlib import Path

from atm_gcn.errors import require
from atm_gcn.files import replacing
from benchmarks.layer.compare import COMPILED, EAGER, FLOOR, LAYERS
from benchmarks.layer.page.schema import CaseResult, Results
from benchmarks.layer.page.tables import side_of

DASHED = ("PyG GATv2Conv", "PyG GCNConv, defaults", "FlexAttention")  # these compute another function


def series(cases: list[CaseResult]) -> list[CaseResult]:
    """The cases of the batch, window and width that were run at most lengths, without ragged ones, by length."""
    kinds = Counter((case.batch, case.window, case.channels) for case in cases if not case.ragged)
    [(kind, _)] = kinds.most_common(1)
    chosen = [c for c in cases if not c.ragged and (c.batch, c.window, c.channels) == kind]
    return sorted(chosen, key=lambda case: case.nodes)


def plot(results: Results, quantity: str, path: Path) -> None:
    """Draw ``"time"`` or ``"memory"`` of forward and backward against n, both axes logarithmic."""
    pyplot = require("matplotlib.pyplot", "train", "drawing the benchmark")
    cases = series(results.layers)
    figure, axes = pyplot.subplots(figsize=(9, 5.5), layout="constrained")
    for index, name in enumerate(LAYERS):
        points = [(case.nodes, value_of(case, name, quantity)) for case in cases]
        points = [(nodes, value) for nodes, value in points if value]
        if not points:
            continue
        strong = 2 * index % 20 + 2 * index // 20  # of the palette's pairs the strong colours first
        style = {"color": "black", "linestyle": ":"} if name == FLOOR else {"color": pyplot.cm.tab20(strong)}
        style |= {"linestyle": "--"} if name in DASHED else {}
        style |= {"linewidth": 3, "zorder": 3} if name in (EAGER, COMPILED) else {}
        axes.plot(*zip(*points, strict=True), marker="o", markersize=4, label=name, **style)
    axes.set(xscale="log", yscale="log", xlabel="nodes n of a clip")
    axes.set_xticks([case.nodes for case in cases], [str(case.nodes) for case in cases])
    axes.minorticks_off()
    axes.set_ylabel("ms" if quantity == "time" else "peak MB beyond the inputs")
    first = cases[0]
    what = "Time" if quantity == "time" else "Memory"
    axes.set_title(
        f"{what} of one layer, forward + backward; B = {first.batch}, w = {first.window}, F = {first.channels}\n"
        f"{results.machine.label}; torch {results.machine.versions['torch']}; dashed: another function",
        fontsize=10,
    )
    axes.grid(alpha=0.3)
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), fontsize=8, frameon=False)
    with replacing(path) as partial:
        figure.savefig(partial, dpi=110, format="png")
    pyplot.close(figure)


def value_of(case: CaseResult, name: str, quantity: str) -> float | None:
    """Milliseconds or megabytes, None where the side was not measured."""
    side = side_of(case, name)
    if quantity == "memory":
        return side.train_peak and side.train_peak / 1e6
    return side.train and side.train.median * 1e3
