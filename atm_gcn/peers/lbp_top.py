"""LBP-TOP: histograms of local binary patterns in space and time, and a linear support vector machine."""

from collections.abc import Iterable
from types import ModuleType

import numpy as np
import torch
from torch import Tensor, nn
from torch_geometric.data import Batch, Data

from atm_gcn.encoders.pairing import check_frames
from atm_gcn.errors import BatchError, require
from atm_gcn.peers._parts.clip_reading import attribute, bounds
from atm_gcn.peers._parts.local_binary_patterns import PLANES, in_time, lbp_top, uniform_bins

GREY = (0.299, 0.587, 0.114)  # of R, G and B
ONSET_TIME = 1.0  # the position of the onset frame in time, in the units of ``pos``
ABSENT = -1000.0  # decision value of a class without a training clip; those of others are of the order of 1
MOST_STEPS = 100_000  # of the solver, which takes some hundreds


class LBPTOP(nn.Module):
    r"""The descriptor of `"Dynamic Texture Recognition Using Local Binary Patterns with an Application to Facial
    Expressions" <https://doi.org/10.1109/TPAMI.2007.1110>`_ by Zhao and Pietikäinen (TPAMI 2007), and a linear support
    vector machine.

    .. math::
        \hat{y}_c = \mathbf{w}_c^\top \frac{\mathbf{h} - \boldsymbol\mu}{\boldsymbol\sigma} + b_c

    :math:`\mathbf{h}` are histograms of uniform patterns on the planes XY, XT and YT of the grey frames, in blocks of
    the picture over the whole clip (``lbp_top``);
    :math:`\boldsymbol\mu` and :math:`\boldsymbol\sigma` are their mean and standard deviation over the training clips.
    Clips have 2 frames or more, and patterns in time need :math:`2 r_T + 1`; every clip, its onset included, is
    therefore first brought to one number of frames by linear interpolation at even distances in time. (The temporal
    interpolation model, TIM, which others use for this, interpolates along a manifold.)

    :meth:`fit` finds :math:`\mathbf{w}_c` and :math:`b_c`, one class against the others, both sides with the same total
    weight. A class without a training clip is never predicted: :math:`\mathbf{w}_c = 0` and :math:`b_c = -1000`. Of
    action units, where ``batch.y`` is :math:`(B, C)`, the clips that have a unit are separated from those that lack it.

    Args:
        num_classes (int): C.
        grid (int, optional): Blocks along each side of the picture. (default: :obj:`5`)
        radii (tuple[int, int, int], optional): Of the neighbours along X, Y and T. (default: :obj:`(1, 1, 2)`)
        neighbours (int, optional): Of a pattern, on an ellipse. (default: :obj:`8`)
        frames (int, optional): Of every clip once it is interpolated. (default: :obj:`10`)
        cost (float, optional): The SVM's C, of the errors against the margin. (default: :obj:`1.0`)

    Shapes:
        - **input:** ``batch.frames`` :math:`(F, 3, H, W)`, ``batch.onset_frame`` :math:`(B, 3, H, W)` and ``batch.pos``
          :math:`(F)`
        - **output:** decision values :math:`(B, C)`

    Raises:
        ATMGCNError: If scikit-learn is not installed.
    """

    bins: Tensor
    feature_mean: Tensor
    feature_scale: Tensor

    def __init__(
        self,
        num_classes: int,
        grid: int = 5,
        radii: tuple[int, int, int] = (1, 1, 2),
        neighbours: int = 8,
        frames: int = 10,
        cost: float = 1.0,
    ) -> None:
        super().__init__()
        _solvers()  # a missing package is reported before the clips are read
        across, down, later = radii
        self.radii, self.grid, self.num_frames, self.cost = (later, down, across), grid, frames, cost
        if frames <= 2 * later:
            raise ValueError(f"frames must be at least {2 * later + 1} with the radius {later} in time, not {frames}")
        self.register_buffer("bins", uniform_bins(neighbours), persistent=False)
        uniform = neighbours * (neighbours - 1) + 3  # patterns of at most two changes, and one for all others
        length = len(PLANES) * grid**2 * uniform
        self.register_buffer("feature_mean", torch.zeros(length))
        self.register_buffer("feature_scale", torch.ones(length))
        self.weight = nn.Parameter(torch.zeros(num_classes, length), requires_grad=False)
        self.bias = nn.Parameter(torch.zeros(num_classes), requires_grad=False)

    @torch.no_grad()
    def fit(self, batches: Iterable[Batch]) -> None:
        """Fit the support vector machine to the training clips.

        Args:
            batches: All of them, each clip once.
        """
        described, labels = zip(*((self.describe(batch).cpu(), batch.y.cpu()) for batch in batches), strict=True)
        features, y = torch.cat(described).numpy(), torch.cat(labels).numpy()
        deviation = features.std(axis=0)
        self.feature_mean.copy_(torch.from_numpy(features.mean(axis=0)))
        self.feature_scale.copy_(torch.from_numpy(np.where(deviation > 0, deviation, 1)))
        standardised = (features - self.feature_mean.double().cpu().numpy()) / self.feature_scale.double().cpu().numpy()
        for label in range(len(self.bias)):
            of_units = y.ndim == 2
            known = y[:, label] >= 0 if of_units else np.ones(len(y), bool)
            own = y[known, label] > 0 if of_units else y == label
            weight, bias = self._against_others(standardised[known], own)
            self.weight[label] = torch.from_numpy(weight)
            self.bias[label] = bias

    def _against_others(self, features: np.ndarray, own: np.ndarray) -> tuple[np.ndarray, float]:
        """Weights and intercept that separate the clips of a class from the others."""
        if own.all() or not own.any():
            return np.zeros(features.shape[1]), 1.0 if own.all() else ABSENT
        svm = _solvers().LinearSVC(
            C=self.cost, loss="hinge", dual=True, class_weight="balanced", max_iter=MOST_STEPS, random_state=0
        )
        svm.fit(features, own)
        return svm.coef_[0], float(svm.intercept_[0])

    @torch.no_grad()
    def describe(self, batch: Data) -> Tensor:
        """The histograms of every clip, float64 ``[B, D]``.

        Raises:
            BatchError: If the batch has no frames, or they are too small for the blocks.
        """
        frames, onsets, pos = (attribute(batch, name) for name in ("frames", "onset_frame", "pos"))
        least = self.grid + 2 * max(self.radii[1:])
        if min(frames.shape[-2:]) < least:
            raise BatchError(f"frames must have at least {least} x {least} pixels for {self.grid} x {self.grid} blocks")
        ptr, clips = bounds(batch).tolist(), []
        for onset, first, last in zip(onsets, ptr, ptr[1:], strict=False):
            pictures = grey(torch.cat([onset[None], frames[first:last]]))  # [L, H, W]
            times = torch.cat([pos.new_tensor([ONSET_TIME]), pos[first:last]])
            volume = in_time(pictures, times, self.num_frames)
            clips.append(lbp_top(volume, self.radii, self.grid, self.bins).flatten())
        return torch.stack(clips)

    def forward(self, batch: Data) -> Tensor:
        x = (self.describe(batch) - self.feature_mean.double()) / self.feature_scale.double()  # [B, D]
        rows = [self.weight.double() @ clip for clip in x]  # one by one, so that batching changes no bit
        return torch.stack(rows).to(self.bias.dtype) + self.bias


def _solvers() -> ModuleType:
    return require("sklearn.svm", "classics", "the peer lbp-top")


def grey(frames: Tensor) -> Tensor:
    """Grey values of 0..255 of RGB frames ``[L, 3, H, W]``, uint8 or floating point in 0..1: float64 ``[L, H, W]``."""
    check_frames(frames)
    largest = 255 if frames.is_floating_point() else 1
    red, green, blue = (weight * largest * frames[:, channel].double() for channel, weight in enumerate(GREY))
    return red + green + blue
