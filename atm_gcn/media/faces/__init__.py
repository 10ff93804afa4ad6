"""Faces: detection, choice, alignment and tracking."""

from typing import TYPE_CHECKING

from atm_gcn._lazy import lazy_names

if TYPE_CHECKING:
    from atm_gcn.media.faces.choice import choose_face
    from atm_gcn.media.faces.detection import NoFaceError, find_faces
    from atm_gcn.media.faces.face import Box, Face, crop_box
    from atm_gcn.media.faces.following import follow
    from atm_gcn.media.faces.people import People
    from atm_gcn.media.faces.person import Person
    from atm_gcn.media.faces.template import alignment

__all__ = [
    "Box",
    "Face",
    "NoFaceError",
    "People",
    "Person",
    "alignment",
    "choose_face",
    "crop_box",
    "find_faces",
    "follow",
]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Box": "face",
        "Face": "face",
        "NoFaceError": "detection",
        "People": "people",
        "Person": "person",
        "alignment": "template",
        "choose_face": "choice",
        "crop_box": "face",
        "find_faces": "detection",
        "follow": "following",
    },
)
