"""Runs on optical flow: trained, predicted, explained and reported as runs on frames are."""

import json
import re

import numpy as np
import pytest
import torch

from atm_gcn.building import load_model
from atm_gcn.explain import explain_recording, explain_stored_clip
from atm_gcn.report.content import gather
from atm_gcn.report.mistakes import _explained_pictures
from atm_gcn.report.page import render
from atm_gcn.training.comparison.ablation import variants_of
from atm_gcn.training.preflight import check_run, resolve
from atm_gcn.training.results.run_results import RunResults
from atm_gcn.training.run import run_folds
from tests.runs import tiny_config, tiny_store

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def flow_store(tmp_path_factory):
    return tiny_store(tmp_path_factory.mktemp("flow"), subjects=2, flow="farneback", flow_size=16)


def config_of(store, view):
    asked = tiny_config(epochs=1).merge({"data": {"flow": "farneback", "flow_size": 16, "view": view}})
    return resolve(asked, tiny_config(), store)


@pytest.fixture(scope="module", params=["flow", "both"])
def run(request, flow_store, tmp_path_factory):
    config, folder = config_of(flow_store, request.param), tmp_path_factory.mktemp("run") / "run"
    check_run(config, flow_store)
    run_folds(config, flow_store, folder)
    return request.param, folder


def test_the_view_decides_what_the_model_reads(run, flow_store):
    view, folder = run
    loaded = load_model(folder / "folds" / "tiny__s0")
    assert loaded.config.input == view
    assert loaded.model.encoder.stem_in.in_channels == {"flow": 3, "both": 6}[view]
    assert json.loads((folder / "metrics.json").read_text())["num_clips"] == 6


def test_a_stored_clip_and_its_recording_are_explained_alike(run, flow_store):
    _, folder = run
    stored = explain_stored_clip(folder, flow_store, "tiny/s1/c1", CPU)
    assert np.array_equal(stored.flow, flow_store.flow(4)[1:].astype(np.float32))
    assert stored.frames.shape == (5, 32, 32, 3) and stored.flow_unit
    recording = explain_recording(folder, flow_store.clips[4].clip.source, CPU, apex=3, fps=30.0)
    assert np.array_equal(recording.flow, stored.flow)
    assert np.allclose(recording.probabilities, stored.probabilities, atol=1e-6)


def test_the_report_shows_the_flow_of_a_mistake(run, flow_store):
    captions = [caption for caption, _ in _explained_pictures(run[1], flow_store, "tiny/s1/c1", None)]
    assert re.fullmatch(r"optical flow at the apex, up to [\d.e-]+ % of the side", captions[-1])
    content = gather(RunResults(run[1]), flow_store.path)
    shown = any(mistake.pictures for mistake in content["mistakes"])
    page = render(content)
    assert ('alt="colour wheel of optical flow"' in page) == shown
    assert (
        f"whole pictures, {'frames and ' if run[0] == 'both' else ''}optical flow (farneback, 16 x 16 pixels)" in page
    )


@pytest.mark.parametrize(("view", "last"), [("frames", True), ("flow", False), ("both", False)])
def test_an_ablation_of_flow_has_no_row_without_motion(flow_store, view, last):
    assert ("w/o motion" in variants_of(config_of(flow_store, view))) == last
