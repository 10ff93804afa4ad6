"""The learnt spotter finds what comes and goes among what stays, in people whom it does not know."""

import numpy as np
import pytest
import torch

from atm_gcn.errors import ATMGCNError
from atm_gcn.graph.stack import TMGCNStack
from atm_gcn.spotting.candidates import by_scores, choose_settings, f1_of
from atm_gcn.spotting.graph_spotter import GraphSpotter, SpotterSize
from atm_gcn.spotting.held_out.spotters import load_spotter, save_spotter
from atm_gcn.spotting.motion import CHANNELS
from atm_gcn.spotting.training import SpotterTraining, frame_scores, train_spotter
from atm_gcn.spotting.windows import FRAMES, windows_of
from tests.spotting.motions import first_frames, video_motion

QUICK, SMALL = SpotterTraining(steps=80, lr=5e-3), SpotterSize(embedding=24, layers=2)


def test_it_tells_bursts_from_steps_of_other_people():
    videos = {seed: video_motion(seed) for seed in range(4)}
    windows = {seed: windows_of(*video) for seed, video in videos.items()}
    torch.manual_seed(0)
    model = train_spotter([windows[seed] for seed in range(3)], 0, QUICK, SMALL)
    candidates = {str(seed): by_scores(videos[seed][0], frame_scores(model, windows[seed])) for seed in videos}
    truth = {str(seed): videos[seed][1] for seed in videos}
    known = [str(seed) for seed in range(3)]
    settings, _ = choose_settings({name: candidates[name] for name in known}, {name: truth[name] for name in known})
    assert f1_of({"3": settings.chosen(candidates["3"])}, {"3": truth["3"]}) >= 0.8


def test_training_repeats_to_the_bit():
    windows = [windows_of(*video_motion(seed, frames=200, count=2)) for seed in range(2)]
    states = []
    for _ in range(2):
        torch.manual_seed(3)
        states.append(train_spotter(windows, 3, SpotterTraining(steps=3), SMALL).state_dict())
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


@pytest.mark.parametrize("frames", [1, 5, FRAMES, FRAMES + 1, 3 * FRAMES + 7])
def test_every_frame_has_a_score(frames):
    motion, _, _ = video_motion(0, frames=900)
    scores = frame_scores(GraphSpotter(CHANNELS, SMALL).eval(), windows_of(first_frames(motion, frames)))
    assert scores.shape == (frames, 3) and (scores > 0).all() and (scores < 1).all()


def test_windows_do_not_see_each_other():
    windows = windows_of(*video_motion(0))
    model = GraphSpotter(CHANNELS, SMALL).eval()
    inputs = windows.cut(torch.tensor([10, 200, 500]))[:4]
    together = model(*inputs)
    for place in range(3):
        alone = model(*(one[place : place + 1] for one in inputs))
        assert torch.allclose(alone[0], together[place], atol=1e-5)


def test_videos_that_are_too_short_are_refused():
    with pytest.raises(ATMGCNError, match="no training video has 64 frames"):
        train_spotter([windows_of(video_motion(0, frames=63, count=0)[0])], 0, QUICK, SMALL)


def test_the_layers_are_those_of_the_temporal_graph():
    assert isinstance(GraphSpotter(CHANNELS).stack, TMGCNStack)


def test_a_saved_spotter_scores_alike(tmp_path):
    windows = windows_of(*video_motion(0, frames=200, count=2))
    model = GraphSpotter(CHANNELS, SMALL).eval()
    save_spotter(tmp_path / "m.safetensors", model)
    assert np.array_equal(frame_scores(load_spotter(tmp_path / "m.safetensors"), windows), frame_scores(model, windows))
    (tmp_path / "m.safetensors").write_bytes(b"nothing")
    with pytest.raises(ATMGCNError, match="is damaged or no safetensors file"):
        load_spotter(tmp_path / "m.safetensors")
