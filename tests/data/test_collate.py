"""Clips to a batch: what PyG makes of them, with images copied once and channels last."""

import torch
from torch_geometric.data import Batch, Data

from atm_gcn.data import collate_clips
from atm_gcn.data.collate import gather
from tests.clips import flow_batch


def clips(sizes=(3, 1, 4)):
    made = []
    for n in sizes:
        images = torch.randint(256, (n + 1, 6, 5, 3), dtype=torch.uint8).permute(0, 3, 1, 2)
        made.append(
            Data(frames=images[1:], onset_frame=images[:1], pos=torch.arange(n), global_index=torch.tensor([n - 1]))
        )
        made[-1].num_nodes = n
    return made


def test_equals_pygs_batch():
    given = clips()
    mine, pygs = collate_clips(given), Batch.from_data_list(given)
    assert set(mine.keys()) == set(pygs.keys())
    for name, value in pygs:
        assert value == 8 if name == "num_nodes" else torch.equal(mine[name], value), name
    assert (mine.num_graphs, mine.num_nodes) == (3, 8)


def test_images_are_channels_last_and_the_batchs_own():
    given = clips()
    batch = collate_clips(given)
    assert batch.frames.is_contiguous(memory_format=torch.channels_last)
    batch.frames.zero_()
    assert any(clip.frames.any() for clip in given)


def test_flow_is_gathered_as_frames_are():
    given = flow_batch(size=5).to_data_list()
    batch, pygs = collate_clips(given), Batch.from_data_list(given)
    assert torch.equal(batch.flow, pygs.flow)
    assert batch.flow.is_contiguous(memory_format=torch.channels_last)


def test_clips_without_frames_pass():
    batch = collate_clips([Data(x=torch.ones(2, 4)), Data(x=torch.zeros(1, 4))])
    assert batch.x.shape == (3, 4)
    assert "frames" not in batch


def test_one_clip_and_other_types():
    one = torch.rand(2, 4, 4, 3).permute(0, 3, 1, 2)
    assert torch.equal(gather([one]), one)
    assert torch.equal(gather([one, one[:0], one]), torch.cat([one, one]))
