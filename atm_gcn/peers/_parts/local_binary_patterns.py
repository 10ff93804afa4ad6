"""Local binary patterns on three orthogonal planes of a volume of grey values, and their histograms in blocks."""

import math

import torch
from torch import Tensor

PLANES = {"XY": (1, 2), "XT": (0, 2), "YT": (0, 1)}
"""The axes of each plane, of a volume ``[T, H, W]``: the one that goes up and the one that goes right."""
TIE = 1e-6  # grey levels of 0..255: what is less apart is equal, so that rounding decides nothing


def in_time(frames: Tensor, times: Tensor, count: int) -> Tensor:
    """A clip of any length at ``count`` even distances in time, interpolated linearly between its frames.

    Args:
        frames: Floating point ``[L, H, W]``, L at least 2.
        times: Of the frames, ascending, ``[L]``.
        count: T.

    Returns:
        ``[T, H, W]``, the first and the last frame among them.
    """
    wanted = torch.linspace(0, 1, count, dtype=frames.dtype, device=frames.device)
    times = times.to(wanted)
    times = (times - times[0]) / (times[-1] - times[0])
    left = (torch.searchsorted(times, wanted, right=True) - 1).clamp(0, len(times) - 2)
    share = (wanted - times[left]) / (times[left + 1] - times[left])
    return frames[left].lerp(frames[left + 1], share[:, None, None])


def pattern_codes(volume: Tensor, plane: str, radii: tuple[int, int, int], neighbours: int) -> Tensor:
    r"""The local binary pattern of every voxel in one plane.

    .. math::
        \sum_{p = 0}^{P - 1} 2^p \, [g_p \ge g_c]

    :math:`g_p` is the grey value at the angle :math:`2 \pi p / P` of the ellipse around the voxel, interpolated
    bilinearly, and :math:`g_c` that of the voxel itself.

    Args:
        volume: Grey values of 0..255, float64 ``[T, H, W]``.
        plane: Of :data:`PLANES`.
        radii: Half the axes of the ellipse along T, H and W. All voxels as far from the border have a pattern, in every
            plane the same ones.
        neighbours: P.

    Returns:
        int64 ``[T - 2 r_T, H - 2 r_H, W - 2 r_W]``.
    """
    up, right = PLANES[plane]
    least = _shifted(volume, radii, (0, 0, 0)) - TIE
    codes = torch.zeros_like(least, dtype=torch.int64)
    for p in range(neighbours):
        angle = 2 * math.pi * p / neighbours
        offset = [0.0, 0.0, 0.0]
        offset[up], offset[right] = (
            round(-radii[up] * math.sin(angle), 5),  # so that a neighbour on an axis lies on it
            round(radii[right] * math.cos(angle), 5),
        )
        codes |= (_shifted(volume, radii, tuple(offset)) >= least).long() << p
    return codes


def uniform_bins(neighbours: int) -> Tensor:
    """The bin of every pattern, int64 ``[2**P]``: one for each that changes between 0 and 1 at most twice on its way
    around, P (P - 1) + 2 of them, and the last for all others."""
    patterns = range(2**neighbours)
    turned = [(one >> 1) | ((one & 1) << (neighbours - 1)) for one in patterns]
    uniform = torch.tensor([(one ^ other).bit_count() <= 2 for one, other in zip(patterns, turned, strict=True)])
    return torch.where(uniform, uniform.cumsum(0) - 1, uniform.sum())


def lbp_top(volume: Tensor, radii: tuple[int, int, int], grid: int, bins: Tensor) -> Tensor:
    """Histograms of the patterns of all three planes, in blocks of the picture over the whole of the clip.

    Args:
        volume: Grey values of 0..255, float64 ``[T, H, W]``.
        radii: As for :func:`pattern_codes`.
        grid: Blocks along each side.
        bins: Of :func:`uniform_bins`.

    Returns:
        float64 ``[3, grid, grid, num_bins]``, each histogram with the sum 1.
    """
    neighbours, num_bins = (len(bins) - 1).bit_length(), int(bins.max()) + 1
    height, width = (volume.shape[axis] - 2 * radii[axis] for axis in (1, 2))
    rows, columns = (torch.arange(side, device=volume.device) * grid // side for side in (height, width))
    first = (rows[:, None] * grid + columns) * num_bins  # [H, W], where the histogram of each pixel's block begins
    places = [first + bins[pattern_codes(volume, plane, radii, neighbours)] for plane in PLANES]
    counts = torch.stack([place.flatten().bincount(minlength=grid**2 * num_bins) for place in places])
    counts = counts.view(len(PLANES), grid, grid, num_bins).double()
    return counts / counts.sum(dim=-1, keepdim=True)


def _shifted(volume: Tensor, radii: tuple[int, int, int], offset: tuple[float, ...]) -> Tensor:
    """The grey values at an offset from every voxel that is as far from the border as ``radii``.

    This form of interpolation leaves equal values exactly as they are.
    """
    for axis, (radius, by) in enumerate(zip(radii, offset, strict=True)):
        length, whole = volume.shape[axis] - 2 * radius, math.floor(by)
        near = volume.narrow(axis, radius + whole, length)
        volume = near.lerp(volume.narrow(axis, radius + whole + 1, length), by - whole) if by > whole else near
    return volume
