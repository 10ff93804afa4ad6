"""``atm-gcn train`` and ``atm-gcn report``: what they print, write and refuse."""

import json
import shutil

import pytest

from atm_gcn.cli import main
from tests.runs import tiny_store


@pytest.fixture
def train(store, tiny_sets, capsys):
    """Run ``atm-gcn train`` and return its exit code, stdout and stderr."""

    def run(out, *options, data=store):
        code = main.run(["train", str(data), str(out), "--device", "cpu", *tiny_sets, *options])
        return (code, *capsys.readouterr())

    return run


def test_results_go_to_stdout_and_progress_to_stderr(train, tmp_path):
    code, out, err = train(tmp_path / "run")
    assert code == 0
    assert out.startswith("9 clips of 3 subjects, each held out once\n")
    assert "\npooled " in out
    assert "\ntrue\\predicted " in out
    lines = [line for line in err.splitlines() if line.startswith("fold")]
    assert [line.partition(":")[0] for line in lines] == [f"fold {i}/3 (tiny/s{i - 1})" for i in (1, 2, 3)]
    assert all(line.endswith(" left") for line in lines)
    assert err.splitlines()[-1] == f"written to {tmp_path / 'run'}"


def test_the_same_seed_gives_the_same_metrics(train, trained, tmp_path):
    assert train(tmp_path / "run")[0] == 0
    for name in ("metrics.json", "predictions.csv", "config.yaml"):
        assert (tmp_path / "run" / name).read_bytes() == (trained / name).read_bytes()


def test_report_prints_it_again(train, tmp_path, capsys):
    out = train(tmp_path / "run")[1]
    assert main.run(["report", str(tmp_path / "run")]) == 0
    assert capsys.readouterr() == (out, f"written to {tmp_path / 'run' / 'report.html'}\n")


def test_report_of_an_unfinished_run(trained, tmp_path, capsys):
    (tmp_path / "config.yaml").write_bytes((trained / "config.yaml").read_bytes())
    assert main.run(["report", str(tmp_path)]) == 1
    assert "is not finished, it lacks metrics.json; go on with atm-gcn train --resume" in capsys.readouterr().err


def test_dry_run_writes_nothing(train, tmp_path):
    code, out, _ = train(tmp_path / "run", "--dry-run")
    assert code == 0
    assert out.startswith("3 folds over 9 clips of 3 classes (down, left, still)\nmodel of ")
    assert out.endswith("nothing was written\n")
    assert list(tmp_path.iterdir()) == []


FINISHED = "would refuse to train there; with --resume, it would train nothing and print its scores\n"


@pytest.mark.parametrize(
    ("options", "state"),
    [
        ([], f"holds a finished run: without --dry-run, this command {FINISHED}"),
        (["--resume"], "holds a finished run: this command would train nothing and print its scores\n"),
        (
            ["--set", "train.optim.epochs=5"],
            "holds a finished run, begun with other settings, train.optim.epochs was 2",
        ),
    ],
)
def test_dry_run_says_what_is_at_out(train, trained, options, state):
    before = sorted(trained.rglob("*"))
    code, out, err = train(trained, "--dry-run", *options)
    assert (code, err) == (0, "")
    assert f"\n{trained} {state}" in out and out.startswith("3 folds over 9 clips")
    assert out.endswith("nothing was written\n") and sorted(trained.rglob("*")) == before


def test_dry_run_says_how_far_a_run_is(train, trained, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(trained, run)
    (run / "folds" / "tiny__s1" / "fold.json").unlink()
    (run / "metrics.json").unlink()
    state = f"\n{run} holds a run with 2 of 3 folds finished: "
    assert (
        f"{state}without --dry-run, this command would refuse to train there; with --resume, it would train the "
        in (train(run, "--dry-run")[1])
    )
    assert f"{state}this command would train the other 1\n" in train(run, "--dry-run", "--resume")[1]


def test_dry_run_refuses_a_folder_in_which_no_run_can_be(train, trained, tmp_path):
    (tmp_path / "notes.txt").touch()
    for options in ([], ["--resume"]):
        code, out, err = train(tmp_path, "--dry-run", *options)
        assert (code, out) == (1, "") and "exists and is no run of atm-gcn; name another folder" in err
    code, out, err = train(trained, "--dry-run", "--resume", "--set", "train.optim.epochs=5")
    assert (code, out) == (1, "") and "begun with other settings, train.optim.epochs was 2 and is 5" in err


@pytest.mark.parametrize("options", [[], ["--dry-run"]])
@pytest.mark.parametrize(
    ("setting", "message"),
    [
        (["--set", "train.epoch=3"], "--set: unknown key 'train.epoch'; did you mean 'train.optim.epochs'?"),
        (["--set", "train.optim.epochs=0"], "--set: train.optim.epochs must be from 1 to 100,000, not 0"),
        (["--set", "train.optim.epochs"], "write it as section.key=value"),
        (["--set", "model.num_classes=5"], "model.num_classes is 5, but"),
        (["--set", "data.size=64"], "was prepared with 32; prepare it again"),
        (["--config", "absent.yaml"], "absent.yaml: cannot be read"),
        (["--device", "toaster"], "train.compute.device (--device) must be auto, cpu"),
    ],
)
def test_a_wrong_setting_is_one_line(train, tmp_path, options, setting, message):
    code, out, err = train(tmp_path / "run", *setting, *options)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert err.startswith("atm-gcn: error: ")
    assert message in err
    assert list(tmp_path.iterdir()) == []


def test_wrong_data_is_one_line(train, tmp_path):
    store = tiny_store(tmp_path / "one", subjects=1).path
    code, _, err = train(tmp_path / "run", data=store)
    assert code == 1
    assert err == (
        "atm-gcn: error: leave-one-subject-out needs clips of two subjects or more, and there is only 'tiny/s0'; "
        "add clips\n"
    )
    assert "is no frame store" in train(tmp_path / "run", data=tmp_path)[2]
    assert not (tmp_path / "run").exists()


def test_a_run_in_the_way_is_kept(train, trained, tmp_path):
    trained = shutil.copytree(trained, tmp_path / "run")
    before = (trained / "metrics.json").read_bytes()
    assert "holds a run already; add --resume" in train(trained)[2]
    assert "train.optim.epochs was 2 and is 3" in train(trained, "--set", "train.optim.epochs=3", "--resume")[2]
    code, _, err = train(trained, "--resume")
    assert code == 0
    assert "3 of 3 folds are already finished" in err
    assert (trained / "metrics.json").read_bytes() == before
    assert json.loads(before)["num_clips"] == 9


def test_a_config_file_stands_between_preset_and_set(train, tmp_path):
    (tmp_path / "my.yaml").write_text("train:\n  lr: 0.25\n  weight_decay: 0.5\n")
    train(tmp_path / "run", "--config", str(tmp_path / "my.yaml"), "--set", "train.optim.lr=0.125", "--preset", "demo")
    config = (tmp_path / "run" / "config.yaml").read_text()
    for line in ("lr: 0.125", "weight_decay: 0.5", "flip: true", "size: 32", "num_classes: 3"):
        assert f"  {line}\n" in config
