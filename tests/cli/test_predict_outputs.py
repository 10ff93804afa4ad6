"""Outputs of ``atm-gcn predict``: what only shows changes no result, every source has a row, every file is named."""

import csv
import json
from dataclasses import asdict, fields, replace
from types import SimpleNamespace

import cv2
import pytest

from atm_gcn.cli._shared.prediction_outputs import print_candidate
from atm_gcn.inference.prediction import Movement
from atm_gcn.inference.sources.pictures_used import FaceUsed
from atm_gcn.inference.spotting import Candidate
from atm_gcn.media.sources import open_source
from atm_gcn.synth.long_video import synthesize_long
from tests.data.recordings import picture, write_video
from tests.runs import write_clip

FACE = FaceUsed(1, 2, 30, None, None, "haar", "largest", 1, 1, False)
SHOWING = {"--plot": "p.png", "--curve": "c.csv", "--annotate": "a.avi"}


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    """A recording of 5 seconds, which is searched, and its first 2 seconds, which are read as one clip."""
    folder = tmp_path_factory.mktemp("recordings")
    synthesize_long(folder / "long.avi", 5, per_minute=12, size=64, seed=3)
    write_video(folder / "short.avi", open_source(folder / "long.avi").read(range(60)), fps=30)
    return {"clip": folder / "short.avi", "spotting": folder / "long.avi"}


@pytest.mark.parametrize("mode", ["clip", "spotting"])
def test_what_only_shows_changes_nothing(predict, recordings, tmp_path, mode):
    code, plain, _ = predict(recordings[mode], "--json")
    assert code == 0 and json.loads(plain)["mode"] == mode
    for option, name in SHOWING.items():
        code, out, err = predict(recordings[mode], "--json", option, tmp_path / name)
        assert (code, out) == (0, plain)
        assert (tmp_path / name).stat().st_size and f"written to {tmp_path / name}\n" in err


def test_spot_does_change_what_is_done(predict, recordings):
    assert json.loads(predict(recordings["clip"], "--json", "--spot")[1])["mode"] == "spotting"
    assert json.loads(predict(recordings["spotting"], "--json", "--one-clip")[1])["mode"] == "clip"


def test_the_curve_of_a_clip_has_its_probabilities(predict, recordings, tmp_path):
    span = ["--onset", 10, "--offset", 30]
    result = json.loads(predict(recordings["clip"], "--json", *span, "--curve", tmp_path / "c.csv")[1])
    rows = {int(row["frame"]): row for row in csv.DictReader((tmp_path / "c.csv").open())}
    assert len(rows) == 60 and float(rows[20]["motion"]) > 0
    assert [frame for frame, row in rows.items() if row["left"]] == list(range(10, 31))
    assert float(rows[10]["left"]) == pytest.approx(result["probabilities"]["left"], abs=1e-5)


def test_the_label_of_a_clip_is_in_the_video(predict, recordings, tmp_path):
    predict(recordings["clip"], "--annotate", tmp_path / "a.avi")
    first = cv2.VideoCapture(str(tmp_path / "a.avi")).read()[1]
    plain = cv2.VideoCapture(str(recordings["clip"])).read()[1]
    assert abs(first[:10, :30].astype(int) - plain[:10, :30]).mean() > 20  # the label's dark ground


def test_a_curve_needs_a_frame_rate_but_the_result_does_not(predict, trained, tmp_path):
    clip = write_clip(tmp_path / "clip", "left", seed=5, length=6)
    code, out, err = predict(clip, "--csv", tmp_path / "t.csv", "--plot", tmp_path / "p.png")
    assert code == 1 and "predicted:" in out
    assert err.splitlines() == [
        f"written to {tmp_path / 't.csv'}",
        f"atm-gcn: error: {clip}: has no frame rate of its own; give it with --fps",
    ]


def test_every_source_has_a_row(predict, recordings, tmp_path):
    clip = write_clip(tmp_path / "clip", "left", seed=5, length=6)
    still = write_video(tmp_path / "still.avi", (picture(1, 64, 64) for _ in range(150)), fps=30)
    sources = [clip, still, tmp_path / "absent.mp4", recordings["spotting"]]
    code, out, err = predict(*sources, "--csv", tmp_path / "t.csv")
    rows = list(csv.DictReader((tmp_path / "t.csv").open()))
    assert code == 1 and f"written to {tmp_path / 't.csv'}\n" in err
    assert [row["source"] for row in rows] == list(map(str, sources))
    assert [row["status"] for row in rows] == ["predicted", "nothing-found", "error", "predicted"]
    assert [bool(row["predicted"]) for row in rows] == [True, False, False, True]
    assert rows[1]["reason"].startswith("the highest motion is 0.00 times the threshold of")
    assert rows[0]["models"] == "mean of the 3 fold models; no clip of the run has this content"
    assert (rows[2]["models"], rows[0]["held_out"], rows[0]["trained_on"]) == ("", "", "")
    assert rows[0]["warnings"] == "; ".join(json.loads(predict(clip, "--json")[1])["reliability"]["warnings"])
    assert f"{still}: {rows[1]['reason']}" in out.splitlines()
    assert rows[2]["reason"] == f"{tmp_path}/absent.mp4: there is no such folder of frames or video"
    lines = out.splitlines()
    assert lines[0].split()[-1] == "status" and lines[2].split()[-1] == "nothing-found"
    assert lines[3].split() == [str(sources[2]), "error"]


