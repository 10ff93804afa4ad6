from pathlib import Path

from click.testing import CliRunner

from atm_gcn.cli.synth import synth
from atm_gcn.data import load_manifest


def test_prints_the_manifest_that_it_wrote(tmp_path):
    arguments = ["--subjects", "1", "--clips-per-subject", "5", "--num-classes", "5", "--size", "64", "--seed", "3"]
    result = CliRunner().invoke(synth, [str(tmp_path / "clips"), *arguments])
    assert result.exit_code == 0
    clips = load_manifest(Path(result.stdout.strip()))
    assert len({clip.label for clip in clips}) == 5


def test_wrong_usage_exits_with_2(tmp_path):
    assert CliRunner().invoke(synth, []).exit_code == 2
    assert CliRunner().invoke(synth, [str(tmp_path / "clips"), "--subjects", "many"]).exit_code == 2
