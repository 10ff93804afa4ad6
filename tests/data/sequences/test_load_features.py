"""A manifest of features gives the clips that its rows hold."""

import numpy as np
import pytest
import torch

from atm_gcn import ATMGCNError
from atm_gcn.data import Clip, MERDataset, load_features, open_clips, write_manifest
from tests.data.sequences.feature_files import write_features
from tests.sequences import CLASSES, WIDTH, feature_clips


def manifest_of(folder, rows, **clip):
    """A manifest of one clip whose file holds ``rows``, an array or the arrays of an ``.npz``."""
    np.savez(folder / "one.npz", **(rows if isinstance(rows, dict) else {"x": rows}))
    given = {"onset": 0, "apex": None, "offset": 3, "fps": 50.0, "label": "up"} | clip
    write_manifest([Clip("data", "s", "c", source=str(folder / "one.npz"), **given)], folder / "one.csv")
    return folder / "one.csv"


def only_clip(folder, rows, rule="largest", **clip):
    store = load_features(manifest_of(folder, rows, **clip), apex=rule)
    return MERDataset(store)[0], store.clips[0]


@pytest.mark.parametrize("suffix", [".npz", ".npy", ".csv"])
def test_it_holds_the_rows_after_the_onset(tmp_path, suffix):
    store = load_features(write_features(tmp_path, suffix))
    assert store.classes == sorted(CLASSES) and store.model_settings["motion_channels"] == WIDTH
    for data, given in zip(MERDataset(store), feature_clips(), strict=True):
        assert torch.equal(data.x, given.x) and data.x.dtype == torch.float32
        assert data.pos.tolist() == list(range(2, len(given.x) + 2))
        assert data.global_index.tolist() == given.global_index.tolist() and data.num_nodes == len(given.x)
        assert (data.subject, data.clip) == (f"data/{given.subject}", f"data/{given.subject}/{given.clip}")
        assert data.edge_index.max() == len(given.x) - 1


def test_features_are_no_pictures_of_optical_flow(tmp_path):
    with pytest.raises(ATMGCNError, match=r"one\.csv: clip data/s/c: its view is flow, of pictures, and its source"):
        only_clip(tmp_path, np.ones((10, 2)), view="flow")


def test_rows_from_onset_to_offset(tmp_path):
    rows = np.arange(20.0).reshape(10, 2)
    data, stored = only_clip(tmp_path, rows, onset=3, apex=5, offset=7)
    assert data.x.tolist() == rows[4:8].tolist() and data.global_index.tolist() == [1]
    assert (stored.num_frames, stored.apex_position, stored.apex_source) == (5, 2, "annotated")
    data, _ = only_clip(tmp_path, {"x": rows, "frame": np.arange(1, 20, 2)}, onset=3, apex=7, offset=9)
    assert data.x.tolist() == rows[2:5].tolist() and data.global_index.tolist() == [1]
    assert data.pos.tolist() == [3, 5, 7]


def test_times_of_rows(tmp_path):
    rows = np.arange(8.0).reshape(4, 2)
    data, _ = only_clip(tmp_path, {"x": rows, "seconds": np.array([5.0, 5.02, 5.05, 5.06])})
    assert data.pos.tolist() == pytest.approx([2, 3.5, 4])
    data, _ = only_clip(tmp_path, {"x": rows, "pos": np.array([4.0, 4.5, 6, 8])})
    assert data.pos.tolist() == [1.5, 3, 5]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        ([0, 20, 40, 60], "times give 0.05 frames per second, and fps of the manifest is 50; write seconds instead of"),
        (
            [0, 0.1, 0.2, 0.3],
            "times give 10 frames per second, .* correct one of the two, or number the rows by",
        ),
        ([0, 0.009, 0.018, 0.1], "times give 111.1 frames per second, and fps of the manifest is 50; correct one"),
    ],
)
def test_times_that_contradict_fps(tmp_path, seconds, said):
    for name in ("seconds", "timestamp"):
        with pytest.raises(ATMGCNError, match=rf"one\.npz, clip data/s/c: its {said}"):
            only_clip(tmp_path, {"x": np.eye(4), name: np.array(seconds, float)})


def test_times_of_every_fifth_frame(tmp_path):
    rows = {"x": np.eye(4), "seconds": np.arange(4) / 10, "frame": np.arange(0, 20, 5)}
    assert only_clip(tmp_path, rows, offset=15)[0].pos.tolist() == [6, 11, 16]


@pytest.mark.parametrize(("apex", "node"), [("largest", 1), ("middle", 1), ("first", 0)])
def test_rules_for_an_unknown_apex(tmp_path, apex, node):
    rows = np.array([[9, 9], [1, 0], [0, -4], [3, 0]])
    data, stored = only_clip(tmp_path, rows, rule=apex)
    assert data.global_index.tolist() == [node] and stored.apex_source == apex


def test_an_apex_at_the_onset_is_unknown(tmp_path):
    manifest = manifest_of(tmp_path, np.eye(4), apex=0)
    assert load_features(manifest, apex="middle").clips[0].apex_source == "middle"


def test_without_a_global_node(tmp_path):
    store = load_features(write_features(tmp_path), apex="none")
    data = MERDataset(store, window=2)[0]
    assert data.global_index.tolist() == [] and data.global_index.dtype == torch.int64
    assert (data.edge_index[0] - data.edge_index[1]).abs().max() == 2
    assert store.clips[0].apex_source == "none"
    assert store.checksum != load_features(tmp_path / "features.csv").checksum


