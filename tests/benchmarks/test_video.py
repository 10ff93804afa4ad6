"""The benchmark of video, on a few small frames."""

import json
from pathlib import Path

from click.testing import CliRunner

from benchmarks.data.video import OPENCV, OURS, SAME, Results, main


def test_sides_show_the_same_frames(tmp_path):
    options = ["--seconds", "8", "--side", "96", "--rounds", "1", "--out", str(tmp_path / "r.json")]
    outcome = CliRunner().invoke(main, options, catch_exceptions=False)
    assert outcome.exit_code == 0, outcome.output
    results = Results.model_validate(json.loads((tmp_path / "r.json").read_text()))
    assert [case.last - case.first + 1 for case in results.cases] == [60, 240, 30]
    assert all(case.difference < SAME and case.seconds.keys() >= {OPENCV, OURS} for case in results.cases)
    assert "long, its last second: 30 of 240" in outcome.output


def test_kept_results_follow_the_schema():
    for file in (Path(__file__).parents[2] / "benchmarks" / "results").glob("video-*.json"):
        results = Results.model_validate_json(file.read_text(encoding="utf-8"))
        assert all(case.difference < SAME for case in results.cases)
