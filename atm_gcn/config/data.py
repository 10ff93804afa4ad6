"""Settings of the data: what ``prepare`` makes of a clip."""

import warnings
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from atm_gcn.config.fields import FaceChoice, FaceDetector, FrameRate, Names, Number, Whole
from atm_gcn.config.section import Section

# Every class has a method of that name, from the ABCMeta of pydantic's models; nothing here uses it.
warnings.filterwarnings("ignore", 'Field name "register" in "DataConfig" shadows', UserWarning)


class DataConfig(Section):
    """What ``prepare`` makes of a clip.

    Args:
        size: Height and width of a stored frame, in pixels.
        fps: Resample to this many frames per second; None keeps the frames as recorded.
        max_frames: Longest clip, in frames; a longer one is thinned evenly, keeping onset, apex and offset.
        face: What of a frame is kept: ``"none"`` all of it; ``"crop"`` a square around the face of the onset frame;
            ``"align"`` the face of the onset frame, turned and scaled to bring eyes, nose and mouth close to fixed
            places.
            Either is one transform for all frames of a clip, which adds no motion.
        face_detector: ``"mtcnn"``, which finds five landmarks; ``"haar"``, which finds none; or the ONNX file of a
            YuNet for OpenCV's ``FaceDetectorYN``.
        face_choice: Which face is meant if there are several: the ``"largest"``, the leftmost (``"left"``), rightmost
            (``"right"``) or the one closest to the centre (``"centre"``) of the onset frame; N, the N-th from the left;
            or ``"track"``, the largest, which must then be followed through all frames of the clip.
        face_margin: What is added around the face on every side, as a share of the face's side.
        without_face: Whether clips that show no face are left out (``"leave-out"``) or kept uncropped (``"keep"``).
        register: How every frame is registered to the onset frame, by what does not move with the expression: not at
            all, or by a ``"translation"``, ``"similarity"`` or ``"affine"`` map.
        register_limit: Largest displacement that registration may remove, as a share of the picture's side; clips
            beyond it are named and stay unregistered.
        flow: Optical flow of every frame against the onset frame, stored beside the frames: ``"tvl1"`` (needs
            scikit-image), ``"farneback"`` or ``"dis"``; ``"pictures"`` for recordings that are pictures of flow.
        flow_size: Height and width of the optical flow, in pixels, at most ``size``; None for ``size``.
        depth: Whether the pictures of depth of an RGB-D camera are stored beside the frames. They lie in a folder
            ``depth`` beside the folder ``color`` of the frames, under the same numbers.
        view: What the encoder reads: ``"frames"``, ``"flow"``, or ``"both"``.
        apex: How to choose the apex of a clip without an annotated one.
        clock: Where the times of a video's frames come from: ``"stamps"`` its time stamps, ``"fps"`` the frame rate of
            the annotation, for videos that play slower than they were recorded. Folders of frames have no time stamps.
        classes: The labels in the order of the logits; None takes those that occur, sorted.
        similar_subjects: What to do with ids of subjects, or names of datasets, that are likely to mean the same, such
            as ``s01`` and ``S01``: ``"same"`` gives all of them the usual spelling, ``"distinct"`` keeps them as
            different people.
        similar_labels: The same for labels, such as ``Positive`` and ``positive``.
        shared_recordings: Whether one recording may show several subjects, one after another.
        similar_pictures: Whether pictures of two subjects that look like one moment of one recording are refused in
            training, or accepted as of ``"distinct"`` people.
    """

    size: Annotated[Whole, Field(ge=16, le=2048)] = 224
    fps: FrameRate | None = None
    max_frames: Annotated[Whole, Field(ge=2, le=100_000)] = 128
    face: Literal["none", "crop", "align"] = "none"
    face_detector: FaceDetector = "mtcnn"
    face_choice: FaceChoice = "largest"
    face_margin: Annotated[Number, Field(ge=0, le=2)] = 0.1
    without_face: Literal["leave-out", "keep"] = "leave-out"
    register: Literal["none", "translation", "similarity", "affine"] = "none"
    register_limit: Annotated[Number, Field(gt=0, le=0.5)] = 0.2
    flow: Literal["none", "tvl1", "farneback", "dis", "pictures"] = "none"
    flow_size: Annotated[Whole, Field(ge=8, le=2048)] | None = None
    depth: bool = False
    view: Literal["frames", "flow", "both"] = "frames"
    apex: Literal["max-motion", "middle"] = "max-motion"
    clock: Literal["stamps", "fps"] = "stamps"
    classes: Names | None = None
    similar_subjects: Literal["refuse", "same", "distinct"] = "refuse"
    similar_labels: Literal["refuse", "same", "distinct"] = "refuse"
    shared_recordings: Literal["refuse", "allow"] = "refuse"
    similar_pictures: Literal["refuse", "distinct"] = "refuse"

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.flow_size is not None and self.flow_size > self.size:
            raise ValueError(
                f"flow_size must be at most size, {self.size}, not {self.flow_size}: optical flow is computed on the "
                "stored pictures"
            )
        return self

    @property
    def flow_pixels(self) -> int:
        """Height and width of the optical flow: ``flow_size``, or else ``size``."""
        return self.flow_size or self.size

    @property
    def unused(self) -> set[str]:
        """The settings that have no effect beside the others, such as ``face_choice`` without ``face``."""
        unused = {"face_margin", "without_face"} if self.face == "none" else set()
        if self.register == "none":
            unused.add("register_limit")
            if self.face == "none":
                unused |= {"face_detector", "face_choice"}
        if self.flow in ("none", "pictures"):
            unused.add("flow_size")
        return unused

    def record(self) -> dict[str, Any]:
        """The settings as a frame store records them, for JSON; :meth:`from_record` reads them.

        Those that earlier versions did not have are left out where they have no effect or are what these versions did,
        so that the store of such settings stays the same.
        """
        settings = self.model_dump(mode="json")
        same = {key for key, meaning in EARLIER.items() if settings[key] == meaning}
        return {key: value for key, value in settings.items() if key not in same | self.unused}

    @classmethod
    def from_record(cls, settings: dict[str, Any] | None, where: str) -> Self:
        """The settings in a record of this version or an earlier one: of a frame store, a run or a checkpoint.

        Raises:
            ATMGCNError: If a key is unknown or a value does not fit; the message begins with ``where``.
        """
        return cls.checked(complete_record(settings or {}), where)


