"""A dataset of PyG is read as it is, and what it lacks is named in one sentence."""

import numpy as np
import pytest
import torch
from torch_geometric.data import Data

from atm_gcn import ATMGCNError
from atm_gcn.data import MERDataset, from_dataset
from tests.sequences import CLASSES, feature_clips


def clip(n=4, **changed):
    given = {"x": torch.ones(n, 3), "y": torch.tensor([0]), "subject": "s"} | changed
    return Data(**{name: value for name, value in given.items() if value is not None})


def frames(n=4, **changed):
    pictures = {"frames": torch.zeros(n, 3, 16, 16), "onset_frame": torch.zeros(1, 3, 16, 16)}
    return clip(n, **{"x": None} | pictures | changed)


def both(**changed):
    """A whole clip, and one with changes."""
    return [clip(subject="a"), clip(**changed)]


def test_it_adds_what_a_model_needs_and_keeps_the_rest():
    given = clip(x=torch.arange(12, dtype=torch.int16).view(4, 3), subject=7, age=31, edge_attr=torch.rand(2, 2))
    store = from_dataset(
        [given, clip(subject="casme2/sub01", clip="EP02", y=torch.tensor(1), age=4, edge_attr=torch.zeros(1, 2))]
    )
    first, second = MERDataset(store, window=2)
    assert first.x.dtype == torch.float32 and first.x.tolist() == given.x.tolist()
    assert (first.pos.tolist(), first.global_index.tolist(), first.num_nodes) == ([2, 3, 4, 5], [3], 4)
    assert (first.age, first.edge_attr.shape, first.y.tolist()) == (31, (2, 2), [0])
    assert (first.clip, first.subject) == ("data/7/0", "data/7")
    assert (second.clip, second.subject, second.y.tolist()) == ("casme2/sub01/EP02", "casme2/sub01", [1])
    assert "edge_index" not in given and first.edge_slot.max() <= 6
    assert MERDataset(store).subjects == ["data/7", "casme2/sub01"]


@pytest.mark.parametrize("subject", [7, 7.0, "7", torch.tensor([7]), np.int64(7), np.array([7]), ["7"]])
def test_forms_of_an_id(subject):
    assert from_dataset([clip(subject=subject)]).subjects == ["data/7"]


def test_keys_of_a_merdataset_stay_what_they_are():
    store = from_dataset(feature_clips())
    again = from_dataset(MERDataset(store))
    assert [one.clip for one in again.clips] == [one.clip for one in store.clips]
    assert again.classes == store.classes


def test_names_of_classes():
    labels = [clip(y=None, label="up", subject="a"), clip(y=None, label="down")]
    assert from_dataset(labels).classes == ["down", "up"]
    numbered = [clip(y=torch.tensor([1]), label="down", subject="a"), clip(label="up")]
    assert from_dataset(numbered).classes == ["up", "down"]
    assert from_dataset(both()).classes == ["0"]
    assert from_dataset(feature_clips(), CLASSES).classes == list(CLASSES)
    assert from_dataset(labels, ["up", "down"]).clips[1].clip.label == "down"


