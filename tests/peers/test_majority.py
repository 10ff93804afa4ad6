"""The largest class is counted from the training clips and predicted for every other."""

import pytest
import torch
from torch_geometric.data import Batch

from atm_gcn.peers import build_peer
from tests.clips import frame_batch


def clips_of(labels) -> list:
    clips = frame_batch(8, (1,) * len(labels)).to_data_list()
    for clip, label in zip(clips, labels, strict=True):
        clip.y = torch.tensor([label])
    return clips


def test_the_logits_are_log_frequencies():
    majority, clips = build_peer("majority", num_classes=3), clips_of([2, 0, 2, 1, 2, 0])
    majority.fit([Batch.from_data_list(clips[:4]), Batch.from_data_list(clips[4:])])
    logits = majority(Batch.from_data_list(clips[:2]))
    assert logits.shape == (2, 3)
    torch.testing.assert_close(logits.exp()[1], torch.tensor([2 / 6, 1 / 6, 3 / 6]))
    assert majority(clips[0]).shape == (1, 3)


def test_a_class_without_clips_is_the_least_and_finite():
    majority = build_peer("majority", num_classes=4)
    majority.fit([Batch.from_data_list(clips_of([1, 1, 3]))])
    (logits,) = majority(clips_of([0])[0])
    assert logits.isfinite().all() and logits.argsort(descending=True).tolist()[:2] == [1, 3]
    assert logits[0] == logits[2] < logits[3]


def test_another_module_reads_its_state():
    majority, other = (build_peer("majority", num_classes=3) for _ in range(2))
    batch = Batch.from_data_list(clips_of([2, 2, 1]))
    majority.fit([batch])
    assert not torch.equal(other(batch), majority(batch))
    other.load_state_dict(majority.state_dict())
    assert torch.equal(other(batch), majority(batch))


def test_nothing_is_trained_by_gradients():
    (parameter,) = build_peer("majority", num_classes=2).parameters()
    assert not parameter.requires_grad
    with pytest.raises(RuntimeError):
        build_peer("majority", num_classes=2)(clips_of([0])[0]).sum().backward()
