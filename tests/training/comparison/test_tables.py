"""The table of a comparison as CSV, Markdown and text."""

import csv
import io
from dataclasses import replace

import pytest

from atm_gcn.errors import ATMGCNError
from atm_gcn.metrics import SCORES, holm
from atm_gcn.training.comparison.difference import compare
from atm_gcn.training.comparison.tables import comparison_rows, to_csv, to_markdown, to_text
from tests.training.comparison.builders import LONG, model, models
from tests.training.comparison.test_difference import NAMES


@pytest.fixture(scope="module")
def compared():
    costs = {"parameters": 1_684_000, "gmac": 0.1234, "seconds_per_fold": 61.23, "settings": "authors' training"}
    return [*models(3, seeds=2), model("Peer", 0.6, 9, seeds=2, **costs)]


@pytest.fixture(scope="module")
def rows(compared):
    return comparison_rows(compared)


def test_rows_have_the_scores_and_the_differences_to_the_first_model(compared, rows):
    assert rows[0].differences is None and rows[0].adjusted_p is None
    for found, row in zip(compared, rows, strict=True):
        assert row.scores == {key: found.metrics[key] for key in SCORES}
        assert row.std == found.metrics["std"]
    for found, row in zip(compared[1:], rows[1:], strict=True):
        assert row.differences == compare(compared[0].predictions, found.predictions, NAMES)


def test_each_score_is_a_family_of_tests(rows):
    for key in SCORES:
        assert [row.adjusted_p[key] for row in rows[1:]] == holm([row.differences[key].p for row in rows[1:]])
    assert any(row.adjusted_p["uf1"] > row.differences["uf1"].p for row in rows[1:])


def test_models_of_other_clips_or_classes_are_refused(compared):
    fewer = replace(compared[1], predictions=compared[1].predictions[1:])
    with pytest.raises(ATMGCNError, match=r"Model-0 and Model-1: .* same clips with the same seeds"):
        comparison_rows([compared[0], fewer])
    other = replace(compared[1], metrics={**compared[1].metrics, "class_names": ["b", "a", "c"]})
    with pytest.raises(ATMGCNError, match="their classes differ"):
        comparison_rows([compared[0], other])


def test_csv(rows):
    first, *_, last = csv.DictReader(io.StringIO(to_csv(rows)))
    assert (first["model"], first["title"], first["uf1_p_holm"], first["parameters"]) == ("model-0", "Model-0", "", "")
    assert float(last["uf1"]) == pytest.approx(rows[-1].scores["uf1"], abs=1e-6)
    assert float(last["uar_difference"]) == pytest.approx(rows[-1].differences["uar"].value, abs=1e-6)
    assert float(last["acc_p_holm"]) == pytest.approx(rows[-1].adjusted_p["acc"], abs=1e-6)
    costs = [last[key] for key in ("parameters", "gmac", "settings")]
    assert costs == ["1684000", "0.123400", "authors' training"]


def test_markdown(compared, rows):
    named = [replace(rows[0], title="a|b"), *rows[1:]]
    table, _, note = to_markdown(named, compared[0].metrics).partition("\n\n")
    lines = table.splitlines()
    assert len({len(line) for line in lines}) == 1 and lines[2].startswith("| a\\|b ")
    cells = [cell.strip() for cell in lines[5].split("|")][1:-1]
    assert cells[0] == "Peer" and cells[4:7] == ["1.68 M", "0.123", "61.2"] and cells[-1] == "authors' training"
    assert lines[-1].split()[1:4] == ["chance", "|", f"{rows[0].chance['uf1']:.3f}"]
    assert "72 clips of 6 subjects. 2 seeds, mean +- standard deviation over them." in note
    assert "Protocol: one subject out, last epoch." in note and "exact over all 64 exchanges" in note
    assert "Holm's correction over the 3 models" in note and "With only 6 subjects" in note


def test_text_fits_a_terminal(compared, rows):
    huge = {"parameters": 999_400, "gmac": 1234.5, "seconds_per_fold": 98765.4, "settings": "a long story " * 30}
    wide = [*rows, replace(rows[1], title=LONG, **huge)]
    text = to_text(wide, compared[0].metrics)
    assert max(map(len, text.splitlines())) <= 120
    assert "…" in text and "999 k" in text and "Peer: authors' training." in text
    assert text.splitlines()[6].startswith("chance ")
    assert "In the column 95 %, intervals of UF1 over subjects." in text


@pytest.mark.parametrize(
    ("costs", "texts"),
    [
        ({"parameters": 0, "gmac": 0.0, "seconds_per_fold": 0.0001}, ["0", "0.000", "<0.001"]),
        ({"parameters": 999, "gmac": 0.9996, "seconds_per_fold": 9.996}, ["999", "1.00", "10.0"]),
        ({"parameters": 999_600, "gmac": 99.96, "seconds_per_fold": 1234.5}, ["1.00 M", "100", "1234"]),
    ],
)
def test_costs_have_three_digits(compared, rows, costs, texts):
    lines = to_markdown([replace(rows[0], **costs)], compared[0].metrics).splitlines()
    assert [cell.strip() for cell in lines[2].split("|")][5:8] == texts
