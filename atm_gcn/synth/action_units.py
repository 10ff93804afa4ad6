"""Action units of the Facial Action Coding System: where each pulls the skin, and the units of each class."""

from typing import NamedTuple


class Pull(NamedTuple):
    """How an action unit moves the skin around one landmark.

    Args:
        point: Name of the landmark.
        x: Movement away from the midline, as a share of the unit's strength.
        y: Movement down.
        radius: Reach across and along the face, in distances between the pupils.
    """

    point: str
    x: float
    y: float
    radius: tuple[float, float]


ACTION_UNITS: dict[str, tuple[Pull, ...]] = {
    "1": (Pull("brow_in", 0.0, -1.0, (0.18, 0.17)),),  # inner brow raiser
    "2": (Pull("brow_out", 0.0, -1.0, (0.20, 0.18)),),  # outer brow raiser
    "4": (Pull("brow_in", -0.5, 0.85, (0.22, 0.16)),),  # brow lowerer
    "6": (Pull("cheek", -0.1, -0.8, (0.24, 0.18)), Pull("lid_bottom", 0.0, -0.5, (0.18, 0.06))),  # cheek raiser
    "9": (  # nose wrinkler
        Pull("nose_wing", -0.1, -1.0, (0.15, 0.18)),
        Pull("nose_side", -0.2, -0.4, (0.10, 0.16)),
        Pull("lip_up", 0.0, -0.5, (0.15, 0.10)),
    ),
    "10": (Pull("lip_up", 0.1, -1.0, (0.18, 0.11)),),  # upper lip raiser
    "12": (Pull("mouth_corner", 0.65, -0.75, (0.21, 0.18)),),  # lip corner puller
    "14": (Pull("mouth_corner", 1.0, 0.0, (0.15, 0.13)),),  # dimpler
    "15": (Pull("mouth_corner", 0.1, 1.0, (0.18, 0.16)),),  # lip corner depressor
    "17": (Pull("chin", 0.0, -0.9, (0.25, 0.16)), Pull("lip_low", 0.0, -0.5, (0.2, 0.1))),  # chin raiser
    "20": (Pull("mouth_corner", 1.0, 0.25, (0.24, 0.15)),),  # lip stretcher
    "24": (Pull("lip_up", 0.0, 0.8, (0.22, 0.08)), Pull("lip_low", 0.0, -0.8, (0.22, 0.08))),  # lip pressor
    "26": (Pull("chin", 0.0, 0.8, (0.35, 0.22)), Pull("lip_low", 0.0, 0.6, (0.22, 0.13))),  # jaw drop
}

EMOTIONS: dict[str, tuple[str, ...]] = {
    "anger": ("4", "24"),
    "contempt": ("14",),
    "disgust": ("4", "9"),
    "fear": ("1", "2", "20"),
    "happiness": ("6", "12"),
    "repression": ("15", "17"),
    "sadness": ("1", "15"),
    "surprise": ("1", "2", "26"),
}
ONE_SIDED = frozenset({"contempt"})

CLASSES: dict[int, dict[str, str]] = {  # number of classes -> label -> emotion
    3: {"negative": "disgust", "positive": "happiness", "surprise": "surprise"},
    5: {name: name for name in ("disgust", "happiness", "repression", "sadness", "surprise")},
    7: {name: name for name in ("anger", "contempt", "disgust", "fear", "happiness", "sadness", "surprise")},
}
