"""What is drawn for a clip serves all of its frames, the onset frame too."""

import sys

import pytest
import torch
from torch_geometric.data import Batch, Data

from atm_gcn.errors import ATMGCNError
from atm_gcn.training.loop.augment import Augment, mirror_flow_pictures, rotate, shift, turn_flow
from tests.clips import flow_batch, frame_batch


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def still_batch():
    """Clips whose frames all equal their onset frame."""
    batch = frame_batch(sizes=(3, 1, 6))
    batch.frames = batch.onset_frame[batch.batch].clone()
    return batch


SETTINGS = [{"crop": 0.2}, {"flip": True}, {"jitter": 0.3}, {"crop": 0.1, "flip": True, "jitter": 0.2}]
SETTINGS.append({"crop": 0.1, "flip": True, "rotate": 10})


@pytest.mark.parametrize("settings", SETTINGS)
def test_a_still_clip_stays_still(settings):
    batch = still_batch()
    before = batch.onset_frame.clone()
    batch = Augment(**settings)(batch, generator(1))
    assert torch.equal(batch.frames, batch.onset_frame[batch.batch])
    assert not torch.equal(batch.onset_frame, before)


@pytest.mark.parametrize("settings", SETTINGS)
def test_the_generator_decides_alone(settings):
    one, two, other = (Augment(**settings)(frame_batch(sizes=(2,) * 12), generator(seed)) for seed in (3, 3, 4))
    assert torch.equal(one.frames, two.frames)
    assert not torch.equal(one.frames, other.frames)


def test_clips_of_a_batch_are_drawn_apart():
    draw = Augment(crop=0.2, jitter=0.3).sample(100, generator())
    assert draw.right.unique().numel() > 50
    assert draw.right.abs().max() <= 0.2
    assert draw.contrast.abs().max() <= 0.3
    assert not draw.mirror.any()
    assert 30 < Augment(flip=True).sample(100, generator()).mirror.sum() < 70


def test_without_settings_nothing_changes():
    batch = Augment()(frame_batch(), generator())
    assert torch.equal(batch.frames, frame_batch().frames)
    assert batch.frames.dtype == torch.uint8


def test_jitter_gives_floats_between_0_and_1():
    batch = Augment(jitter=0.9)(frame_batch(), generator())
    assert batch.frames.dtype == batch.onset_frame.dtype == torch.float32
    assert 0 <= batch.frames.min() <= batch.frames.max() <= 1


def test_shift_moves_and_repeats_the_border():
    image = torch.arange(4 * 4).reshape(1, 1, 4, 4)
    owner, off = torch.tensor([0]), torch.tensor([False])
    moved = shift(image, owner, right=torch.tensor([0.25]), down=torch.tensor([-0.25]), mirror=off)
    assert moved[0, 0].tolist() == [[4, 4, 5, 6], [8, 8, 9, 10], [12, 12, 13, 14], [12, 12, 13, 14]]


def test_mirror_mirrors():
    images = torch.randint(256, (2, 3, 5, 7))
    none = torch.zeros(2)
    mirrored = shift(images, torch.tensor([0, 1]), none, none, torch.tensor([True, False]))
    assert torch.equal(mirrored[0], images[0].flip(-1))
    assert torch.equal(mirrored[1], images[1])


def test_jitter_without_kornia_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "kornia.enhance", None)
    with pytest.raises(ATMGCNError, match=r"train\.augment\.jitter\) needs kornia.*pip install -e '\.\[train\]'"):
        Augment(jitter=0.1)
    Augment(crop=0.1, flip=True)


def flow_of(frames, onset_frame, owner):
    """A stand-in for optical flow that knows left from right: the difference, and its slope along x."""
    difference = (frames.float() - onset_frame.float()[owner]).mean(dim=1)
    slope = torch.gradient(difference, dim=2)[0]
    return torch.stack([slope, difference, difference.abs()], dim=1)


