"""What an encoder reads of clips: frames, optical flow, or both."""

import torch
import torch.nn.functional as F
from torch import Tensor

from atm_gcn.defaults import Task
from atm_gcn.encoders.pairing import check_frames, normalize_frames, pair_with_onset, readable
from atm_gcn.errors import BatchError

FLOW_GAIN = 0.2
"""Factor of optical flow, by which a movement is as strong after the first convolution as the difference of frames that
it causes, beside which T(i) and, with both, the frames stand."""
VIEWS = {"frames": ("frames",), "flow": ("flow",), "both": ("frames", "flow")}
"""The attributes of a batch that each view reads."""


def encoder_images(
    frames: Tensor | None,
    onset: Tensor | None,
    flow: Tensor | None,
    clip: Tensor,
    dtype: torch.dtype | None = None,
    center_flow: bool = False,
) -> tuple[Tensor, Tensor]:
    """The images that an encoder takes, and the onset's beside each.

    Frames are ImageNet-normalised and stand beside their onset frame. Optical flow, times :data:`FLOW_GAIN`, is motion
    since the onset already and stands beside zeros, which take no memory. With both, the channels of the flow follow
    those of the frame, at the size of the frames.

    Args:
        frames: ``[F, 3, H, W]`` RGB, uint8 or in 0..1; None to read optical flow alone.
        onset: Normalised onset frame of each clip, ``[B, 3, H, W]``; None without frames.
        flow: Optical flow and strain, ``[F, 3, h, w]``; None to read frames alone.
        clip: ``[F]`` int64, the clip of each frame.
        dtype: To compute in; by default that of the images, and torch's default type for frames of integers.
        center_flow: Subtract from u and v of every picture their medians, see :func:`centered`.

    Returns:
        Twice ``[F, C, H, W]``, C = 3, or 6 for both.

    Raises:
        BatchError: If frames or flow hold values that they cannot.
    """
    parts = []
    if frames is not None and onset is not None:
        parts.append((normalize_frames(frames, dtype), pair_with_onset(onset, clip)))
    if flow is not None:
        check_flow(flow)
        movement = FLOW_GAIN * flow.to(dtype or flow.dtype)
        movement = centered(movement) if center_flow else movement
        if frames is not None:
            movement = _resized(movement, (frames.size(-2), frames.size(-1)))
        parts.append((movement, movement.new_zeros(()).expand_as(movement)))
    if len(parts) == 1:
        return parts[0]
    images, references = zip(*parts, strict=True)
    return torch.cat(images, dim=1), torch.cat(references, dim=1)


def centered(flow: Tensor) -> Tensor:
    """Subtract from u and v of every picture their medians: the movement of the head.

    An expression moves a part of the face, so that the median is what all of it shares. In published pictures of flow,
    each scaled from its smallest to its largest value, the median marks zero, which they do not record.

    Args:
        flow: ``[F, 3, h, w]``, its channels are u, v and strain; strain stays as it is.
    """
    vectors = flow[:, :2].flatten(2)
    if torch.compiler.is_exporting():  # ONNX has no median
        shared = vectors.sort(dim=2).values[..., (vectors.size(2) - 1) // 2]
    else:
        shared = vectors.median(dim=2).values  # [F, 2]
    return flow - F.pad(shared, (0, 1))[:, :, None, None]


def mirrored(
    frames: Tensor | None, onset_frame: Tensor | None, flow: Tensor | None
) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
    """Frames and onset frames mirrored, and optical flow ``[F, 3, h, w]`` also with the opposite u."""
    if flow is not None:
        flow = flow.flip(-1) * flow.new_tensor([-1, 1, 1])[:, None, None]
    return (
        None if frames is None else frames.flip(-1),
        None if onset_frame is None else onset_frame.flip(-1),
        flow,
    )


def mean_logits(*logits: Tensor, task: Task = "emotion") -> Tensor:
    """Logits ``[B, C]`` whose probabilities are the mean of those of the given ones, up to a number per clip."""
    each = torch.stack(logits)
    if task == "action-units":
        return F.logsigmoid(each).logsumexp(dim=0) - F.logsigmoid(-each).logsumexp(dim=0)
    return each.log_softmax(dim=2).logsumexp(dim=0)


def normalize_onset(onset_frame: Tensor | None, dtype: torch.dtype | None = None) -> Tensor | None:
    """ImageNet-normalise the onset frames ``[B, 3, H, W]``, if the view has them.

    Raises:
        BatchError: If they are no RGB values in their range.
    """
    if onset_frame is None:
        return None
    check_frames(onset_frame, "onset_frame")
    return normalize_frames(onset_frame, dtype)


def check_flow(flow: Tensor) -> None:
    """Make sure that optical flow is finite, unless it is on a GPU or code is being compiled.

    Raises:
        BatchError: If it is not.
    """
    if not flow.is_floating_point():
        raise BatchError(
            f"flow must be floating point, not {str(flow.dtype).removeprefix('torch.')}; pictures of optical flow are "
            "converted by flow_from_picture of atm_gcn.media.optical_flow"
        )
    if readable(flow) and not_finite(flow):
        raise complain_of_flow()


def not_finite(flow: Tensor) -> Tensor:
    """Whether any value is infinite or not a number: a bool on the flow's device."""
    return ~flow.isfinite().all()


def complain_of_flow() -> BatchError:
    """The error for flow of which :func:`not_finite` is true."""
    return BatchError("flow holds values that are not finite; compute it again")


def _resized(flow: Tensor, size: tuple[int, int]) -> Tensor:
    if tuple(flow.shape[-2:]) == size:
        return flow
    shrinks = flow.size(-2) > size[0] or flow.size(-1) > size[1]
    return F.interpolate(flow, size, mode="bilinear", align_corners=False, antialias=shrinks)
