"""Commands that make a folder: what is in the way of it, links in it, and odd names."""

import shutil

import pytest

from atm_gcn.cli import main
from atm_gcn.data import write_manifest
from tests.runs import tiny_clips


@pytest.fixture
def commands(store, tiny_sets, tmp_path):
    """Each command, with ``OUT`` for the folder."""
    clips = tiny_clips(tmp_path / "clips", subjects=2)
    write_manifest(clips, tmp_path / "clips" / "manifest.csv")
    train = [str(store), "OUT", "--device", "cpu", *tiny_sets]
    return {
        "synth": ["synth", "OUT", "--subjects", "1", "--clips-per-subject", "3", "--size", "64"],
        "prepare": ["prepare", "manifest", str(tmp_path / "clips"), "OUT", "--set", "data.size=16"],
        "train": ["train", *train],
        "ablate": ["ablate", *train],
    }


@pytest.fixture
def run(commands, capsys):
    """Run a command; its exit code and the last line that it says."""

    def run(command, out, *options):
        capsys.readouterr()
        code = main.run([str(out) if part == "OUT" else part for part in commands[command]] + list(options))
        return code, (capsys.readouterr().err.splitlines() or [""])[-1]

    return run


@pytest.mark.parametrize("command", ["synth", "prepare", "train", "ablate"])
def test_odd_names(run, command):
    cases = {"": "an empty one", "a\0b": "one with a null character", "n" * 300: "one of 300 bytes, which is too long"}
    for name, said in cases.items():
        assert run(command, name) == (2, f"Error: OUT must be a name for a folder, not {said}")


@pytest.mark.parametrize("command", ["synth", "prepare"])
def test_a_partial_folder_of_somebody_else_is_kept(run, tmp_path, command):
    (tmp_path / "q.partial").mkdir()
    (tmp_path / "q.partial" / "thesis.tex").write_text("precious")
    (tmp_path / "r.partial").write_text("precious")
    (tmp_path / "s.partial").symlink_to(tmp_path / "q.partial")
    for name, said in (
        ("q", "exists and is no unfinished"),
        ("r", "exists and is no unfinished"),
        ("s", "is a symbolic link"),
    ):
        code, err = run(command, tmp_path / name)
        assert code == 1 and said in err
        assert not (tmp_path / name).exists()
    assert (tmp_path / "q.partial" / "thesis.tex").read_text() == "precious"
    assert (tmp_path / "r.partial").read_text() == "precious"


@pytest.mark.parametrize("command", ["synth", "prepare"])
def test_a_link_that_the_user_names_is_followed(run, tmp_path, command):
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to("there")
    assert run(command, tmp_path / "link")[0] == 0
    assert (tmp_path / "link").is_symlink() and (tmp_path / "there" / "manifest.csv").is_file()


def test_an_empty_working_folder_is_prepared(run, tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert run("prepare", ".")[0] == 0
    assert (tmp_path / "here" / "meta.json").is_file()


@pytest.mark.parametrize("name", ["movie.mkv.partial", "model.safetensors.partial", "notes.txt"])
def test_a_folder_of_somebody_else_is_no_run(run, tmp_path, name):
    (tmp_path / "dl").mkdir()
    (tmp_path / "dl" / name).write_text("precious")
    code, err = run("train", tmp_path / "dl")
    assert code == 1 and "exists and is no run of atm-gcn" in err
    assert (tmp_path / "dl" / name).read_text() == "precious"


@pytest.mark.parametrize(
    "name", ["lock", "folds", "folds/tiny__s0", "folds/tiny__s0/state.safetensors", "metrics.json"]
)
def test_a_link_in_a_run_is_refused(run, trained, tmp_path, name):
    out, other = tmp_path / "run", tmp_path / "other"
    other.mkdir()
    (other / "a.txt").write_text("precious")
    shutil.copytree(trained, out, ignore=lambda folder, names: [one for one in names if name.endswith(one)])
    (out / name).symlink_to(other / "a.txt" if "." in name or name == "lock" else other)
    code, err = run("train", out, "--resume")
    said = f"{out / name}: is a symbolic link, through which nothing is written; replace it by its target"
    assert (code, err) == (1, f"atm-gcn: error: {said}")
    assert [file.name for file in other.iterdir()] == ["a.txt"]
    assert (other / "a.txt").read_text() == "precious" and (out / name).is_symlink()


@pytest.mark.parametrize("name", ["ablation.csv", "ablation.md"])
def test_a_table_of_somebody_else_is_kept(run, tmp_path, name):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / name).write_text("precious")
    code, err = run("ablate", tmp_path / "out")
    assert (code, err) == (
        1,
        f"atm-gcn: error: {tmp_path}/out/{name}: is no table that this command wrote; rename it, or name another "
        "folder",
    )
    assert [file.name for file in (tmp_path / "out").iterdir()] == [name]


def test_a_variant_that_is_a_link_is_refused(run, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "full").symlink_to(tmp_path / "clips")
    code, err = run("ablate", tmp_path / "out")
    assert code == 1 and "full: is a symbolic link" in err
