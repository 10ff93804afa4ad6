"""The benchmark of video, on a few small frames."""

from click.testing import CliRunner

from benchmarks.data.video import OPENCV, OURS, SAME, Results, main


def test_sides_show_the_same_frames(tmp_path):
    options = ["--seconds", "8", "--side", "96", "--rounds", "1", "--out", str(tmp_path / "r.json")]
    outcome = CliRunner().invoke(main, options, catch_exceptions=False)
    assert outcome.exit_code == 0, outcome.output
    results = Results.read(tmp_path / "r.json")
    assert [case.last - case.first + 1 for case in results.cases] == [60, 240, 30]
    assert all(case.difference < SAME and case.seconds.keys() >= {OPENCV, OURS} for case in results.cases)
    assert "long, its last second: 30 of 240" in outcome.output
