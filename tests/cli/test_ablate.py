"""``atm-gcn ablate``: four runs, one table."""

import csv
import json
import shutil

import pytest

from atm_gcn.cli import main
from atm_gcn.training.comparison.ablation import VARIANTS

FOLDERS = ["full", "without-atm", "without-gcn", "without-motion"]


@pytest.fixture(scope="module")
def options(tiny_sets):
    return ["--device", "cpu", "--seeds", "2", "--folds", "3", *tiny_sets, "--set", "train.optim.epochs=1"]


@pytest.fixture(scope="module")
def finished(store, options, tmp_path_factory):
    out = tmp_path_factory.mktemp("ablation") / "out"
    assert main.run(["ablate", str(store), str(out), *options]) == 0
    return out


def rows_of(out):
    with (out / "ablation.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_row_is_a_run_of_the_same_folds_and_seeds(finished):
    assert sorted(folder.name for folder in finished.iterdir() if folder.is_dir()) == FOLDERS
    folds = [
        sorted(str(f.relative_to(finished / name)) for f in (finished / name).rglob("predictions.csv"))
        for name in FOLDERS
    ]
    assert folds[0] == folds[1] == folds[2] == folds[3]
    assert len(folds[0]) == 1 + 3 * 2


def test_the_table_has_the_scores_of_the_runs(finished):
    rows = rows_of(finished)
    assert [row["model"] for row in rows] == list(VARIANTS)
    metrics = [json.loads((finished / name / "metrics.json").read_text()) for name in ("full", "without-gcn")]
    for row, found in zip(rows, metrics, strict=False):
        assert float(row["uf1"]) == found["uf1"]
        assert float(row["uf1_std"]) == found["std"]["uf1"]
        assert [float(row[f"uar_interval_{end}"]) for end in ("low", "high")] == found["interval"]["uar"]
        assert float(row["acc_chance"]) == found["chance"]["acc"]
    assert rows[0]["uf1_difference"] == ""
    assert float(rows[1]["uf1_difference"]) == pytest.approx(metrics[0]["uf1"] - metrics[1]["uf1"], abs=2e-6)
    assert all(0 < float(row["uf1_p"]) <= 1 for row in rows[1:])


def test_the_printed_table_names_test_and_protocol(store, options, finished, capsys):
    before = (finished / "ablation.csv").read_bytes()
    assert main.run(["ablate", str(store), str(finished), *options, "--resume"]) == 0
    out, err = capsys.readouterr()
    assert out == (finished / "ablation.md").read_text()
    assert [f"written to {finished / name}" for name in ("ablation.csv", "ablation.md")] == err.splitlines()[-2:]
    assert [line.split("|")[1].strip() for line in out.splitlines()[2:6]] == list(VARIANTS)
    assert out.splitlines()[6].startswith("| chance ") and "With only 3 subjects" in out
    assert "9 clips of 3 subjects. 2 seeds, mean +- standard deviation over them." in out
    assert "paired permutation test over subjects, exact over all 8 exchanges" in out
    assert (finished / "ablation.csv").read_bytes() == before


def test_what_is_missing_is_trained_and_the_table_is_the_same(store, options, finished, tmp_path):
    out = shutil.copytree(finished, tmp_path / "out")
    shutil.rmtree(out / "without-atm")
    (out / "ablation.csv").unlink()
    assert main.run(["ablate", str(store), str(out), *options, "--resume", "--jobs", "2"]) == 0
    assert (out / "ablation.csv").read_bytes() == (finished / "ablation.csv").read_bytes()


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--set", "model.adaptive=false"], "model.adaptive is false, but an ablation starts from the whole model"),
        (["--set", "train.protocol.kind=all", "--set", "train.protocol.seeds=1"], "has none; choose another one"),
    ],
)
def test_what_cannot_be_ablated_is_said(store, tiny_sets, tmp_path, capsys, more, message):
    assert main.run(["ablate", str(store), str(tmp_path / "out"), "--device", "cpu", *tiny_sets, *more]) == 1
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_an_ablation_in_the_way_is_kept(store, options, finished, capsys):
    assert main.run(["ablate", str(store), str(finished), *options]) == 1
    assert "holds a run already; add --resume" in capsys.readouterr().err
