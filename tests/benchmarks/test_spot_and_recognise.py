"""The benchmark of spot-and-recognise: a row for each kind of people and expression and each spotter."""

import pytest
from click.testing import CliRunner

from benchmarks.method.spot_and_recognise.__main__ import main
from benchmarks.method.spot_and_recognise.rows import Results


@pytest.mark.slow
def test_it_measures_both_spotters_on_both_kinds_of_people(tmp_path):
    options = ["--people", "3", "--minutes", "0.5", "--size", "64", "--epochs", "1", "--steps", "20", "--out"]
    done = CliRunner().invoke(main, [str(tmp_path / "work"), *options, str(tmp_path / "r.json")])
    assert done.exit_code == 0, done.output
    results = Results.read(tmp_path / "r.json")
    micro = [("learnt", "micro"), ("threshold", "micro")]
    assert [(row.people, row.spotter, row.kind) for row in results.rows] == [
        *(("lively", *one) for one in (*micro, ("learnt", "macro"))),
        *(("quiet", *one) for one in micro),
    ]
    for row in results.rows:
        assert row.per_minute * 1.5 < row.fp + 0.1 and row.f1_interval[0] <= row.f1
        assert row.tp + row.fn == (9 if row.kind == "micro" else 3)
        assert (row.strs is None) == (row.kind == "macro")
    assert all(row.in_macro == 0 for row in results.rows if row.people == "quiet")
