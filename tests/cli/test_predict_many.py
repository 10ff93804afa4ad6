"""``atm-gcn predict`` on many sources at once, and on recordings that are searched for movements."""

import csv
import json

import cv2
import pytest

from atm_gcn.data import Clip, write_manifest
from atm_gcn.synth.long_video import synthesize_long
from tests.data.recordings import picture, write_video
from tests.runs import write_clip


@pytest.fixture
def two(tmp_path):
    return [write_clip(tmp_path / name, name, seed=5, length=6) for name in ("left", "down")]


@pytest.fixture(scope="module")
def long_video(tmp_path_factory):
    path = tmp_path_factory.mktemp("long") / "long.avi"
    synthesize_long(path, 8, per_minute=8, size=128, seed=3)
    return path


def test_json_lines_in_the_order_given(predict, two):
    code, out, _ = predict(*two, "--json")
    results = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [result["source"] for result in results] == [str(folder) for folder in two]
    alone = json.loads(predict(two[1], "--json")[1])
    assert results[1]["probabilities"] == pytest.approx(alone["probabilities"], abs=1e-6)


def test_a_pattern_is_expanded(predict, two, tmp_path):
    lines = predict(tmp_path / "*")[1].splitlines()
    assert [line.split()[0] for line in lines[1:3]] == [str(tmp_path / "down"), str(tmp_path / "left")]
    assert predict(tmp_path / "*.mp4")[2] == f"atm-gcn: error: {tmp_path}/*.mp4: matches no file or folder\n"


def test_a_bad_source_does_not_stop_the_others(predict, two, tmp_path):
    (tmp_path / "bad.mp4").write_bytes(b"no video" * 100)
    code, out, err = predict(two[0], tmp_path / "bad.mp4", two[1], "--json")
    errors = [line for line in err.splitlines() if line.startswith("atm-gcn: error")]
    assert code == 1
    results = [json.loads(line) for line in out.splitlines()]
    assert [one["source"] for one in results] == [str(two[0]), str(tmp_path / "bad.mp4"), str(two[1])]
    assert [one["status"] for one in results] == ["predicted", "error", "predicted"]
    assert len(errors) == 1
    assert "bad.mp4: is not a video that can be read" in errors[0]


def test_a_manifest_stands_for_its_clips(predict, two, tmp_path):
    clips = [Clip("mine", "a", f"c{i}", 1, 3, 5, 30.0, label="left", source=str(two[i])) for i in range(2)]
    write_manifest(clips, tmp_path / "manifest.csv")
    code, out, _ = predict(tmp_path / "manifest.csv", "--json", "--csv", tmp_path / "out.csv")
    results = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [(r["clip"], r["label"], r["onset"]) for r in results] == [
        (f"mine/a/c{i}", "left", {"frame": 1, "seconds": pytest.approx(1 / 30), "chosen": "given"}) for i in range(2)
    ]
    rows = list(csv.DictReader((tmp_path / "out.csv").open()))
    assert [(row["clip"], row["onset"], row["apex"], row["offset"]) for row in rows] == [
        (f"mine/a/c{i}", "1", "3", "5") for i in range(2)
    ]
    assert float(rows[0]["left"]) == pytest.approx(results[0]["probabilities"]["left"], abs=1e-5)


def test_a_long_recording_is_searched_unasked(predict, tmp_path):
    video = write_video(tmp_path / "v.avi", (picture(1, 64, 64) for _ in range(150)), fps=30)
    assert "no brief movement stands out" in predict(video)[1]
    assert "predicted:" in predict(video, "--one-clip")[1]


def test_movements_curve_plot_and_video(predict, long_video, tmp_path):
    extras = {"--curve": "c.json", "--plot": "p.png", "--annotate": "a.mp4"}
    options = [part for name, file in extras.items() for part in (name, tmp_path / file)]
    code, out, _ = predict(long_video, *options, "--csv", tmp_path / "t.csv")
    assert code == 0
    assert "1 brief movement" in out
    curve = json.loads((tmp_path / "c.json").read_text())
    assert len(curve["motion"]) == len(curve["threshold"]) == len(curve["left"]) == 240
    assert max(value or 0 for value in curve["motion"]) == pytest.approx(curve["movements"][0]["motion"], abs=1e-5)
    capture = cv2.VideoCapture(str(tmp_path / "a.mp4"))
    assert (capture.get(cv2.CAP_PROP_FRAME_COUNT), capture.get(cv2.CAP_PROP_FPS)) == (240, 30)
    assert cv2.imread(str(tmp_path / "p.png")).shape[1] == 1400
    assert len(list(csv.DictReader((tmp_path / "t.csv").open()))) == 1
    assert not list(tmp_path.glob("*partial*"))


def test_a_curve_as_csv_has_a_row_a_frame(predict, long_video, tmp_path):
    predict(long_video, "--curve", tmp_path / "c.csv", "--stride", "0")
    rows = list(csv.DictReader((tmp_path / "c.csv").open()))
    assert len(rows) == 240
    assert list(rows[0]) == ["frame", "seconds", "motion", "threshold", "down", "left", "still"]
    assert (rows[0]["motion"], rows[100]["left"]) == ("", "")
    assert float(rows[100]["motion"]) > 0


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (["--curve", "c.txt"], 2, "--curve must end in .csv or .json, not 'c.txt'"),
        (["--plot", "p.jpg"], 2, "--plot must end in .png or .pdf, not 'p.jpg'"),
        (["--annotate", "a.mov"], 2, "--annotate must end in .avi or .mp4, not 'a.mov'"),
        (["--spot", "--apex", "3"], 2, "--apex is for a single recording that is read as one clip"),
    ],
)
def test_what_does_not_fit_is_said_before_the_work(predict, two, options, code, message):
    result = predict(two[0], *options)
    assert result[0] == code
    assert message in " ".join(result[2].replace("│", " ").split())


def test_no_camera_is_one_line(predict):
    code, out, err = predict("87")
    assert (code, out) == (1, "")
    assert "camera 87: there is none, or another program uses it; give another number" in err


def test_a_resampled_clip_says_so(predict, two, trained):
    assert "of a recording at 100 frames per second (given)" in predict(two[0], "--fps", "100")[1]
