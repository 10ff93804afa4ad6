"""The table of a comparison in LaTeX."""

import re
from dataclasses import replace

import pytest

from atm_gcn.training.comparison.latex_table import COLUMNS, latex, to_latex
from atm_gcn.training.comparison.tables import comparison_rows
from tests.training.comparison.builders import models


@pytest.fixture(scope="module")
def compared():
    return models(4, seeds=2)


@pytest.fixture(scope="module")
def rows(compared):
    return comparison_rows(compared)


def body(text):
    """Rows of the tabular, as cells."""
    lines = text.partition(r"\toprule")[2].partition(r"\bottomrule")[0].splitlines()
    return [re.split(r"(?<!\\)&", line.removesuffix(r"\\")) for line in lines if line.endswith(r"\\")]


def test_every_row_has_all_columns_and_braces_are_balanced(compared, rows):
    names = [r"50%_of & #1 {a} $x$ \end{tabular} ~^<>|", "[1] *", "x\n%", "é"]
    named = [replace(row, title=name, settings=name) for row, name in zip(rows, names, strict=True)]
    text = to_latex(named, compared[0].metrics)
    assert [len(cells) for cells in body(text)] == [COLUMNS] * 6
    code = "\n".join(line for line in text.splitlines() if not line.startswith("%"))
    plain = re.sub(r"\\[{}&%$#_\\]", "", code)
    assert plain.count("{") == plain.count("}") and plain.count("$") % 2 == 0
    assert "%" not in plain.replace(r"\,", "") and "#" not in plain
    assert code.count(r"\begin{tabular}") == code.count(r"\end{tabular}") == 1
    assert code.rstrip().endswith(r"\end{tabular}")


def test_special_characters_are_printed_as_they_are():
    assert latex("50 % & a_b #1 $") == r"50 \% \& a\_b \#1 \$"
    assert latex("\\~^{}") == r"\textbackslash{}\textasciitilde{}\textasciicircum{}\{\}"
    assert latex("a\nb") == r"a\textbackslash{}nb"
    assert latex("[1]") == "{[}1]"


def test_the_best_scores_are_bold(compared, rows):
    bold = [[r"\mathbf" in cell for cell in cells] for cells in body(to_latex(rows, compared[0].metrics))]
    best = max(rows, key=lambda row: row.scores["uf1"])
    assert [number for number, cells in enumerate(bold) if cells[1]] == [1 + rows.index(best)]
    assert not any(cells[number] for cells in bold for number in (0, 2, 5, 6, 7, 8, 9))
    equal = [rows[0], replace(rows[0], differences=rows[1].differences, adjusted_p=rows[1].adjusted_p)]
    assert to_latex(equal, compared[0].metrics).count(r"\mathbf") == 6


def test_letters_name_the_training(compared, rows):
    trained = [replace(row, settings=settings) for row, settings in zip(rows, ["x", "y_1", "x", ""], strict=True)]
    text = to_latex(trained, compared[0].metrics)
    assert [cells[0].strip() for cells in body(text)[1:5]] == ["Model-0$^a$", "Model-1$^b$", "Model-2$^a$", "Model-3"]
    assert rf"\multicolumn{{{COLUMNS}}}{{l}}{{\footnotesize $^b$ y\_1}} \\" in text


def test_the_caption_is_a_comment(compared, rows):
    head = to_latex(rows, compared[0].metrics).partition(r"\begin")[0].splitlines()
    assert all(line.startswith("% ") for line in head)
    assert any("72 clips of 6 subjects" in line for line in head)
