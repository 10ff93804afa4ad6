"""The path of the head through a clip, or why it is not used."""

from collections.abc import Iterable

import numpy as np

from atm_gcn.media.registration.linear_fit import RegistrationKind
from atm_gcn.media.registration.registration import Estimate, Registration


def refusal(estimate: Estimate, limit: float) -> str:
    """Why an estimate must not be used; empty if it can be.

    Args:
        estimate: That of one frame.
        limit: Largest displacement that is accepted, as a share of the picture's side.
    """
    if estimate.displacement > limit:
        return f"the head moves by {100 * estimate.displacement:.1f} % of the picture's side, above {100 * limit:g} %"
    return "" if estimate.converged else "no map of the onset fits it"


def register_clip(
    pictures: Iterable[np.ndarray],
    kind: RegistrationKind,
    limit: float,
    points: np.ndarray | None = None,
    aspect: float = 1.0,
) -> tuple[np.ndarray, str]:
    """Estimate the path of the head through a clip.

    Every frame is registered to the first one alone. A clip of which one frame cannot be registered stays as it is
    altogether, since frames that are registered beside frames that are not would jump.

    Args:
        pictures: The clip's frames, the onset first, uint8 RGB ``[h, w, 3]`` each, as for :class:`Registration`.
        kind: ``"translation"``, ``"similarity"`` or ``"affine"``.
        limit: Largest displacement that is accepted, as a share of the picture's side.
        points: The face's points in the onset's picture, as for :class:`Registration`.
        aspect: As for :class:`Registration`.

    Returns:
        The path, float64 ``[n, 2, 3]``, the identity for the onset; and why the clip is not registered, naming the
        first frame that cannot be (the onset is frame 0), or an empty text. The path holds the identity from there on.
    """
    frames = iter(pictures)
    registration = Registration(next(frames), kind, points, aspect)
    path = [np.eye(2, 3)]
    for position, picture in enumerate(frames, start=1):
        estimate = registration.estimate(picture)
        reason = refusal(estimate, limit)
        if reason:
            rest = 1 + sum(1 for _ in frames)
            return np.stack(path + [np.eye(2, 3)] * rest), f"frame {position} after the onset: {reason}"
        path.append(estimate.matrix)
    return np.stack(path), ""
