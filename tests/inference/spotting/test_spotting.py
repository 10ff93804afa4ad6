"""Movements are found where they were planted, in a stream that is read once."""

import numpy as np
import pytest
import torch

from atm_gcn.errors import ATMGCNError
from atm_gcn.inference.spotting import is_long, spot
from tests.data.recordings import picture, write_folder, write_video

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def found(ensemble, long_video):
    return spot(ensemble, long_video[0], CPU)


def test_what_was_planted_is_found_and_nothing_else(found, long_video):
    planted = long_video[1]
    assert len(found.candidates) == len(planted) == 2
    for one, truth in zip(found.candidates, planted, strict=True):
        inside = min(one.offset, truth.offset) - max(one.onset, truth.onset)
        assert inside / (max(one.offset, truth.offset) - min(one.onset, truth.onset)) >= 0.5
        assert abs(one.apex - truth.apex) <= 2
        assert one.motion > one.threshold
        assert sum(one.probabilities) == pytest.approx(1)


def test_windows_cover_the_recording(found):
    starts = [window.start for window in found.windows]
    np.testing.assert_allclose(np.diff(starts), 0.5, atol=1e-6)
    assert (starts[0], len(starts)) == (pytest.approx(0.1), 23)  # from the second look for a face on
    assert all(sum(window.probabilities) == pytest.approx(1) for window in found.windows)


def test_the_result_is_plain_data(found):
    result = found.to_dict()
    assert (result["mode"], result["num_frames"], result["resampled"]) == ("spotting", 360, False)
    onset = result["movements"][0]["onset"]
    assert onset["seconds"] == pytest.approx(onset["frame"] / 30)


def test_a_stride_of_zero_reads_nothing_between(ensemble, long_video):
    quick = spot(ensemble, long_video[0], CPU, stride=0)
    assert quick.windows == []
    assert len(quick.candidates) == 2


def test_a_still_picture_has_no_movement(ensemble, tmp_path):
    still = write_folder(tmp_path / "still", range(90), image=lambda number: picture(5, 64, 64))
    assert spot(ensemble, still, CPU).candidates == []


def test_a_faster_recording_is_thinned(ensemble, long_video):
    result = spot(ensemble, long_video[0], CPU, fps=60.0, stride=0).to_dict()
    assert (result["num_frames"], result["resampled"]) == (180, True)


@pytest.mark.parametrize(("frames", "long"), [(41, True), (40, False)])
def test_longer_than_a_clip_may_be(ensemble, tmp_path, frames, long):
    video = write_video(tmp_path / "v.avi", (picture(1) for _ in range(frames)), fps=30)
    assert is_long(video, ensemble) is long


def test_no_face_is_one_sentence(ensemble, tmp_path):
    video = write_video(tmp_path / "v.avi", (picture(1, 64, 64) for _ in range(60)))
    with pytest.raises(
        ATMGCNError, match=r"v\.avi: no face found in \d+ frames; the face must look towards the camera"
    ):
        spot(ensemble, video, CPU, {"face": "crop"})


def test_no_camera_is_one_sentence(ensemble):
    with pytest.raises(ATMGCNError, match="camera 87: there is none, or another program uses it"):
        spot(ensemble, 87, CPU)


class FakeCamera:
    """Gives the frames of a video, one every 1/30 s, and then somebody presses Ctrl-C."""

    clock = 0.0

    def __init__(self, index):
        self.frames = iter([picture(3, 64, 64)] * 90)

    def isOpened(self):
        return True

    def read(self):
        FakeCamera.clock += 1 / 30
        try:
            return True, next(self.frames)
        except StopIteration:
            raise KeyboardInterrupt from None

    def release(self):
        pass


def test_a_camera_is_watched_until_interrupted(ensemble, monkeypatch):
    monkeypatch.setattr("atm_gcn.media.sources.stream.cv2.VideoCapture", FakeCamera)
    monkeypatch.setattr("atm_gcn.media.sources.stream.time.monotonic", lambda: FakeCamera.clock)
    found = spot(ensemble, 0, CPU)
    assert 80 <= len(found.curve) <= 90
    assert found.to_dict()["source"] == "0"
    assert found.to_dict()["fps"] == {"value": None, "chosen": "camera"}
    assert len(found.windows) >= 5