DECISIONS = {
    "similar_subjects": "distinct",
    "similar_labels": "distinct",
    "shared_recordings": "allow",
    "similar_pictures": "distinct",
}
"""Settings of the data that change no frame, and the value that can still be chosen for a prepared frame store."""

EARLIER: dict[str, Any] = {
    "face_detector": "haar",
    "face_choice": "largest",
    "face_margin": 0.1,
    "without_face": "leave-out",
    "register": "none",
    "register_limit": 0.2,
    "flow": "none",
    "flow_size": None,
    "depth": False,
    "view": "frames",
}
"""What versions without these settings did. All but ``face_detector`` are the defaults."""

NEEDS = {
    "face_detector": "--face crop or align, or --register",
    "face_choice": "--face crop or align, or --register",
    "face_margin": "--face crop or align",
    "without_face": "--face crop or align",
    "register_limit": "--register translation, similarity or affine",
    "flow_size": "--flow dis, farneback or tvl1",
}
"""What the settings of :attr:`DataConfig.unused` need to have an effect, as options of ``prepare``."""


def complete_record(settings: dict[str, Any]) -> dict[str, Any]:
    """Recorded settings with the detector that earlier versions had, if faces were searched and none is named."""
    searched = any(settings.get(key, "none") != "none" for key in ("face", "register"))
    return {"face_detector": EARLIER["face_detector"]} | settings if searched else settings
