"""Tables of the readings of a run that are not scores, beside the honest one."""

import textwrap
from collections.abc import Mapping
from string import ascii_lowercase

from atm_gcn.files.csv_tables import csv_text
from atm_gcn.files.escaping import escape_to
from atm_gcn.files.text_table import aligned
from atm_gcn.metrics import SCORES
from atm_gcn.training.comparison.peeking.audit import DESCRIPTIONS, HONEST, PeekingAudit, points_added
from atm_gcn.training.comparison.score_cells import markdown_table

WIDTH = 120  # characters of a terminal
LONGEST_TITLE = 36
WARNING = (
    "Only the column honest is a score. The others choose by the clips that they are tested on, or average subjects "
    "instead of pooling their clips."
)


def to_csv(audits: Mapping[str, PeekingAudit]) -> str:
    """One line per model and reading: whether it is a score, its values, and the points that it adds to honest UF1."""
    added = points_added(audits)
    lines = []
    for title, audit in audits.items():
        for name, values in audit.readings.items():
            points = added[name].by_model[title] if name in added else None
            is_score = "yes" if name == HONEST else "no"
            lines.append([title, name, is_score, *(values[key] for key in SCORES), points])
    return csv_text(["model", "reading", "is_a_score", *SCORES, "uf1_points_added"], lines, ".6f")


def to_markdown(audits: Mapping[str, PeekingAudit], score: str = "uf1") -> str:
    """Aligned Markdown: a row per model, a column per reading with the points that it adds in brackets.

    Args:
        audits: By the title of the model.
        score: ``"uf1"``, ``"uar"`` or ``"acc"``.
    """
    header, cells, legend = _table(audits, score, brackets=True)
    header[0] = "model"
    return "\n".join([*markdown_table(header, cells), "", WARNING, "", *(f"- {line}" for line in legend)]) + "\n"


def to_text(audits: Mapping[str, PeekingAudit], score: str = "uf1") -> str:
    """The same for a terminal, at most :data:`WIDTH` characters wide, with the points in the last row alone."""
    header, cells, legend = _table(audits, score, brackets=False)
    below = [line for sentence in (WARNING, *legend) for line in textwrap.wrap(sentence, WIDTH, subsequent_indent="  ")]
    return "\n".join([*(line.rstrip() for line in aligned([header, *cells])), "", *below])


def points_text(audits: Mapping[str, PeekingAudit], score: str = "uf1") -> list[str]:
    """A sentence per reading: the points that it adds in the median, and for which models least and most."""
    sentences = []
    for name, points in points_added(audits, score).items():
        models = points.by_model
        least, most = min(models, key=models.__getitem__), max(models, key=models.__getitem__)
        text = f"{name} ({DESCRIPTIONS[name]}): {points.median:+.1f} points of {score.upper()}"
        if len(models) > 1:
            text += f" in the median, from {models[least]:+.1f} ({least}) to {models[most]:+.1f} ({most})"
        sentences.append(f"{text}.")
    return sentences


def _table(
    audits: Mapping[str, PeekingAudit], score: str, brackets: bool
) -> tuple[list[str], list[list[str]], list[str]]:
    """Header, rows and legend; letters stand for the readings that are not scores."""
    added = points_added(audits, score)
    letters = dict(zip(added, ascii_lowercase, strict=False))
    cells = []
    for title, audit in audits.items():
        row = [title if brackets else escape_to(LONGEST_TITLE, title), f"{audit.honest[score]:.3f}"]
        for name in letters:
            if name not in audit.readings:
                row.append("")
                continue
            points = f" ({added[name].by_model[title]:+.1f})" if brackets else ""
            row.append(f"{audit.readings[name][score]:.3f}{points}")
        cells.append(row)
    cells.append(["points added, median", "", *(f"{added[name].median:+.1f}" for name in letters)])
    header = [score.upper(), HONEST, *(f"({letter})" for letter in letters.values())]
    legend = [f"{HONEST}: {DESCRIPTIONS[HONEST]}"]
    legend += [f"({letter}) not a score: {DESCRIPTIONS[name]} ({name})" for name, letter in letters.items()]
    return header, cells, legend
