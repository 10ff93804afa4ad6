"""How much of A^(0), the weights of Eq. 6-8, is left in the trained edge weights: of a clip, or as means over clips."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

from atm_gcn.explanation import Explanation

_FORMS = {
    "global_share": "{:.0%} of the sum of |A|",
    "initial_correlation": "correlation with A^(0) {:.2f}",
    "initial_slope": "slope {:.2f}",
}
"""The measures of a layer that a clip may have, in words."""


def edge_weight_summary(explanations: Iterable[Explanation]) -> dict[str, Any] | None:
    """Means over clips of the measures of :class:`~atm_gcn.Explanation`; a value that no clip has is None.

    Args:
        explanations: Of models with the same layers and heads.

    Returns:
        None for models without edge weights; else a dictionary with the keys ``clips``, their number;
        ``edges`` and ``global_edges`` per clip, the latter being those of the global node; ``global_edge_share``;
        ``initial_global_share``, the share of A^(0) on them; and ``layers``, a list with, for every layer and head,
        ``layer``, ``head``, ``global_share``, ``initial_correlation`` and ``initial_slope``.
    """
    rows: dict[tuple[int, int], dict[str, list[Tensor]]] = {}
    edges: dict[str, list[Tensor]] = {}
    for one in explanations:
        for layer in range(1, len(one.edge_weight) + 1):
            measures = {"global_share": one.global_share(layer)}
            if one.initial_weight is not None:
                measures["initial_correlation"] = one.initial_correlation(layer)
                measures["initial_slope"] = one.initial_slope(layer)
            for name, values in measures.items():
                for head in range(values.size(1)):
                    rows.setdefault((layer, head + 1), {}).setdefault(name, []).append(values[:, head])
        if one.edge_weight:
            for name, values in _edges_of(one).items():
                edges.setdefault(name, []).append(values)
    if not rows:
        return None
    return {
        "clips": sum(len(values) for values in edges["edges"]),
        **{
            name: _mean(edges.get(name))
            for name in ("edges", "global_edges", "global_edge_share", "initial_global_share")
        },
        "layers": [
            {"layer": layer, "head": head, **{name: _mean(rows[layer, head].get(name)) for name in _FORMS}}
            for layer, head in sorted(rows)
        ],
    }


def summary_lines(summary: dict[str, Any]) -> list[str]:
    """A summary in words, a line for every layer and head."""
    several = summary["clips"] > 1
    number = "{:.1f}" if several else "{:.0f}"
    of_global, of_all = (number.format(summary[name]) for name in ("global_edges", "edges"))
    first = f"edge weights: {of_global} of {of_all} edges ({summary['global_edge_share']:.0%}) are the global node's"
    if summary["initial_global_share"] is not None:
        first += f", with {summary['initial_global_share']:.0%} of the sum of A^(0)"
    lines = [f"{first}; means over {summary['clips']} clips" if several else first]
    heads = max(row["head"] for row in summary["layers"])
    for row in summary["layers"]:
        name = f"layer {row['layer']}" + (f", head {row['head']}" if heads > 1 else "")
        parts = [form.format(row[key]) for key, form in _FORMS.items() if row[key] is not None]
        lines.append(f"edge weights, {name}: {', '.join(parts) or 'all 0'}")
    return lines


def _edges_of(explanation: Explanation) -> dict[str, Tensor]:
    """The measures that no layer changes, each ``[B]``."""
    counts, of_global = explanation.edge_counts()
    measures = {"edges": counts, "global_edges": of_global, "global_edge_share": explanation.global_edge_share}
    if explanation.initial_weight is not None:
        measures["initial_global_share"] = explanation.global_share(0)[:, 0]
    return measures


def _mean(values: list[Tensor] | None) -> float | None:
    mean = torch.cat(values).double().nanmean().item() if values else torch.nan
    return None if mean != mean else round(mean, 6)  # NaN: no clip has it
