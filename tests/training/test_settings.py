"""The settings of a run that its frame store determines: what the encoder reads, and faces."""

import pytest

from atm_gcn.config import RunConfig
from atm_gcn.errors import ATMGCNError
from atm_gcn.training import cross_validate
from atm_gcn.training.settings import resolve, with_view_of
from tests.runs import tiny_config, tiny_store


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return tiny_store(tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="module")
def with_flow(tmp_path_factory):
    return tiny_store(tmp_path_factory.mktemp("flow"), flow="dis", flow_size=16, view="both")


def resolved(store, *assignments):
    base = with_view_of(store, tiny_config())
    return resolve(base.override(assignments), base, store)


def test_the_view_is_chosen_in_training(plain, with_flow):
    for store, assignments, view in (
        (plain, [], "frames"),
        (with_flow, [], "both"),  # as the store was prepared for
        (with_flow, ["data.view=flow"], "flow"),
        (with_flow, ["data.view=frames"], "frames"),
    ):
        config = resolved(store, *assignments)
        assert (config.data.view, config.model.input) == (view, view)


def test_a_store_without_flow_says_how_to_get_it(plain):
    with pytest.raises(ATMGCNError, match=r"data\.view is flow, but .*store has no optical flow; prepare it with"):
        resolved(plain, "data.view=flow")
    with pytest.raises(ATMGCNError, match=r"model\.input is flow, but data\.view is frames; set data\.view alone"):
        resolved(plain, "model.input=flow")


def test_settings_without_effect_may_differ(plain):
    resolved(plain, "data.face_detector=haar", "data.flow_size=20", "data.register_limit=0.3")
    for change in ("data.face=crop", "data.register=affine", "data.flow=dis"):
        with pytest.raises(ATMGCNError, match=r"was prepared with 'none'; prepare it again"):
            resolved(plain, change)


def test_assignments_without_effect_are_refused(plain, with_flow):
    base = tiny_config()
    for store, assignment, needs in (
        (plain, "data.face_margin=0.5", "a frame store prepared with --face crop or align"),
        (plain, "data.flow_size=20", "a frame store prepared with --flow dis, farneback or tvl1"),
        (with_flow, "data.face_choice=left", "a frame store prepared with --face crop or align, or --register"),
    ):
        key = assignment.partition("=")[0]
        with pytest.raises(ATMGCNError, match=f"--set {key} has no effect on .*store; it needs {needs}; leave it out"):
            resolve(base.override([assignment]), base, store, [assignment])
    resolve(base.override(["data.flow_size=16"]), base, with_flow, ["data.flow_size=16"])


def test_an_assignment_of_the_default_is_a_request(plain, with_flow):
    base = RunConfig()
    resolve(base, base, plain)  # whose frames are smaller than by default
    for store, assignment, found in (
        (plain, "data.size=224", "data.size is 224, but .*store was prepared with 32"),
        (with_flow, "data.flow=none", "data.flow is 'none', but .*store was prepared with 'dis'"),
        (with_flow, "data.flow_size=null", "data.flow_size is null, but .*store was prepared with 16"),
    ):
        with pytest.raises(ATMGCNError, match=found):
            resolve(base.override([assignment]), base, store, [assignment])
    resolve(base.override(["data.size=32"]), base, plain, ["data.size=32"])


def test_a_run_records_its_view(with_flow, tmp_path):
    result = cross_validate(with_flow, config=tiny_config(epochs=1), overrides=["data.view=flow"], out=tmp_path / "run")
    assert "view: flow" in (result.folder / "config.yaml").read_text()