@pytest.mark.parametrize(("options", "status"), [([], "error"), (["--face", "crop"], "no-face")])
def test_a_single_source_that_fails_has_a_row_and_an_object(predict, tmp_path, options, status):
    source = write_clip(tmp_path / "clip", "left", seed=5, length=6) if options else tmp_path / "absent.mp4"
    code, out, err = predict(source, *options, "--json", "--csv", tmp_path / "t.csv")
    result = json.loads(out)
    assert (code, result["status"], result["predicted"]) == (1, status, None)
    assert err.splitlines()[-1] == f"atm-gcn: error: {result['reason']}"
    (row,) = csv.DictReader((tmp_path / "t.csv").open())
    assert (row["status"], row["reason"]) == (status, result["reason"])
    if status == "no-face":
        assert result["frames_without_face"] == 6 and "no face found in 6 frames" in result["reason"]


def test_a_folder_stands_for_the_recordings_in_it(predict, tmp_path):
    for name in ("s/c10", "s/c2", "s/deep/c1"):
        write_clip(tmp_path / name, "left", seed=5, length=5)
    results = [json.loads(line) for line in predict(tmp_path / "s", "--json")[1].splitlines()]
    assert [one["source"] for one in results] == [str(tmp_path / "s" / name) for name in ("c2", "c10")]
    lines = predict(tmp_path / "s", "--recursive", "--json")[1].splitlines()
    assert [json.loads(line)["source"] for line in lines][2] == str(tmp_path / "s" / "deep" / "c1")
    (tmp_path / "empty").mkdir()
    code, out, err = predict(tmp_path / "empty")
    assert (code, out) == (1, "") and "empty: is empty; name a folder with videos" in err


def test_a_store_prints_an_object_per_clip(predict, store, tmp_path):
    code, out, _ = predict(store, "--json", "--csv", tmp_path / "t.csv")
    results = [json.loads(line) for line in out.splitlines()]
    assert code == 0 and {one["source"] for one in results} == {str(store)}
    rows = list(csv.DictReader((tmp_path / "t.csv").open()))
    assert [row["clip"] for row in rows] == [one["clip"] for one in results]
    assert [row["apex"] for row in rows] == ["3"] * len(rows)
    assert {row["held_out"] for row in rows} == {"this clip"} and rows[0]["models"].startswith("fold tiny/s0, which")


def test_why_nothing_was_found_is_printed(predict, monkeypatch, recordings):
    monkeypatch.setattr("atm_gcn.inference.spotting.spotter.HEAD_PIXELS", 0.0)
    lines = predict(recordings["spotting"], "--stride", 0)[1].splitlines()
    assert lines[1].startswith("no brief movement stands out: the highest motion is ")
    assert "the head moves too fast (1)" in lines[1]
    dropped = [line for line in lines if line.startswith("dropped: ")]
    assert 1 <= len(dropped) <= 5 and "of the face's width, too fast" in dropped[0]
    result = json.loads(predict(recordings["spotting"], "--stride", 0, "--json")[1])
    assert {"head-motion"} <= {peak["reason"] for peak in result["dropped"]}


def test_a_table_of_an_earlier_version_is_replaced(predict, tmp_path):
    clip = write_clip(tmp_path / "clip", "left", seed=5, length=5)
    columns = "source,clip,label,onset,apex,offset,onset_seconds,apex_seconds,offset_seconds,predicted,left\n"
    (tmp_path / "t.csv").write_text(columns)
    assert predict(clip, "--csv", tmp_path / "t.csv")[0] == 0


def test_a_movement_in_front_of_a_camera_has_the_keys_of_movements(capsys):
    seen = Candidate(4, 8, 12, 0.1, 0.2, 0.5, 3.0, 1.5, (0.25, 0.75), FACE)
    print_candidate(True, False, SimpleNamespace(class_names=["a", "b"], task="emotion"), seen)
    printed = json.loads(capsys.readouterr().out)
    assert list(printed) == [one.name for one in fields(Movement)]
    assert (printed["predicted"], printed["face"]) == ("b", asdict(FACE))
    print_candidate(False, True, SimpleNamespace(class_names=["a", "b"], task="emotion"), seen)
    assert capsys.readouterr().err == "0.10 to 0.50 s: b (0.7500)\n"
    units = SimpleNamespace(class_names=["AU4", "AU7", "AU12"], task="action-units")
    for probabilities, said in [((0.6, 0.1, 0.9), "AU4 (0.6000), AU12 (0.9000)"), ((0.1, 0.1, 0.1), "none")]:
        print_candidate(False, True, units, replace(seen, probabilities=probabilities))
        assert capsys.readouterr().err == f"0.10 to 0.50 s: {said}\n"
