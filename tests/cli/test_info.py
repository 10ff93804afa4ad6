"""``atm-gcn info`` on a run, a fold and a checkpoint."""

import json
import re

import pytest

from atm_gcn import ATMGCN
from atm_gcn.cli import main
from atm_gcn.config import DataConfig, RunConfig
from atm_gcn.inference.model_info import describe_model, preset_of
from atm_gcn.training.results.input_text import input_text


def info(capsys, *arguments):
    capsys.readouterr()
    return (main.run(["info", *map(str, arguments)]), *capsys.readouterr())


def test_a_run_shows_its_card_and_its_pooled_scores(trained, capsys):
    code, out, err = info(capsys, trained)
    assert (code, err) == (0, "")
    for words in (
        "3 models, one per fold",
        "leave one subject out",
        "not for",
        "detects no lies",
        "all folds",
        "With only 3 subjects",
    ):
        assert words in " ".join(out.split())
    assert max(map(len, out.splitlines())) <= 100


def test_scores_have_their_interval_and_chance_level_beside_them(trained, capsys):
    out = " ".join(info(capsys, trained)[1].split())
    for name in ("UF1", "UAR", "ACC"):
        assert re.search(rf"{name} 0\.\d{{3}} \(95 % interval 0\.\d\d-[01]\.\d\d, chance 0\.\d{{3}}\)", out)
    known = json.loads(info(capsys, trained, "--json")[1])["run_scores"]
    assert known["chance"].keys() == known["interval"].keys() == {"uf1", "uar", "acc"}


def test_a_model_of_all_clips_has_no_scores(tiny_sets, store, tmp_path, capsys):
    assert main.run(["train", str(store), str(tmp_path / "run"), "--all", "--device", "cpu", *tiny_sets]) == 0
    assert "scores none: all 9 clips were trained on" in " ".join(info(capsys, tmp_path / "run")[1].split())


def test_several_seeds_are_no_folds(tiny_sets, store, tmp_path, capsys):
    run = tmp_path / "run"
    assert main.run(["train", str(store), str(run), "--folds", "2", "--seeds", "2", "--device", "cpu", *tiny_sets]) == 0
    text = info(capsys, run)[1]
    assert "4 models, of 2 folds and several seeds; the first" in text
    assert "2-seed ensemble: UF1 " in text and "not with one model." in " ".join(text.split())
    code, _, err = info(capsys, run / "folds" / "fold-1")
    assert code == 1 and "holds one model per seed; name one of the folders seed-0, seed-1 in it" in err


def test_a_fold_shows_its_own_scores(trained, capsys):
    out = " ".join(info(capsys, trained / "folds" / "tiny__s0")[1].split())
    assert "one model" in out
    assert "on the 3 held-out clips" in out


def test_json_has_everything(trained, capsys):
    known = json.loads(info(capsys, trained / "folds" / "tiny__s1" / "model.safetensors", "--json")[1])
    model = ATMGCN.from_pretrained(trained / "folds" / "tiny__s1")
    assert known["parameters"]["total"] == sum(p.numel() for p in model.parameters())
    assert (known["classes"], known["held_out"], known["preset"]) == (["down", "left", "still"], "tiny/s1", None)
    assert known["card"]["data"]["clips"] == 6


@pytest.mark.parametrize("preset", ["demo"])
def test_a_model_without_a_card(preset, tmp_path, capsys):
    ATMGCN.from_preset(preset, num_classes=3).save_pretrained(tmp_path)
    assert describe_model(tmp_path)["preset"] == preset
    assert "none: the model was not saved by atm-gcn train" in " ".join(info(capsys, tmp_path)[1].split())


def test_what_the_data_determine_is_no_other_preset():
    for input_, preset in (("frames", "demo"), ("flow", "demo"), ("both", "demo"), ("features", None)):
        config = RunConfig.preset("demo").merge({"model": {"input": input_, "num_classes": 3}}).model
        assert preset_of(config) == preset
    assert preset_of(RunConfig.preset("demo").merge({"model": {"window": 2}}).model) is None


def test_no_model_is_one_line(tmp_path, capsys):
    code, out, err = info(capsys, tmp_path)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "holds no model.safetensors" in err


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"flow": "dis", "view": "both"}, "frames and optical flow (dis, 224 x 224 pixels)"),
        ({"flow": "tvl1", "flow_size": 28, "view": "flow"}, "optical flow (tvl1, 28 x 28 pixels)"),
        ({"flow": "pictures", "view": "flow"}, "optical flow (pictures)"),
    ],
)
def test_the_size_of_optical_flow_is_said(data, said):
    assert input_text(DataConfig(**data)).endswith(f", {said}")
