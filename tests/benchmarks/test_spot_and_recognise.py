"""The benchmark of spot-and-recognise: both kinds of people and both spotters have a row each."""

import pytest
from click.testing import CliRunner

from benchmarks.method.spot_and_recognise.__main__ import main
from benchmarks.method.spot_and_recognise.rows import Results


@pytest.mark.slow
def test_it_measures_both_spotters_on_both_kinds_of_people(tmp_path):
    options = ["--people", "3", "--minutes", "0.5", "--size", "64", "--epochs", "1", "--out", str(tmp_path / "r.json")]
    done = CliRunner().invoke(main, [str(tmp_path / "work"), *options])
    assert done.exit_code == 0, done.output
    results = Results.read(tmp_path / "r.json")
    assert [(row.people, row.spotter) for row in results.rows] == [
        (people, spotter) for people in ("lively", "quiet") for spotter in ("learnt", "threshold")
    ]
    for row in results.rows:
        assert row.tp + row.fn == 9 and row.per_minute * 1.5 < row.fp + 0.1 and row.f1_interval[0] <= row.f1
    assert all(row.in_macro == 0 for row in results.rows if row.people == "quiet")