def test_the_flow_of_a_mirrored_clip_is_mirrored_with_the_opposite_u():
    batch = frame_batch(sizes=(2,) * 8)
    batch.flow = flow_of(batch.frames, batch.onset_frame, batch.batch)
    mirrored = Augment(flip=True)(batch.clone(), generator(2))
    expected = flow_of(mirrored.frames, mirrored.onset_frame, mirrored.batch)
    torch.testing.assert_close(mirrored.flow, expected)
    assert not torch.equal(mirrored.flow, batch.flow)


def test_flow_of_another_size_is_shifted_by_the_same_part_of_its_side():
    batch = flow_batch(size=8, frames=32)
    batch.frames = batch.flow.repeat_interleave(4, 2).repeat_interleave(4, 3)  # the size of a pixel divides the shift
    augment = Augment(crop=0.4)
    sample = augment.sample
    augment.sample = lambda *given: sample(*given)._replace(
        right=torch.tensor([0.25, -0.375, 0.125]), down=torch.tensor([-0.125, 0.0, 0.25])
    )
    shifted = augment(batch, generator())
    assert torch.equal(shifted.frames[..., ::4, ::4], shifted.flow)


def test_jitter_leaves_flow_as_it_is():
    batch = flow_batch(frames=8)
    before = batch.flow.clone()
    assert torch.equal(Augment(jitter=0.5)(batch, generator()).flow, before)
    assert "frames" not in Augment(crop=0.1, flip=True)(flow_batch(), generator())


def test_depth_is_shifted_and_mirrored_with_its_frames_and_keeps_its_values():
    batch = frame_batch(sizes=(2,) * 8)
    batch.depth = batch.frames[:, :1].float() * 3 - 200
    moved = Augment(crop=0.2, flip=True)(batch.clone(), generator(2))
    assert torch.equal(moved.depth, moved.frames[:, :1].float() * 3 - 200)
    assert not torch.equal(moved.depth, batch.depth)
    assert torch.equal(Augment(jitter=0.5)(batch.clone(), generator()).depth, batch.depth)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int64, torch.float32])
def test_mirrored_pictures_of_flow_have_the_opposite_u(dtype):
    batch = frame_batch(sizes=(2,) * 12)
    batch.onset_frame[:, :2] = 128
    for name in ("frames", "onset_frame"):
        batch[name] = batch[name].to(dtype) / 255 if dtype.is_floating_point else batch[name].to(dtype)
    mirrored = Augment(flip="flow")(batch.clone(), generator(2))
    drawn = Augment(flip="flow").sample(12, generator(2)).mirror
    assert 0 < drawn.sum() < 12
    differences = [
        (one.frames.double() - one.onset_frame.double()[one.batch]).flip(-1)[drawn[batch.batch]]
        for one in (batch, mirrored)
    ]
    before, after = differences[0], differences[1].flip(-1)
    assert torch.equal(after[:, 1:], before[:, 1:])
    torch.testing.assert_close(after[:, 0], -before[:, 0], rtol=0, atol=1e-6 if dtype == torch.float32 else 0)
    assert torch.equal(mirrored.frames[~drawn[batch.batch]], batch.frames[~drawn[batch.batch]])
    assert mirrored.frames.dtype == dtype


def test_mirroring_pictures_of_flow_twice_changes_nothing():
    pictures, owner, mirror = torch.arange(256).view(1, 1, 16, 16).expand(2, 3, 16, 16), [0, 1], [True, False]
    pictures, owner, mirror = pictures.to(torch.uint8), torch.tensor(owner), torch.tensor(mirror)
    once = mirror_flow_pictures(pictures, owner, mirror)
    assert torch.equal(once[0, 0], 255 - pictures[0, 0]) and torch.equal(once[1], pictures[1])
    assert torch.equal(mirror_flow_pictures(once, owner, mirror), pictures)


