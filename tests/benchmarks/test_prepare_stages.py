"""The benchmark of faces, registration and flow in prepare, on a few clips."""

import pytest
from click.testing import CliRunner

from benchmarks.data.prepare_stages import STAGES, Results, main


@pytest.mark.slow
def test_every_setting_is_timed_and_repeats_its_bytes(tmp_path):
    options = ["--subjects", "1", "--clips", "3", "--rounds", "1", "--out", str(tmp_path / "r.json")]
    outcome = CliRunner().invoke(main, options, catch_exceptions=False)
    assert outcome.exit_code == 0, outcome.output
    results = Results.read(tmp_path / "r.json")
    assert [stage.name for stage in results.stages] == list(STAGES) and results.same_bytes
    assert all(stage.cpu_seconds > 0 for stage in results.stages)
    assert results.stages[0].times_decoding == 1 and results.registered == results.clips == 3
