"""``atm-gcn explain`` on a store, a folder and what it refuses."""

import json
import sys
from dataclasses import replace

import pytest
import torch

from atm_gcn.cli import main
from atm_gcn.data import FrameStore, write_manifest
from atm_gcn.explain import explain_stored_clip
from tests.runs import write_clip


@pytest.fixture
def explain(trained, capsys):
    def run(source, *options):
        capsys.readouterr()
        code = main.run(["explain", str(source), "--model", str(trained), "--device", "cpu", *options])
        return (code, *capsys.readouterr())

    return run


def test_a_clip_of_a_store(explain, store, tmp_path):
    code, out, err = explain(store, "--clip", "tiny/s0/c1", "--out", str(tmp_path / "a.png"))
    assert (code, err) == (0, f"written to {tmp_path / 'a.png'}\n")
    first, *weights, reliability = out.splitlines()
    assert [line.partition(" ")[0] for line in weights] == ["edge"] * 3  # of two layers
    assert " edges (" in weights[0] and weights[0].endswith("% of the sum of A^(0)")
    assert weights[1].startswith("edge weights, layer 1: ") and "correlation with A^(0) " in weights[1]
    assert reliability.startswith("reliability: held-out score of the run: UF1 ")
    assert first.startswith("tiny/s0/c1: ") and first.endswith(", by fold tiny/s0, which held this clip out")
    assert [file.name for file in tmp_path.iterdir()] == ["a.png"]
    assert (tmp_path / "a.png").read_bytes()[1:4] == b"PNG"


def test_a_folder_of_frames(explain, tmp_path):
    frames = write_clip(tmp_path / "frames", "left", seed=5, length=9)
    code, out, _ = explain(frames, "--apex", "4", "--frames", "3", "--out", str(tmp_path / "a.pdf"))
    assert code == 0
    assert "by mean of the 3 fold models; no clip of the run has this content" in out


def test_the_class_is_that_of_predict(explain, trained, tmp_path, capsys):
    frames = write_clip(tmp_path / "frames", "left", seed=5, length=9)
    code, out, _ = explain(frames, "--apex", "4", "--out", str(tmp_path / "a.png"))
    main.run(["predict", str(frames), "--model", str(trained), "--device", "cpu", "--apex", "4", "--json"])
    predicted = json.loads(capsys.readouterr().out)
    highest = max(predicted["probabilities"].values())
    lines = out.splitlines()
    reason = "mean of the 3 fold models; no clip of the run has this content"
    assert lines[0] == f"{frames}: {predicted['predicted']} ({highest:.4f}), by {reason}"
    assert lines[1].startswith("drawn is fold tiny/s") and "nearest to the mean: " in lines[1]
    assert lines[-1] == f"reliability: {predicted['reliability']['text']}"
    code, _, err = explain(frames, "--spot", "--onset", "1")
    assert (code, "--onset is for a recording that is read as one clip" in err) == (2, True)


def test_a_row_of_a_manifest_is_explained_as_it_is_predicted(explain, trained, store, tmp_path, capsys):
    clip = FrameStore.open(store).clips[4].clip
    other = replace(clip, name="other", source=str(write_clip(tmp_path / "a", "left", seed=5, length=9)))
    manifest, out = tmp_path / "manifest.csv", str(tmp_path / "a.png")
    write_manifest([replace(clip, onset=1, apex=2, offset=3), other], manifest)
    main.run(["predict", str(manifest), "--model", str(trained), "--device", "cpu", "--json"])
    predicted = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    for row, source in zip(predicted, (manifest, tmp_path), strict=True):
        code, printed, _ = explain(source, "--clip", row["clip"], "--out", out)
        highest, reason = max(row["probabilities"].values()), row["models"]["reason"]
        assert code == 0
        assert printed.splitlines()[0] == f"{row['clip']}: {row['predicted']} ({highest:.4f}), by {reason}"
    for source, options, problem in (
        (manifest, ["--clip", "x"], "manifest.csv: has no clip 'x'; its first is 'tiny/s1/c1'"),
        (manifest, [], "manifest.csv: is a manifest; select one of its clips with --clip"),
        (manifest, ["--clip", clip.key, "--apex", "3"], "--apex is for videos and folders of frames"),
        (tmp_path / "a", ["--clip", clip.key], "--clip is for manifests and frame stores, and "),
    ):
        code, _, err = explain(source, *options, "--out", out)
        assert code and problem in err


