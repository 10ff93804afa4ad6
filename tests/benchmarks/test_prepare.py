"""The benchmark of prepare, on a few clips."""

import pytest
from click.testing import CliRunner

from benchmarks.data.prepare import Results, main


@pytest.mark.slow
def test_kills_resumes_and_compares(tmp_path):
    options = ["--clips", "12", "--frames", "15", "--scaling-clips", "2", "--jobs", "1,2", "--rounds", "1"]
    outcome = CliRunner().invoke(main, [*options, "--out", str(tmp_path / "r.json")], catch_exceptions=False)
    assert outcome.exit_code == 0, outcome.output
    results = Results.read(tmp_path / "r.json")
    assert results.same_bytes and 6 <= results.done_before_kill < 12
    assert [scale.jobs for scale in results.scaling] == [1, 2]
    assert results.whole.seconds > 0 and results.resumed.seconds > 0