@pytest.mark.parametrize(("apex", "node"), [("largest", 2), ("middle", 2), ("first", 0)])
def test_the_global_node_of_frames_and_features(apex, node):
    pictures = torch.zeros(4, 3, 16, 16)
    pictures[2] = 0.5
    x = torch.tensor([[1.0, 0, 0], [0, 0, 0], [-2, 0, 0], [1, 0, 0]])
    for one in (clip(x=x), frames(frames=pictures)):
        assert MERDataset(from_dataset([one], apex=apex))[0].global_index.tolist() == [node]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"subject": None}, "item 1 of the data: has no subject; set data.subject to the id of the person"),
        ({"y": None}, r"item 1 of the data \(clip data/s/1\): has no class; set data.y to its number from 0, or"),
        ({"y": torch.tensor([-1])}, r"y must be the number of its class, one whole number from 0, not \[-1\]; names"),
        ({"y": torch.tensor([torch.nan])}, r"y must be the number of its class, .* not \[nan\]"),
        ({"y": "up"}, "y must be the number of its class, .* not 'up'; names of classes belong into label"),
        ({"y": torch.tensor([2])}, r"item 1 of the data: y is 2, and no item has y 1; number the classes 0, 1, \.\.\."),
        ({"subject": float("nan")}, "item 1 of the data: subject must be a text or a whole number, not nan"),
        ({"subject": torch.tensor([torch.nan])}, "subject must be a text or a whole number, not nan"),
        ({"subject": np.float64("nan")}, "subject must be a text or a whole number, not nan"),
        ({"subject": "nan"}, "subject is 'nan', which stands for a missing value; fill it in"),
        ({"subject": 1.5}, "subject must be a text or a whole number, not 1.5"),
        ({"subject": True}, "subject must be a text or a whole number, not True"),
        ({"subject": {"id": 3}}, "subject must be a text or a whole number, not {'id': 3}"),
        ({"subject": torch.arange(2)}, r"subject must be a text or a whole number, not \[0, 1\]"),
        ({"clip": float("nan")}, "item 1 of the data: clip must be a text or a whole number, not nan"),
        ({"label": float("nan"), "y": None}, "item 1 of the data: label must be a text or a whole number, not nan"),
        ({"fps": "fast"}, "item 1 of the data: fps must be one number from 0, not 'fast'"),
        ({"global_index": float("nan")}, "global_index must hold the row of the apex, one whole number, not nan"),
        ({"y": torch.tensor([0.5])}, r"y must be the number of its class, .* not \[0.5\]"),
        ({"y": torch.tensor([0, 1])}, r"y must be the number of its class, .* not \[0, 1\]"),
        ({"x": None}, r"has neither features x \[num_frames, C\] nor frames; set one of the two"),
        ({"x": torch.ones(4)}, r"x must be a tensor \[num_frames, C\] with one row per frame, not \[4\]"),
        ({"x": torch.ones(0, 3)}, r"x must be a tensor .*, not \[0, 3\]"),
        ({"x": torch.ones(4, 2)}, "clip data/s/1: x has 2 features per row, and clip data/a/0 has 3"),
        ({"x": torch.ones(4, 3).log().sqrt().neg().log()}, "row 0 of x holds NaN or infinity; fill it in"),
        ({"pos": torch.arange(3)}, "pos must hold one value for each of its 4 rows, not 3"),
        ({"pos": torch.full((4,), torch.nan)}, "pos holds NaN or infinity"),
        ({"pos": torch.tensor([4, 3, 2, 1])}, "pos does not ascend at row 1, counted from 0; sort the rows by time"),
        ({"pos": torch.tensor([2.0, 3, 3, 4])}, "item 1 .*pos does not ascend at row 2"),
        ({"global_index": torch.tensor([4])}, "global_index is 4, and its rows are 0 to 3; name the row of the apex"),
        ({"global_index": torch.tensor([0, 1])}, "global_index must hold the row of the apex, one whole number"),
        ({"clip": "0", "subject": "a"}, "items 0 and 1 of the data are both clip data/a/0; give one another name"),
        ({"edge_attr": torch.ones(2)}, "clip data/s/1 has edge_attr, and clip data/a/0 has none"),
        ({"dataset": "a/b"}, "its dataset is 'a/b' and its subject 's'; name both, without a slash"),
        ({"y": None, "label": "up"}, "some clips have y and others only a label; give all clips one of the two"),
    ],
)
def test_what_is_said_of_a_wrong_clip(changed, said):
    with pytest.raises(ATMGCNError, match=said) as info:
        from_dataset(both(**changed))
    assert "\n" not in str(info.value)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"frames": torch.full((4, 3, 16, 16), 200.0)}, "frames of torch.float32 must lie in 0..1, .* is 200; divide"),
        ({"x": torch.ones(4, 3)}, "item 0 .*: has both features x and frames; a model reads one of them, so leave"),
        ({"onset_frame": None}, r"onset_frame must be a tensor \[1, 3, 16, 16\] of torch.float32, not NoneType"),
        (
            {"frames": torch.zeros(4, 16, 16, 3)},
            r"frames must be a tensor \[num_frames, 3, H, W\].* not \[4, 16, 16, 3\]",
        ),
    ],
)
def test_what_is_said_of_wrong_frames(changed, said):
    with pytest.raises(ATMGCNError, match=said):
        from_dataset([frames(**changed)])


def test_classes_that_do_not_fit():
    with pytest.raises(ATMGCNError, match=r"item 2 .*y is 2, and class_names has 2, 0 to 1 .*correct y, or name every"):
        from_dataset(feature_clips(), ["a", "b"])
    with pytest.raises(ATMGCNError, match="y and label do not name the same classes, which are 0 'a', 0 'b'"):
        from_dataset([clip(label="a", subject="x"), clip(label="b")])
    with pytest.raises(ATMGCNError, match=r"its label is 'c' and its y 0, and the classes are \['a', 'b'\]"):
        from_dataset([clip(label="c")], ["a", "b"])
