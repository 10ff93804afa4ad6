"""The commands with models of action units."""

import csv
import json

import pytest

from atm_gcn.cli import main
from tests.sharing import made_once
from tests.units import store_of, unit_clips

TASK = ["--task", "action-units", "--set", "train.protocol.least_unit_clips=2"]


@pytest.fixture(scope="module")
def frames(tmp_path_factory):
    return (
        made_once(tmp_path_factory, "units", lambda path: store_of(unit_clips(path / "clips"), path / "store"))
        / "store"
    )


@pytest.fixture(scope="module")
def trained(frames, tiny_sets, tmp_path_factory):
    def train(out):
        assert main.run(["train", str(frames), str(out), "--device", "cpu", *tiny_sets, *TASK]) == 0

    return made_once(tmp_path_factory, "units-run", train)


def run(*arguments, code=0):
    assert main.run(list(map(str, arguments))) == code


def test_train_prints_f1_of_units(frames, tiny_sets, tmp_path, capsys):
    run("train", frames, tmp_path / "run", "--device", "cpu", *tiny_sets, *TASK)
    out, err = capsys.readouterr()
    lines = [line.split() for line in out.splitlines()]
    assert out.startswith("9 clips of 3 subjects, each held out once\n") and ["mean", "F1"] in lines
    assert {"AU4", "AU10", "AU17"} <= {line[0] for line in lines if line}
    assert "units with fewer than 2 training clips in every fold are left out: AU1, AU2, AU5" in err
    assert "of the units of 3 held-out clips correct" in err
    run("report", tmp_path / "run")
    assert capsys.readouterr().out == out


def test_a_dry_run_takes_a_step(frames, tiny_sets, tmp_path, capsys):
    run("train", frames, tmp_path / "run", *tiny_sets, *TASK, "--dry-run")
    assert "9 clips of 3 classes (AU4, AU10, AU17)" in capsys.readouterr().out
    assert not (tmp_path / "run").exists()


def test_predict_prints_and_writes_units(trained, frames, tmp_path, capsys):
    run("predict", frames, "--model", trained, "--device", "cpu", "--csv", tmp_path / "p.csv", "--json")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["label"] for line in lines[:3]] == ["AU17", "AU4+AU10", "none"]
    for line in lines:
        present = [name for name, p in line["probabilities"].items() if p > 0.5]
        assert line["predicted"] == ("+".join(present) or "none")
        assert line["reliability"]["score"].keys() >= {"mean_f1", "always_on", "interval", "better_than_chance"}
    with (tmp_path / "p.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["predicted"] for row in rows] == [line["predicted"] for line in lines] and "AU10" in rows[0]


def test_predict_a_recording(trained, frames, capsys):
    source = frames.parent / "clips" / "s0" / "c0"
    run("predict", source, "--model", trained, "--device", "cpu", "--fps", 30)
    out = capsys.readouterr().out
    assert "\npredicted: " in out and "mean F1" in out and out.startswith("AU4 ")


def test_explain_one_unit(trained, frames, tmp_path, capsys):
    chosen = ["explain", frames, "--model", trained, "--device", "cpu", "--clip", "tiny/s0/c0"]
    run(*chosen, "--unit", "AU17", "--out", tmp_path / "a.png", "--json")
    found = json.loads(capsys.readouterr().out)
    assert (found["unit"], len(found["evidence"])) == ("AU17", 3)
    run(*chosen, "--out", tmp_path / "b.png")
    assert "explained is AU" in capsys.readouterr().out
    run(*chosen, "--unit", "AU5", "--out", tmp_path / "c.png", code=1)
    assert "--unit must be AU4, AU10 or AU17, not 'AU5'" in capsys.readouterr().err


def test_the_page_shows_units(trained, tmp_path, capsys):
    run("report", trained, "--out", tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert 'data-value="AU10"' in page and "mean F1" in page and 'id="mistakes"' in page
    run("info", trained)
    out = capsys.readouterr().out
    assert "\nunits       AU4, AU10, AU17\n" in out and "mean F1" in out


def test_what_compares_classes_refuses_units(frames, tmp_path, capsys):
    run("compare", frames, tmp_path / "out", "--models", "atm-gcn,majority", *TASK, code=1)
    assert "runs are compared by UF1, UAR and accuracy, which action units do not have" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_model_of_classes_has_no_units_to_explain(frames, tiny_sets, tmp_path, capsys):
    run("train", frames, tmp_path / "run", "--device", "cpu", *tiny_sets, "--folds", 2)
    chosen = ["--clip", "tiny/s0/c0", "--unit", "AU4", "--out", tmp_path / "a.png"]
    run("explain", frames, "--model", tmp_path / "run", *chosen, code=1)
    assert "--unit is for models of action units" in capsys.readouterr().err


def test_leave_one_dataset_out_over_several_stores(frames, tiny_sets, tmp_path, capsys):
    others = unit_clips(tmp_path / "clips", 5, dataset="zoo")[9:]
    store_of(others, tmp_path / "zoo")
    joined = [frames, tmp_path / "run", "--and", tmp_path / "zoo", "--leave-dataset-out"]
    run("train", *joined, "--device", "cpu", *tiny_sets, *TASK)
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [line[0] for line in lines if line][-2:] == ["tiny", "zoo"]
    run("train", *joined, "--folds", 2, *tiny_sets, *TASK, code=2)
    assert "--folds and --leave-dataset-out are two protocols; give only one" in capsys.readouterr().err