def test_json(explain, store, tmp_path):
    code, out, _ = explain(store, "--clip", "tiny/s0/c1", "--json", "--out", str(tmp_path / "a.png"))
    found = json.loads(out)
    assert (code, found["clip"], found["models"]["explained"]) == (0, "tiny/s0/c1", None)
    assert found["predicted"] == max(found["probabilities"], key=found["probabilities"].get)
    weights = found["edge_weights"]
    assert (weights["clips"], [row["layer"] for row in weights["layers"]]) == (1, [1, 2])
    assert weights["global_edge_share"] == pytest.approx(weights["global_edges"] / weights["edges"], abs=1e-6)


def test_all_clips_of_a_run(explain, store, trained, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, err = explain(store, "--all-clips", "--json")
    assert (code, err, list(tmp_path.iterdir())) == (0, "", [])
    weights = json.loads(out)["edge_weights"]
    clips = [stored.clip.key for stored in FrameStore.open(store).clips]
    assert weights["clips"] == len(clips)
    cpu, opened = torch.device("cpu"), FrameStore.open(store)
    each = [explain_stored_clip(trained, opened, clip, cpu).to_dict()["edge_weights"] for clip in clips]
    for name in ("global_share", "initial_correlation", "initial_slope"):
        mean = sum(one["layers"][0][name] for one in each) / len(each)
        assert weights["layers"][0][name] == pytest.approx(mean, abs=1e-4)
    (tmp_path / "explanation.png").write_text("not of atm-gcn")
    lines = explain(store, "--all-clips")[1].splitlines()
    assert lines[0].endswith(f"; means over {len(clips)} clips") and len(lines) == 3


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        ([], 2, "--clip must name one of the clips"),
        (["--clip", "x"], 1, "has no clip 'x'"),
        (["--clip", "tiny/s0/c1", "--one-clip"], 2, "--one-clip is for videos and folders of frames"),
        (["--clip", "tiny/s0/c1", "--apex", "3"], 2, "--apex is for videos and folders of frames"),
        (["--clip", "tiny/s0/c1", "--out", "a.gif"], 2, "--out must end in .png or .pdf, not 'a.gif'"),
        (["--clip", "tiny/s0/c1", "--all-clips"], 2, "--all-clips draws nothing and reads a frame store; leave --clip"),
        (["--all-clips", "--block", "1"], 2, "leave --block out"),
        (["--all-clips", "--one-clip"], 2, "leave --one-clip out"),
        (["--clip", "tiny/s0/c1", "--json", "--out", "-"], 2, "--json writes to standard output; name a file instead"),
        (["--clip", "tiny/s0/c1", "--block", "2"], 2, "--block must be from 1 to 1, the attention blocks"),
        (["--clip", "tiny/s0/c1", "--out", "/proc/none/a.png"], 1, "cannot be written"),
    ],
)
def test_what_is_wrong_is_one_line(explain, store, options, code, message):
    result, out, err = explain(store, *options)
    assert (result, out) == (code, "")
    assert message in err
    assert code == 2 or err.count("\n") == 1


def test_help_shows_an_example(capsys):
    assert main.run(["explain", "--help"]) == 0
    assert "atm-gcn explain face.mp4 --model RUN --face crop --out face.pdf" in capsys.readouterr().out


def test_without_matplotlib_it_says_what_to_install(explain, store, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    code, out, err = explain(store, "--clip", "tiny/s0/c1")
    assert (code, out) == (1, "")
    assert "atm-gcn explain needs matplotlib, which is not installed: pip install -e '.[train]'" in err
