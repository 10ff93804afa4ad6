"""The table of a comparison in LaTeX."""

import re
from collections.abc import Mapping, Sequence
from string import ascii_lowercase
from typing import Any

from atm_gcn.files.escaping import escape
from atm_gcn.metrics import SCORES
from atm_gcn.training.comparison.score_cells import chance_cells, score_text
from atm_gcn.training.comparison.tables import ComparisonRow, adjusted_text, by_settings, cost_cells, note
from atm_gcn.training.results.score_notes import interval_text

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    "[": "{[}",  # after a line break, \\[ is an option
    "*": "{*}",
}
COLUMNS = 10


def to_latex(rows: Sequence[ComparisonRow], metrics: Mapping[str, Any]) -> str:
    r"""A ``tabular`` with the rules of the package ``booktabs``; the best value of each score is bold.

    What the caption has to say stands above it as a comment; letters name the training of each model.

    Args:
        rows: Of :func:`~atm_gcn.training.comparison.tables.comparison_rows`.
        metrics: Scores of the first model, as in ``metrics.json``.
    """
    letters = dict(zip(by_settings(rows), ascii_lowercase, strict=False))
    best = {key: max(f"{row.scores[key]:.3f}" for row in rows) for key in SCORES}
    header = ["Model", "UF1", r"95\,\%", "UAR", "ACC", "Parameters", "GMAC", "s/fold", r"$\Delta$UF1", "$p$"]
    chance = chance_cells(rows[0].chance)
    return "\n".join(
        [
            "% needs \\usepackage{booktabs}",
            *(f"% {_in_line(line)}" for line in note(rows, metrics, "95 % intervals of UF1")),
            "% Delta UF1: that of the first model minus that of this one.",
            r"\begin{tabular}{l" + "c" * 4 + "r" * (COLUMNS - 5) + "}",
            r"\toprule",
            _line(header),
            r"\midrule",
            *(_line(_cells(row, best, letters.get(row.settings))) for row in rows),
            r"\midrule",
            _line(["chance", chance[0], "", *chance[1:], *[""] * 5]),
            r"\bottomrule",
            *(
                rf"\multicolumn{{{COLUMNS}}}{{l}}{{\footnotesize $^{letter}$ {latex(settings)}}} \\"
                for settings, letter in letters.items()
            ),
            r"\end{tabular}",
            "",
        ]
    )


def latex(text: str) -> str:
    """Escape text for LaTeX, so that it is printed as it is."""
    return "".join(_SPECIAL.get(sign, sign) for sign in escape(text))


def _cells(row: ComparisonRow, best: Mapping[str, str], letter: str | None) -> list[str]:
    scores = {}
    for key in SCORES:
        text = score_text(row.scores[key], row.std[key] if row.std else None, r" \pm ")
        bold = f"{row.scores[key]:.3f}" == best[key]
        scores[key] = rf"$\mathbf{{{text}}}$" if bold else f"${text}$"
    gap = ["", ""]
    if row.differences:
        gap = [f"${row.differences['uf1'].value:+.3f}$", _number(adjusted_text(row, "uf1"))]
    mark = f"$^{letter}$" if letter else ""
    interval = interval_text(row.intervals["uf1"], "--")
    costs = [_number(cell) for cell in cost_cells(row)]
    return [latex(row.title) + mark, scores["uf1"], interval, scores["uar"], scores["acc"], *costs, *gap]


def _number(cell: str) -> str:
    """A cell that may begin with ``<`` and end in a unit."""
    return re.sub("<(.*)", r"$<\1$", cell).replace(" ", r"\,")


def _line(cells: Sequence[str]) -> str:
    return " & ".join(cells) + r" \\"


def _in_line(text: str) -> str:
    return escape(text).replace("+-", "±")