@pytest.mark.parametrize(
    ("rows", "clip", "said"),
    [
        (np.eye(4), {"offset": 4}, "has no row of its offset, 4; its 4 rows are 0 to 3"),
        ({"x": np.eye(4), "frame": np.arange(1, 5)}, {}, "has no row of its onset, 0; its 4 rows are 1 to 4"),
        (np.eye(4), {"onset": 3, "offset": 3}, "has one row only"),
        (np.eye(4) / [1, 1, 1, 0], {}, "row 0, feature 3 is NaN or infinite"),
        (np.full((4, 2), 1e300), {}, "holds values beyond float32"),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
def test_what_is_said_of_wrong_rows(tmp_path, rows, clip, said):
    with pytest.raises(ATMGCNError, match=rf"one\.npz, clip data/s/c: {said}"):
        load_features(manifest_of(tmp_path, rows, **clip))


def test_widths_must_agree(tmp_path):
    manifest = write_features(tmp_path)
    np.savez(tmp_path / "s1-c1.npz", x=np.random.default_rng(0).random((9, WIDTH + 1)))
    with pytest.raises(ATMGCNError, match=r"clip data/s1/c1: x has 7 features per row, and clip data/s0/c0 has 6"):
        load_features(manifest)


def two_files(folder, first, second):
    """A manifest of two clips in two CSV files."""
    clips = []
    for name, text in (("a", first), ("b", second)):
        (folder / f"{name}.csv").write_text(text)
        clips.append(Clip("data", name, "c", 0, None, 1, 50.0, label=name, source=str(folder / f"{name}.csv")))
    write_manifest(clips, folder / "two.csv")
    return folder / "two.csv"


def test_columns_are_joined_by_name(tmp_path):
    store = load_features(two_files(tmp_path, "u,v,w\n0,0,0\n1,2,3\n", "w,u,v\n0,0,0\n3,1,2\n"))
    assert [data.x.tolist() for data in MERDataset(store)] == [[[1, 2, 3]]] * 2


OPENFACE = "frame, face_id, timestamp, confidence, success, gaze_x, AU01_r, AU12_r, AU01_c\n"


def test_columns_of_openface_are_chosen(tmp_path, caplog):
    rows = "0,0,0.0,0.9,1,9,0,0,1\n1,0,0.02,0.9,1,9,1.5,2.5,1\n"
    manifest = two_files(tmp_path, OPENFACE + rows, OPENFACE + rows)
    data = MERDataset(load_features(manifest, columns=["gaze_x", "AU*_r"]))[1]
    assert data.x.tolist() == [[9, 1.5, 2.5]] and not caplog.records
    assert load_features(manifest).model_settings["motion_channels"] == 7
    assert "face_id, confidence, success are features like all other columns" in caplog.text


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (["AU12"], r"a\.csv: has no column 'AU12' of features; did you mean 'AU12_r'"),
        (["timestamp"], "has no column 'timestamp' of features"),
        ("AU*_r", r"columns must be a list of names, \['AU\*_r'\], not a text"),
    ],
)
def test_columns_that_do_not_exist(tmp_path, columns, said):
    manifest = two_files(tmp_path, OPENFACE, OPENFACE)
    with pytest.raises(ATMGCNError, match=said):
        load_features(manifest, columns=columns)


def test_columns_need_names(tmp_path):
    with pytest.raises(ATMGCNError, match=r"a\.csv: has no line of column names"):
        load_features(two_files(tmp_path, "0.5,1\n", "0.5,1\n"), columns=["a"])
    with pytest.raises(ATMGCNError, match=r"npz: is an array, whose columns have no names to choose from"):
        load_features(write_features(tmp_path / "arrays"), columns=["a"])


@pytest.mark.parametrize(
    ("second", "said"),
    [
        ("u,z\n0,0\n1,2\n", r"b\.csv: has no column 'v', and .*a\.csv has; give all files the same columns"),
        ("u,v,z\n0,0,0\n1,2,3\n", r"a\.csv: has no column 'z', and .*b\.csv has"),
        ("0.5,0.5\n1,2\n", r"a\.csv: names its columns, and .*b\.csv does not"),
    ],
)
def test_columns_of_other_names(tmp_path, second, said):
    with pytest.raises(ATMGCNError, match=said):
        load_features(two_files(tmp_path, "u,v\n0,0\n1,2\n", second))


def test_rules_and_sources_that_do_not_exist(tmp_path):
    with pytest.raises(
        ATMGCNError, match="apex must be largest, middle, first or none, not 'larges'; did you mean 'largest'"
    ):
        load_features(write_features(tmp_path), apex="larges")
    with pytest.raises(ATMGCNError, match="its label 'down' is none of left, still"):
        load_features(tmp_path / "features.csv", classes=["left", "still"])


def test_a_path_says_what_it_holds(tmp_path):
    assert len(open_clips(write_features(tmp_path / "f"))) == 9
    (tmp_path / "f/features.csv").rename(tmp_path / "f/manifest.csv")
    assert len(open_clips(tmp_path / "f")) == 9
    write_manifest([Clip("d", "s", "c", 0, None, 3, 30.0, label="a", source="c.mp4")], tmp_path / "videos.csv")
    with pytest.raises(ATMGCNError, match=r"videos\.csv: is a manifest of recordings; make a frame store, 'atm-gcn"):
        open_clips(tmp_path / "videos.csv")
    with pytest.raises(
        ATMGCNError, match=r"nothing: does not exist; name a frame store, which atm-gcn prepare makes, or"
    ):
        open_clips(tmp_path / "nothing")
