"""From a recording to what is stored of one clip: its pictures, face, registration and optical flow."""

from atm_gcn.data.clip_pictures.apex import apex_of_pictures
from atm_gcn.data.clip_pictures.clip_face import ClipFace, MissingFace, find_clip_face, search_clip_face
from atm_gcn.data.clip_pictures.reading import ClipPictures, read_pictures

__all__ = [
    "ClipFace",
    "ClipPictures",
    "MissingFace",
    "apex_of_pictures",
    "find_clip_face",
    "read_pictures",
    "search_clip_face",
]
