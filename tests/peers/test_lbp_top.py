"""LBP-TOP agrees with loops over pixels, ignores brightness, sees motion, and its machine survives being saved."""

import copy
import math
import sys

import numpy as np
import pytest
import torch
from torch_geometric.data import Batch, Data

from atm_gcn.errors import ATMGCNError, BatchError
from atm_gcn.peers import build_peer
from atm_gcn.peers._parts.local_binary_patterns import PLANES, in_time, lbp_top, pattern_codes, uniform_bins
from atm_gcn.peers.lbp_top import LBPTOP, grey
from tests.clips import frame_batch


def volume_of(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randint(256, shape, generator=torch.Generator().manual_seed(seed)).double()


def grating(seed: int, backwards: bool, label: int | None = None, size: int = 24, count: int = 6) -> Data:
    """A sine that moves to the right from an unknown phase, or the same frames backwards, moving to the left."""
    phase = 2 * math.pi * np.random.default_rng(seed).random()
    columns, times = np.arange(size), np.arange(count)[:, None, None, None]
    values = 128 + 90 * np.sin(2 * math.pi * (columns - times) / 12 + phase)
    frames = torch.from_numpy(np.broadcast_to(values.round(), (count, 3, size, size)).astype(np.uint8))
    frames = frames.flip(0) if backwards else frames
    return Data(
        frames=frames[1:],
        onset_frame=frames[:1],
        pos=torch.arange(2.0, count + 1),
        global_index=torch.tensor([0]),
        num_nodes=count - 1,
        y=torch.tensor([int(backwards) if label is None else label]),
    )


def gratings(count: int, seed: int) -> list[Data]:
    return [grating(seed + index // 2, backwards=bool(index % 2)) for index in range(count)]


def slow_codes(volume, plane, radii, neighbours) -> torch.Tensor:
    """The patterns by the book: a loop over voxels and neighbours, and four weights for each."""
    up, right = {"XY": (1, 2), "XT": (0, 2), "YT": (0, 1)}[plane]
    lengths = [length - 2 * radius for length, radius in zip(volume.shape, radii, strict=True)]
    codes = torch.zeros(lengths, dtype=torch.int64)
    for inner in np.ndindex(*lengths):
        voxel = [place + radius for place, radius in zip(inner, radii, strict=True)]
        for p in range(neighbours):
            y = round(voxel[up] - radii[up] * math.sin(2 * math.pi * p / neighbours), 5)
            x = round(voxel[right] + radii[right] * math.cos(2 * math.pi * p / neighbours), 5)
            value = 0.0
            for row in {math.floor(y), math.ceil(y)}:
                for column in {math.floor(x), math.ceil(x)}:
                    place = list(voxel)
                    place[up], place[right] = row, column
                    value += (1 - abs(y - row)) * (1 - abs(x - column)) * float(volume[tuple(place)])
            codes[inner] += 2**p * (value >= float(volume[tuple(voxel)]) - 1e-6)
    return codes


def changes(pattern: int, neighbours: int) -> int:
    bits = [(pattern >> p) & 1 for p in range(neighbours)]
    return sum(bits[p] != bits[p - 1] for p in range(neighbours))


@pytest.mark.parametrize(("radii", "neighbours"), [((1, 1, 1), 8), ((2, 1, 3), 8), ((3, 2, 1), 4)])
def test_patterns_and_histograms_agree_with_loops(radii, neighbours):
    volume, grid, bins = volume_of(9, 10, 11), 2, uniform_bins(neighbours)
    uniform = [code for code in range(2**neighbours) if changes(code, neighbours) <= 2]
    expected = torch.zeros(3, grid, grid, len(uniform) + 1)
    for index, plane in enumerate(PLANES):
        codes = slow_codes(volume, plane, radii, neighbours)
        assert torch.equal(pattern_codes(volume, plane, radii, neighbours), codes)
        for time, row, column in np.ndindex(*codes.shape):
            code, block = int(codes[time, row, column]), (row * grid // codes.shape[1], column * grid // codes.shape[2])
            expected[(index, *block, uniform.index(code) if code in uniform else len(uniform))] += 1
    expected = expected / expected.sum(-1, keepdim=True)
    torch.testing.assert_close(lbp_top(volume, radii, grid, bins).float(), expected)


@pytest.mark.filterwarnings("ignore:Applying `local_binary_pattern` to floating")
def test_patterns_agree_with_scikit_image():
    feature = pytest.importorskip("skimage.feature")
    volume = volume_of(3, 17, 13)
    found = pattern_codes(volume, "XY", (0, 2, 2), 8)
    for frame, codes in zip(volume.numpy(), found, strict=True):
        expected = feature.local_binary_pattern(frame, 8, 2)[2:-2, 2:-2].astype(int)
        assert codes.tolist() == expected.tolist()


def test_there_are_59_uniform_bins_of_8_neighbours():
    bins = uniform_bins(8)
    assert sorted(set(bins.tolist())) == list(range(59)) and (bins == 58).sum() == 198


def test_a_shift_or_a_scale_of_the_grey_values_changes_nothing():
    batch, peer = frame_batch(20, (5, 1, 12)), LBPTOP(3)
    for name in ("frames", "onset_frame"):
        batch[name] = batch[name] // 4 + 20
    batch.frames[:, :, :9] = 77  # equal pixels stay equal
    before = peer.describe(batch)
    for change in (lambda x: x + 31, lambda x: x * 3, lambda x: (x * 2.5 - 10).float() / 255):
        other = batch.clone()
        other.frames, other.onset_frame = change(batch.frames), change(batch.onset_frame)
        assert torch.equal(peer.describe(other), before)


def test_rounding_does_not_decide_between_equal_values():
    ramp = torch.arange(6.0).double()
    ramp = ramp[:, None, None] + ramp[:, None] + ramp  # diagonal neighbours across the slope equal their centre
    codes = [pattern_codes(ramp * scale + 1 / 3, plane, (1, 1, 1), 8) for scale in (1, 0.7, 1 / 3) for plane in PLANES]
    assert {code for one in codes for code in one.unique().tolist()} == {
        0b11100011
    }  # those on the slope itself count as equal, p = 1 and 5


def test_clips_of_any_length_become_one_number_of_frames():
    frames = torch.stack([torch.full((2, 2), value) for value in (0.0, 10.0, 40.0)])
    resampled = in_time(frames, torch.tensor([1.0, 2.0, 5.0]), 9)
    assert resampled[:, 0, 0].tolist() == [0, 5, 10, 15, 20, 25, 30, 35, 40]
    peer = LBPTOP(3)
    for count in (1, 2, 99):
        description = peer.describe(frame_batch(20, (count,)))
        assert description.shape == (1, 3 * 25 * 59)
        torch.testing.assert_close(description.sum(), torch.tensor(75.0).double())


def test_motion_is_separated_where_single_frames_are_alike():
    peer = build_peer("lbp-top", num_classes=2, grid=2)
    peer.fit([Batch.from_data_list(gratings(20, seed=0))])
    test = Batch.from_data_list(gratings(20, seed=100))
    assert torch.equal(peer(test).argmax(1), test.y)
    planes = peer.describe(test).unflatten(1, (3, -1))
    assert torch.equal(planes[0::2, 0], planes[1::2, 0])  # the frames of both directions are the same ones
    assert not torch.equal(planes[0::2, 1], planes[1::2, 1])


@pytest.mark.parametrize("num_classes", [2, 3])
def test_batches_make_no_difference(num_classes):
    clips = frame_batch(20, (3, 1, 6, 2, 4, 1, 1, 5)).to_data_list()
    for index, clip in enumerate(clips):
        clip.y = torch.tensor([index % num_classes])
    whole, parts = build_peer("lbp-top", num_classes=num_classes), build_peer("lbp-top", num_classes=num_classes)
    whole.fit([Batch.from_data_list(clips)])
    parts.fit(Batch.from_data_list(clips[first : first + 3]) for first in range(0, len(clips), 3))
    assert all(torch.equal(value, parts.state_dict()[name]) for name, value in whole.state_dict().items())
    together = whole(Batch.from_data_list(clips))
    assert together.shape == (8, num_classes) and together.isfinite().all()
    assert torch.equal(together, torch.cat([whole(clip) for clip in clips]))
    assert together.argmax(1).tolist() == [index % num_classes for index in range(8)]


def test_a_state_dict_and_a_copy_predict_the_same():
    peer, batch = build_peer("lbp-top", num_classes=2), Batch.from_data_list(gratings(6, seed=3))
    peer.fit([batch])
    other = build_peer("lbp-top", num_classes=2)
    shapes = {name: value.shape for name, value in other.state_dict().items()}
    assert shapes == {name: value.shape for name, value in peer.state_dict().items()}
    other.load_state_dict(peer.state_dict())
    assert torch.equal(other(batch), peer(batch)) and torch.equal(copy.deepcopy(peer)(batch), peer(batch))
    assert all(value.isfinite().all() for value in peer.state_dict().values())
    assert not any(parameter.requires_grad for parameter in peer.parameters())


def test_classes_without_clips_are_never_predicted():
    peer = build_peer("lbp-top", num_classes=4)
    batch = Batch.from_data_list([grating(0, False, 2), grating(1, True, 0), grating(2, False, 2)])
    peer.fit([batch])
    assert peer(batch).argmax(1).tolist() == [2, 0, 2]
    assert (peer(batch)[:, [1, 3]] == -1000).all()
    peer.fit([Batch.from_data_list([grating(0, False, 1)])])
    assert peer(batch).argmax(1).tolist() == [1, 1, 1]


def test_grey_is_the_same_of_bytes_and_of_fractions():
    frames = frame_batch(4, (2,)).frames
    torch.testing.assert_close(grey(frames.double() / 255), grey(frames))
    assert grey(torch.full((1, 3, 1, 1), 200, dtype=torch.uint8)).item() == pytest.approx(200)


def test_errors(monkeypatch):
    with pytest.raises(BatchError, match="must have at least 7 x 7 pixels for 5 x 5 blocks"):
        LBPTOP(2).describe(frame_batch(6))
    with pytest.raises(ValueError, match="frames must be at least 9 with the radius 4 in time, not 5"):
        LBPTOP(2, radii=(1, 1, 4), frames=5)
    monkeypatch.setitem(sys.modules, "sklearn.svm", None)
    with pytest.raises(ATMGCNError, match=r"the peer lbp-top needs sklearn.*'\.\[classics\]'"):
        build_peer("lbp-top", num_classes=2)
