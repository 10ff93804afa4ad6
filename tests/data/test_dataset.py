"""The PyG dataset: every tensor of a clip, batching, and worker processes."""

import pickle

import pytest
import torch
from torch_geometric.loader import DataLoader

from atm_gcn.config import DataConfig
from atm_gcn.data import MERDataset, prepare
from atm_gcn.errors import ATMGCNError
from atm_gcn.graph import build_topology
from tests.data.recordings import number_of, three_clips


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dataset")
    return prepare(three_clips(folder), folder / "store", DataConfig(size=16))


def numbers_in(frames: torch.Tensor) -> list[int]:
    """The number that each :func:`picture` shows."""
    return [number_of(frame) for frame in frames.permute(0, 2, 3, 1).numpy()]


def test_a_clip(store):
    data = MERDataset(store, window=2)[0]
    assert data.frames.shape == (11, 3, 16, 16) and data.frames.dtype == torch.uint8
    assert data.onset_frame.shape == (1, 3, 16, 16)
    assert numbers_in(data.onset_frame) == [5] and numbers_in(data.frames) == list(range(6, 17))
    assert data.pos.tolist() == list(range(2, 13))
    assert data.num_nodes == 11
    assert data.global_index.tolist() == [3]  # frame 9 is the fifth of the clip, and the onset is no node
    assert numbers_in(data.frames)[data.global_index] == 9
    assert data.y.tolist() == [0]
    assert (data.subject, data.clip) == ("own/p1", "own/p1/a")
    expected = build_topology(torch.tensor([11]), torch.tensor([3]), 2)
    assert torch.equal(data.edge_index, expected.edge_index) and torch.equal(data.edge_slot, expected.edge_slot)


def test_a_clip_that_was_read_for_a_prediction_can_be_trained_on(store):
    dataset = MERDataset(store, window=3)  # of no other test: topologies are kept
    with torch.inference_mode():
        _ = dataset[0]
    data = dataset[0]
    weight = torch.ones(data.edge_index.size(1), requires_grad=True)
    torch.zeros(data.num_nodes).index_add(0, data.edge_index[1], weight).sum().backward()
    assert weight.grad.sum() == len(weight)


@pytest.mark.parametrize("num_workers", [0, 2])
def test_a_batch(store, num_workers):
    dataset = MERDataset(store.path)
    (batch,) = DataLoader(dataset, batch_size=3, num_workers=num_workers)
    nodes, apexes = [11, 11, 9], [one.apex_position - 1 for one in store.clips]
    assert batch.ptr.tolist() == [0, 11, 22, 31]
    assert batch.global_index.tolist() == [apexes[0], 11 + apexes[1], 22 + apexes[2]]
    assert numbers_in(batch.frames) == [*range(6, 17), *range(1, 12), *range(5, 14)]
    assert numbers_in(batch.onset_frame) == [5, 0, 4]
    assert batch.pos.tolist() == [*range(2, 13), *range(2, 13), *range(2, 11)]
    assert batch.y.tolist() == [0, 1, 0]
    assert batch.subject == ["own/p1", "own/p1", "own/p2"]
    expected = build_topology(torch.tensor(nodes), torch.tensor(apexes), 1)
    order = expected.edge_index[1] * 31 + expected.edge_index[0]
    batched = batch.edge_index[1] * 31 + batch.edge_index[0]
    assert torch.equal(order.sort().values, batched.sort().values)
    assert torch.equal(expected.edge_slot[order.argsort()], batch.edge_slot[batched.argsort()])


def test_selecting(store):
    dataset = MERDataset(store)
    assert dataset.labels.tolist() == [0, 1, 0]
    assert dataset.subjects == ["own/p1", "own/p1", "own/p2"]
    assert dataset.num_frames == [12, 12, 10]
    assert (dataset.num_classes, dataset.classes) == (2, ["joy", "rage"])
    held_out = MERDataset(store, subjects=["own/p2"])
    assert len(held_out) == 1 and held_out[0].clip == "own/p2/c" and held_out.num_classes == 2
    rest = dataset[[1, 2]]
    assert rest.labels.tolist() == [1, 0] and rest[0].clip == "own/p1/b" and rest.num_frames == [12, 10]
    with pytest.raises(ATMGCNError, match="has no subject 'p2'; it has own/p1, own/p2"):
        MERDataset(store, subjects=["p2"])


def test_transform(store):
    dataset = MERDataset(store, transform=lambda data: data.update({"y": data.y + 5}))
    assert dataset[1].y.tolist() == [6]


def test_writing_to_frames_reaches_nobody_else(store):
    dataset = MERDataset(store)
    assert dataset[0].frames.is_contiguous(memory_format=torch.channels_last)
    worker = pickle.loads(pickle.dumps(dataset))
    worker[0].frames.zero_()
    assert numbers_in(dataset[0].frames) == list(range(6, 17))


@pytest.fixture
def items(store, monkeypatch):
    """The rows of the store that are read."""
    rows, item = [], type(store).item
    monkeypatch.setattr(type(store), "item", lambda self, row, *args: rows.append(row) or item(self, row, *args))
    return rows


def test_kept_clips_are_read_once_and_equal(store, items):
    kept, read = MERDataset(store, keep=True), MERDataset(store)
    chosen = kept[[2, 0]]
    assert not chosen.is_kept
    for _ in range(2):
        for one, other in zip(chosen, read[[2, 0]], strict=True):
            assert one.keys() == other.keys()
            tensors = {key: value for key, value in one.to_dict().items() if torch.is_tensor(value)}
            assert all(value.equal(other[key]) for key, value in tensors.items()) and one.clip == other.clip
            one.y = one.frames = None  # reaches nobody else
    assert items == [2, 2, 0, 0, 2, 0]
    assert chosen.is_kept and kept[[0]].is_kept and not kept.is_kept and not read.is_kept
    assert numbers_in(kept[0].frames) == list(range(6, 17)) and len(items) == 6
    assert kept[1].y.tolist() == [1] and kept.is_kept


def test_as_many_clips_are_kept_as_fit(store, items, monkeypatch):
    first_two = sum(
        value.nbytes for clip in MERDataset(store)[:2] for value in clip.to_dict().values() if torch.is_tensor(value)
    )
    monkeypatch.setattr("atm_gcn.data.dataset.KEPT_BYTES", first_two)
    dataset = MERDataset(store, keep=True)
    items.clear()
    for _ in range(2):
        assert [clip.y.item() for clip in dataset] == [0, 1, 0]
    assert items == [0, 1, 2, 2] and not dataset.is_kept and dataset[:2].is_kept
