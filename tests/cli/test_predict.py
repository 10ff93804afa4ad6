"""``atm-gcn predict`` on a folder of frames, a video and a frame store, and what it refuses."""

import json

import cv2
import numpy as np
import pytest

from atm_gcn.cli import main
from tests.runs import write_clip


@pytest.fixture
def predict(trained, capsys):
    """Run ``atm-gcn predict`` and return its exit code, stdout and stderr."""

    def run(source, *options, model=trained):
        capsys.readouterr()
        code = main.run(["predict", str(source), "--model", str(model), "--device", "cpu", *options])
        return (code, *capsys.readouterr())

    return run


@pytest.fixture
def frames(tmp_path):
    return write_clip(tmp_path / "frames", "left", seed=5, length=9)


@pytest.fixture
def video(tmp_path):
    writer = cv2.VideoWriter(str(tmp_path / "clip.avi"), cv2.VideoWriter_fourcc(*"MJPG"), 25, (48, 40))
    for number in range(10):
        writer.write(np.full((40, 48, 3), 20 * number, np.uint8))
    writer.release()
    return tmp_path / "clip.avi"


def test_json_of_a_folder(predict, frames):
    code, out, err = predict(frames, "--json")
    result = json.loads(out)
    assert (code, err) == (0, "")
    assert sum(result["probabilities"].values()) == pytest.approx(1, abs=1e-12)
    assert result["predicted"] == max(result["probabilities"], key=result["probabilities"].get)
    assert result["onset"] == {"frame": 0, "seconds": None, "chosen": "first frame"}
    assert result["apex"] == {"frame": 8, "seconds": None, "chosen": "max-motion"}
    assert (result["num_frames"], result["num_models"], result["face"]) == (9, 3, None)


def test_json_of_a_video(predict, video):
    result = json.loads(predict(video, "--json", "--apex-rule", "middle", "--onset", "2", "--offset", "8")[1])
    assert result["fps"] == {"value": 25.0, "chosen": "video"}
    assert result["onset"] == {"frame": 2, "seconds": 0.08, "chosen": "given"}
    assert result["apex"] == {"frame": 5, "seconds": 0.2, "chosen": "middle"}
    assert result["offset"] == {"frame": 8, "seconds": 0.32, "chosen": "given"}


def test_text_says_what_was_chosen(predict, frames, trained):
    lines = predict(frames, "--apex", "4", "--fps", "100")[1].splitlines()
    assert [line.split()[0] for line in lines[:4]] == ["down", "left", "still", "predicted:"]
    assert lines[4] == (
        "onset is frame 0 at 0.000 s (first frame); apex is frame 4 at 0.040 s (given); "
        "offset is frame 8 at 0.080 s (last frame)"
    )
    assert lines[5] == "9 frames used of a recording at 100 frames per second (given)"
    assert lines[6] == f"model: {trained} (mean of the 3 fold models; no clip of the run has this content)"
    assert lines[7].startswith("reliability: held-out score of the run: UF1 ") and "trained on tiny" in lines[7]


def test_one_fold_alone(predict, frames, trained):
    fold = trained / "folds" / "tiny__s0"
    alone = predict(frames, "--json", model=fold)[1]
    assert json.loads(alone)["num_models"] == 1
    file = json.loads(predict(frames, "--json", model=fold / "model.safetensors")[1])
    assert file["probabilities"] == json.loads(alone)["probabilities"]
    assert (
        predict(frames, model=fold)[1].splitlines()[-2]
        == f"model: {fold} (the model that was named; no clip of its run has this content)"
    )


def test_a_store_is_a_table(predict, store, trained):
    code, out, err = predict(store)
    lines = [line.split() for line in out.splitlines()]
    assert code == 0
    assert lines[0] == ["clip", "label", "predicted", "down", "left", "still", "apex"]
    assert lines[1][:2] == ["tiny/s0/c0", "down"]
    assert lines[1][-3:] == ["position", "3", "(annotated)"]
    assert "trained on" not in err
    assert out.splitlines()[-2] == f"model: {trained} (9 by the models of the fold that held each out)"
    clips = [json.loads(line) for line in predict(store, "--json")[1].splitlines()]
    assert all(sum(clip["probabilities"].values()) == pytest.approx(1) for clip in clips)


def test_a_long_recording_is_pointed_out(predict, frames):
    assert "8.0 s are used as one clip" in predict(frames, "--fps", "1")[2]
    assert "are used as one clip" not in predict(frames, "--fps", "1", "--one-clip")[2]
    code, _, err = predict(frames, "--spot", "--one-clip")
    assert code == 2 and "--spot and --one-clip exclude each other" in err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--onset", "40"], "has no frame 40 for the onset"),
        (["--onset", "5", "--apex", "3"], "onset 5 lies after apex 3"),
        (["--onset", "8"], "only frame 8 can be used; a clip needs two frames"),
        (["--face", "crop"], "no face found in 9 frames"),
    ],
)
def test_a_wrong_choice_is_one_line(predict, frames, options, message):
    code, out, err = predict(frames, *options)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert message in err


def test_wrong_sources_and_models_are_one_line(predict, frames, tmp_path):
    (tmp_path / "fake.mp4").write_bytes(b"no video" * 100)
    assert "is not a video that can be read" in predict(tmp_path / "fake.mp4")[2]
    assert "there is no such folder of frames or video" in predict(tmp_path / "absent")[2]
    (frames / "img3.png").write_bytes(b"no image")
    assert "img3.png: is corrupt, or no image" in predict(frames)[2]
    code, out, err = predict(frames, model=tmp_path / "absent")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "there is no such file; name a checkpoint or the folder of a run" in err


def test_frame_numbers_are_no_use_with_a_store(predict, store):
    code, _, err = predict(store, "--apex", "3")
    assert code == 2
    assert "--apex is for videos and folders of frames" in err
