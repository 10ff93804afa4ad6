"""Recordings that are pictures of optical flow, from the manifest to a batch."""

from dataclasses import replace

import numpy as np
import pytest

from atm_gcn.config import DataConfig, RunConfig
from atm_gcn.data import Clip, MERDataset, load_manifest, prepare, write_manifest
from atm_gcn.data.clip_pictures.flow_pictures import settle_flow
from atm_gcn.errors import ATMGCNError
from atm_gcn.media.optical_flow import flow_from_picture
from atm_gcn.training.protocol.leakage import ties_of
from atm_gcn.training.settings import resolve, with_view_of
from tests.data.recordings import write_image

ONSET = np.broadcast_to(np.linspace(100, 150, 20).astype(np.uint8)[:, None], (20, 20, 3))  # alike for all clips


def write_flow(folder, seed: int, strongest: int = 2):
    rng = np.random.default_rng(seed)
    write_image(folder / "img0.png", ONSET)
    for number in (1, 2, 3):
        reach = 100 if number == strongest else 20
        write_image(folder / f"img{number}.png", rng.integers(128 - reach, 128 + reach, (20, 20, 3)).astype(np.uint8))
    return folder


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    folder = tmp_path_factory.mktemp("flow")
    return [
        Clip("own", f"p{k}", "a", 0, None, 3, 30.0, label="xy"[k % 2], source=str(write_flow(folder / str(k), k)))
        for k in range(4)
    ]


@pytest.fixture(scope="module")
def store(clips, tmp_path_factory):
    """Of a manifest with the column ``view``."""
    folder = tmp_path_factory.mktemp("store")
    write_manifest([replace(clip, view="flow") for clip in clips], folder / "manifest.csv")
    assert (folder / "manifest.csv").read_text().splitlines()[0].endswith("action_units,view")
    return prepare(load_manifest(folder), folder / "store", DataConfig(size=20))


def test_pictures_are_the_flow(store):
    assert (store.config.flow, store.config.view, store.meta["format"]) == ("pictures", "flow", 3)
    assert [one.clip.view for one in store.clips] == ["flow"] * 4
    flow = store.flow(1)
    assert not flow[0].any() and np.array_equal(flow[2], flow_from_picture(store.read(1)[2]))
    assert MERDataset(store)[1].flow.shape == (3, 3, 20, 20)


def test_the_apex_is_the_largest_mean_flow(store, clips, tmp_path):
    assert [(one.apex_position, one.apex_source) for one in store.clips] == [(2, "max-motion")] * 4
    middle = prepare(clips, tmp_path / "middle", DataConfig(size=20, flow="pictures", apex="middle"))
    assert middle.clips[0].apex_source == "middle"


def test_onsets_that_look_alike_are_no_leak(store, clips, tmp_path):
    assert ties_of(store, store.config) == []
    copy = replace(clips[0], subject="p9", name="copy", source=str(write_flow(tmp_path / "copy", 0)))
    (tie, *_) = ties_of(prepare([*clips, copy], tmp_path / "store", DataConfig(size=20, flow="pictures")), DataConfig())
    assert tie.clips == (0, 4)


def test_training_reads_the_flow(store):
    base = with_view_of(store, RunConfig())
    resolved = resolve(base, base, store)
    assert (resolved.data.view, resolved.model.input) == ("flow", "flow")
    with pytest.raises(ATMGCNError, match=r"data\.view is frames, but .*store holds pictures of optical flow"):
        resolve(base.override(["data.view=frames"]), base, store)


def test_settings_that_do_not_fit(clips):
    flow = [replace(clip, view="flow") for clip in clips]
    for some, settings, message in (
        ([*clips[:2], *flow[2:]], {}, "own/p2/a: its view is flow, and frames that of own/p0/a"),
        ([replace(clip, view="frames") for clip in clips], {"flow": "pictures"}, "own/p0/a: its view is frames, and"),
        (flow, {"flow": "dis"}, "--flow dis is computed from frames"),
        (flow, {"face": "crop"}, "--face crop needs frames"),
        (clips, {"flow": "pictures", "register": "affine"}, "--register affine needs frames"),
        (flow, {"view": "both"}, "view=both needs frames beside"),
        (clips, {"view": "flow"}, "view=flow needs optical flow; add --flow dis"),
    ):
        with pytest.raises(ATMGCNError, match=message):
            settle_flow(some, DataConfig(**settings))
    assert settle_flow(clips, DataConfig(flow="dis", view="both")).view == "both"


def test_views_in_a_manifest(clips, tmp_path):
    write_manifest([replace(clip, view="flow") for clip in clips], tmp_path / "manifest.csv")
    text = (tmp_path / "manifest.csv").read_text()
    for view, message in (("", "row 5: view is frames, and flow in the first row"), ("uv", "row 5: view is 'uv'")):
        (tmp_path / "manifest.csv").write_text(text.rstrip().removesuffix("flow") + view + "\n")
        with pytest.raises(ATMGCNError, match=message):
            load_manifest(tmp_path)


def test_views_that_are_told_or_not(clips, tmp_path):
    told = [replace(clip, view="frames") for clip in clips]
    settings = DataConfig(size=20)
    store = prepare([*clips[:2], *told[2:]], tmp_path / "store", settings)
    assert prepare(told, tmp_path / "store", settings).checksum == store.checksum
    with pytest.raises(ATMGCNError, match="clip own/p1/a has fps"):
        prepare([told[0], replace(told[1], fps=20.0), *told[2:]], tmp_path / "store", settings)


def test_grey_pictures_are_no_flow(clips, tmp_path):
    grey = replace(clips[0], subject="p9", source=str(write_flow(tmp_path / "grey", 9)))
    for number in (1, 2, 3):
        write_image(tmp_path / "grey" / f"img{number}.png", ONSET)
    with pytest.raises(ATMGCNError, match=r"own/p9/a: .*grey: its pictures of optical flow are grey, and must have u"):
        prepare([*clips, grey], tmp_path / "store", DataConfig(size=20, flow="pictures"), jobs=1)
    write_image(tmp_path / "grey" / "img3.png", 255 - ONSET * np.uint8([1, 0, 0]))
    assert len(prepare([*clips, grey], tmp_path / "store", DataConfig(size=20, flow="pictures"))) == 5
