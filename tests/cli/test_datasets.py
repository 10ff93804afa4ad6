"""Each dataset in its true layout, from the folder as handed out to the first batch of training."""

import pytest

from atm_gcn.cli.main import run
from atm_gcn.data import FrameStore
from tests.data.annotations.trees import build, build_composite

TINY = ("--preset", "demo", "--set", "data.size=32", "--set", "data.fps=null")


@pytest.mark.parametrize(
    ("dataset", "scheme", "classes"),
    [
        ("casme2", None, ["disgust", "happiness", "others", "repression", "surprise"]),
        ("casme2", "casme2-3", ["negative", "positive", "surprise"]),
        ("casme", None, ["disgust", "repression", "surprise", "tense"]),
        ("casmesq", None, ["negative", "others", "positive", "surprise"]),
        ("casmesq", "casmesq-4-both", ["negative", "others", "positive", "surprise"]),
        ("casmesq", "casmesq-2-kind", ["macro", "micro"]),
        ("samm", "samm-3", ["negative", "positive", "surprise"]),
        ("sammlv", None, ["anger", "contempt", "happiness", "others", "surprise"]),
        ("sammlv", "sammlv-2-kind", ["macro", "micro"]),
        ("smic", None, ["negative", "positive", "surprise"]),
        ("casme3", None, ["anger", "disgust", "fear", "happiness", "others", "sadness", "surprise"]),
        ("casme3", "casme3-4", ["negative", "others", "positive", "surprise"]),
        ("casme3c", "casme3c-4", ["negative", "others", "positive", "surprise"]),
        ("mmew", None, ["disgust", "happiness", "others", "surprise"]),
        ("4dme", None, ["negative", "others", "positive", "repression", "surprise"]),
        ("composite", None, ["negative", "positive", "surprise"]),
    ],
)
def test_prepare_then_dry_run(tmp_path, dataset, scheme, classes):
    root = build_composite(tmp_path / "in") if dataset == "composite" else build(tmp_path / "in", dataset, rows=12)
    chosen = ["--scheme", scheme] if scheme else []
    assert run(["prepare", dataset, str(root), str(tmp_path / "store"), *chosen, *TINY]) == 0
    store = FrameStore.open(tmp_path / "store")
    assert store.classes == classes
    assert all(stored.num_frames == 7 for stored in store.clips)
    assert run(["train", str(tmp_path / "store"), str(tmp_path / "run"), "--dry-run", *TINY]) == 0
    assert not (tmp_path / "run").exists()


def test_macro_expressions_that_are_left_out_are_counted(tmp_path, capsys):
    root = build(tmp_path / "in", "casmesq")
    assert run(["prepare", "casmesq", str(root), str(tmp_path / "store"), *TINY, "--strict"]) == 0
    assert (
        "4 macro-expressions are left out by casmesq-4; choose casmesq-4-macro, casmesq-4-both, casmes"
        in capsys.readouterr().err
    )
    assert {stored.clip.kind for stored in FrameStore.open(tmp_path / "store").clips} == {"micro"}
    assert run(["prepare", "casmesq", str(root), str(tmp_path / "both"), *TINY, "--scheme", "casmesq-4-both"]) == 0
    assert {stored.clip.kind for stored in FrameStore.open(tmp_path / "both").clips} == {"micro", "macro"}


def test_what_is_left_out_is_said(tmp_path, capsys):
    root = build(tmp_path / "in", "casme2", rows=12)
    (root / "Cropped" / "sub01" / "EP05_04f" / "reg_img44.jpg").unlink()
    assert run(["prepare", "casme2", str(root), str(tmp_path / "store"), *TINY]) == 0
    log = capsys.readouterr().err
    assert "2 clips: their emotion has no class under casme2-5\n" in log
    assert f"10 clips; problems: 1 repaired; 'atm-gcn check casme2 {root}' lists them\n" in log


def test_action_units_of_six_datasets_each_left_out_once(tmp_path, capsys):
    names = ("casme", "casme2", "samm", "mmew", "4dme", "casme3")
    for name in names:
        root = build(tmp_path / name / "in", name, rows=12)
        store = str(tmp_path / name / "store")
        assert run(["prepare", name, str(root), store, "--scheme", f"{name}-units", *TINY]) == 0
        assert len(FrameStore.open(store)) == 12 and FrameStore.open(store).classes == ["any"]
    first, *others = (str(tmp_path / name / "store") for name in names)
    joined = [part for other in others for part in ("--and", other)]
    least = ["--set", "train.protocol.least_unit_clips=1", "--set", "train.optim.epochs=1"]
    command = ["train", first, str(tmp_path / "run"), *joined, "--leave-dataset-out", *TINY]
    assert run([*command, "--task", "action-units", *least]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [line[0] for line in lines if line][-6:] == sorted(names)
    assert run([*command[:2], str(tmp_path / "emotions"), *command[3:]]) == 1
    assert (
        "have the class 'any'; train --task action-units, or prepare them again with labels" in capsys.readouterr().err
    )