def test_flow_itself_is_mirrored_alike_by_true_and_flow():
    one, other = (Augment(flip=flip)(flow_batch(8, (2,) * 8, frames=8), generator(2)) for flip in (True, "flow"))
    assert torch.equal(one.flow, other.flow)
    assert not torch.equal(one.frames, other.frames)


def test_the_mirrored_flow_of_pictures_is_that_of_the_mirrored_pictures():
    from atm_gcn.media.optical_flow import flow_from_picture

    batch = frame_batch(sizes=(2,) * 6)
    mirrored = Augment(flip="flow")(batch.clone(), generator(2))
    batch.flow = torch.from_numpy(flow_from_picture(batch.frames.permute(0, 2, 3, 1).numpy())).permute(0, 3, 1, 2)
    expected = Augment(flip=True)(batch, generator(2)).flow
    read = torch.from_numpy(flow_from_picture(mirrored.frames.permute(0, 2, 3, 1).numpy())).permute(0, 3, 1, 2)
    torch.testing.assert_close(read, expected, rtol=0, atol=1e-6)


def marked(landmarks, side=64):
    """Pictures with a bright spot at each landmark, ``[B * 5, 3, side, side]``, and the clip of each."""
    place = (torch.arange(side) + 0.5) / side
    x, y = landmarks.flatten(0, 1).unbind(1)
    spots = torch.exp(-(((place - x[:, None, None]) ** 2 + (place[:, None] - y[:, None, None]) ** 2) / 0.002))
    return spots[:, None].expand(-1, 3, -1, -1).contiguous(), torch.arange(len(landmarks)).repeat_interleave(5)


def centres(pictures):
    side = pictures.size(-1)
    weight, place = pictures[:, 0] / pictures[:, 0].sum(dim=(1, 2), keepdim=True), (torch.arange(side) + 0.5) / side
    return torch.stack([(weight * place).sum(dim=(1, 2)), (weight * place[:, None]).sum(dim=(1, 2))], dim=1)


def test_landmarks_move_with_the_pictures():
    landmarks = torch.tensor([[[0.35, 0.4], [0.65, 0.4], [0.5, 0.55], [0.4, 0.7], [0.6, 0.7]]]).repeat(8, 1, 1)
    pictures, owner = marked(landmarks)
    batch = Batch.from_data_list(
        [Data(frames=pictures[owner == i], pos=torch.arange(2.0, 7), num_nodes=5) for i in range(8)]
    )
    batch.landmarks, onset = landmarks, pictures[::5]
    batch.onset_frame = onset
    augmented = Augment(crop=0.1, flip=True, rotate=20)(batch, generator(1))
    found = centres(augmented.frames).view(8, 5, 2)
    mirrored = Augment(crop=0.1, flip=True, rotate=20).sample(8, generator(1)).mirror
    assert mirrored.any() and not mirrored.all()
    found[mirrored] = found[mirrored][:, [1, 0, 2, 4, 3]]
    torch.testing.assert_close(augmented.landmarks, found, atol=0.012, rtol=0)


def test_rotation_turns_the_vectors_of_flow_with_the_picture():
    flow = torch.zeros(1, 3, 9, 9)
    flow[0, 0, 4, 7] = 1.0  # right of the centre, to the right
    angle, owner = torch.tensor([90.0]), torch.tensor([0])
    turned = turn_flow(rotate(flow, owner, angle), owner, angle)
    expected = torch.zeros(1, 3, 9, 9)
    expected[0, 1, 7, 4] = 1.0  # below the centre, downwards: clockwise in a picture whose y points down
    torch.testing.assert_close(turned, expected, atol=1e-5, rtol=0)


def test_rotation_keeps_the_type_of_the_frames():
    clips = still_batch()
    kept = clips.frames.dtype
    assert Augment(rotate=5)(clips, generator()).frames.dtype is kept
    assert torch.equal(Augment(crop=0.1).sample(3, generator()).angle, torch.zeros(3))
