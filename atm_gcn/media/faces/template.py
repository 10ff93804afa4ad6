"""Alignment of a face: a similarity transform that brings its eyes to level, fixed places."""

import numpy as np

from atm_gcn.errors import ATMGCNError
from atm_gcn.media.faces.face import Face
from atm_gcn.media.picture_transform import PictureTransform

TEMPLATE = np.array(
    [[0.3427, 0.4608], [0.6573, 0.4608], [0.5, 0.6405], [0.3697, 0.8240], [0.6303, 0.8240]], dtype=np.float64
)
"""Places of the five landmarks in the aligned picture with a margin of :data:`USUAL_MARGIN`, x and y as shares of its
side: those that InsightFace aligns to (112x112 pixels), made symmetric, with level eyes. The picture reaches from above
the brows to the chin."""
USUAL_MARGIN = 0.1


def alignment(face: Face, margin: float) -> PictureTransform:
    """The rotation, scale and shift that bring a face's landmarks closest to :data:`TEMPLATE`, by least squares.

    Umeyama (1991), "Least-squares estimation of transformation parameters between two point patterns".

    Args:
        face: A face with landmarks.
        margin: What the picture shows around the face on every side, as a share of the side of the tightest picture.

    Returns:
        The map from the aligned picture to the frame. It may reach beyond the frame, which is then continued by its
        outermost pixels.

    Raises:
        ATMGCNError: If the face has no landmarks, as those that the detector ``haar`` finds.
    """
    if face.points is None:
        raise no_landmarks()
    return PictureTransform.similarity(place_template(margin), face.points)


def no_landmarks() -> ATMGCNError:
    """The error for alignment with a detector that finds no landmarks."""
    return ATMGCNError(
        "--face align needs landmarks, which --face-detector haar does not find; use --face-detector mtcnn or "
        "--face crop (data.face_detector=mtcnn, data.face=crop)"
    )


def place_template(margin: float) -> np.ndarray:
    """float64 ``[5, 2]``: places of the landmarks in an aligned picture with a margin, in 0 to 1."""
    return 0.5 + (TEMPLATE - 0.5) * (1 + 2 * USUAL_MARGIN) / (1 + 2 * margin)
