"""Drawing one face: the person, and its parts from the backdrop to the hair."""

from atm_gcn.synth.face.identity import Identity, sample_identity
from atm_gcn.synth.face.landmarks import Landmarks
from atm_gcn.synth.face.photographs import list_faces, load_face
from atm_gcn.synth.face.portrait import draw_portrait

__all__ = ["Identity", "Landmarks", "draw_portrait", "list_faces", "load_face", "sample_identity"]
