"""The faces of clips as a person would look them over: where they were found, how they align, how far heads drift."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING

import numpy as np

from atm_gcn.config import DataConfig
from atm_gcn.data.clip import Clip
from atm_gcn.data.clip_pictures.clip_face import ClipFace, MissingFace, search_clip_face
from atm_gcn.errors import ATMGCNError
from atm_gcn.media.decoding_threads import decoding_threads
from atm_gcn.media.sources import FrameSource, open_source
from atm_gcn.terminal.progress import track

if TYPE_CHECKING:
    from atm_gcn.data.store.frame_store import FrameStore
    from atm_gcn.media.faces import Face
    from atm_gcn.media.picture_transform import PictureTransform

COMPARED = 16  # frames of a clip, evenly spread, that are compared with its onset
PIXELS = 224  # side of the picture in whose pixels drift is given
ROOM = 0.6  # sides of the face that are shown around all faces of the frame
SHOWN, ALIGNED = 360, 200  # pixels: longest side of the frame that is shown, side of the aligned picture
_ESTIMATED = 128  # pixels, of the pictures by which drift is estimated


@dataclass(frozen=True)
class FaceCheck:
    """The face of one clip.

    Args:
        clip: The clip's key.
        note: What is wrong, in a few words: why there is no face, or how many frames do not fit the onset, which the
            drift leaves out; empty if nothing is. Frames are counted from the onset, which is 0.
        frame: Position in the clip of the frame that is shown: the first with the face, else the onset, 0.
        shown: The part of that frame around its faces, all of it without any, uint8 RGB, scaled to 360 pixels on its
            longer side; None if it cannot be read.
        faces: All faces of that frame, in pixels of ``shown``, from left to right.
        face: The one that is meant; None if there is none.
        aligned: What ``face=align`` makes of it, uint8 RGB ``[200, 200, 3]``; a crop where the detector gives no
            landmarks; None without a face.
        drift: Largest displacement of the upper face between the onset and 16 other frames, in pixels of an aligned
            picture of 224; None if no frame fits the onset.
    """

    clip: str
    note: str = ""
    frame: int = 0
    shown: np.ndarray | None = None
    faces: "tuple[Face, ...]" = ()
    face: "Face | None" = None
    aligned: np.ndarray | None = None
    drift: float | None = None

    @property
    def rank(self) -> tuple[bool, bool, float, str]:
        """Sorts the worst first: no face, frames that do not fit the onset, then by drift."""
        return self.face is not None, not self.note, -(self.drift or 0.0), self.clip


def check_faces(clips: Sequence[Clip], config: DataConfig, progress: bool = False) -> list[FaceCheck]:
    """Look at the faces of clips, the worst first.

    Args:
        clips: The clips, with their sources.
        config: Which face, by which detector, with which margin.
        progress: Show a bar on stderr.

    Raises:
        ATMGCNError: If there is no such detector, or the pictures are of optical flow.
    """
    if any(clip.view == "flow" for clip in clips):
        raise shows_no_face("the clips")
    _load(config)
    return _ranked([partial(_check_clip, clip, cache(open_source), config) for clip in clips], progress)


def check_stored_faces(store: "FrameStore", config: DataConfig, progress: bool = False) -> list[FaceCheck]:
    """Look at the faces in the pictures of a frame store, the worst first.

    They are detected in the stored pictures; drift is what is left in them.

    Raises:
        ATMGCNError: If there is no such detector, or the pictures are of optical flow.
    """
    if store.config.flow == "pictures":
        raise shows_no_face(str(store.path))
    _load(config)
    return _ranked([partial(_check_stored, store, index, config) for index in range(len(store))], progress)


def shows_no_face(what: str) -> ATMGCNError:
    """The error for pictures of optical flow."""
    return ATMGCNError(f"{what}: pictures of optical flow (view flow) show no face; leave --faces out")


def _load(config: DataConfig) -> None:
    """Raise the error of a detector that cannot be used, which is no clip's fault."""
    from atm_gcn.media.faces.detectors import detector_of

    detector_of(config.face_detector)


def _ranked(checks: Sequence[Callable[[], FaceCheck]], progress: bool) -> list[FaceCheck]:
    with decoding_threads() as pool:
        found = pool.map(lambda check: check(), checks)
        return sorted(track(found, "faces searched", total=len(checks), visible=progress), key=lambda one: one.rank)


def _check_clip(clip: Clip, open_once: Callable[[str], FrameSource], config: DataConfig) -> FaceCheck:
    numbers = np.arange(clip.onset, clip.offset + 1)
    try:
        source = open_once(clip.source)
        found = search_clip_face(source.iterate(numbers), np.arange(len(numbers)), config)
        chosen = numbers[_spread(len(numbers))]
        frames = source.iterate(chosen)
        onset = next(iter(source.iterate(numbers[:1])))
        shown = onset if isinstance(found, MissingFace) else next(iter(source.iterate(numbers[[found.position]])))
        return _face_check(clip.key, found, onset, shown, frames, config)
    except ATMGCNError as error:
        return FaceCheck(clip.key, str(error))


def _check_stored(store: "FrameStore", index: int, config: DataConfig) -> FaceCheck:
    pictures = store.read(index)
    found = search_clip_face(iter(pictures), np.arange(len(pictures)), config)
    shown = pictures[0] if isinstance(found, MissingFace) else pictures[found.position]
    return _face_check(store.clips[index].clip.key, found, pictures[0], shown, pictures[_spread(len(pictures))], config)


def _spread(count: int) -> np.ndarray:
    """Positions of the frames that are compared with the first."""
    return np.unique(np.linspace(0, count - 1, COMPARED + 1).round().astype(int))[1:]


def _face_check(
    key: str,
    found: ClipFace | MissingFace,
    onset: np.ndarray,
    shown: np.ndarray,
    frames: Iterable[np.ndarray],
    config: DataConfig,
) -> FaceCheck:
    from atm_gcn.media.faces.choice import from_left
    from atm_gcn.media.resizing import scale_to

    if isinstance(found, MissingFace):
        return FaceCheck(key, found.reason, shown=scale_to(shown, SHOWN))
    part, left, top = _around(shown, found)
    scale = SHOWN / max(part.shape[:2])
    face = "crop" if found.face.points is None else "align"
    transform = found.transform(config.model_copy(update={"face": face}))
    drift, note = _drift(onset, frames, found, transform)
    return FaceCheck(
        key,
        note,
        found.position,
        scale_to(part, SHOWN),
        tuple(one.moved(-left, -top).scaled(scale) for one in from_left(found.faces)),
        found.face.moved(-left, -top).scaled(scale),
        transform.picture(shown, ALIGNED),
        drift,
    )


def _around(frame: np.ndarray, found: ClipFace) -> tuple[np.ndarray, int, int]:
    """The part of a frame that holds its faces and as much around them, and where it begins, x and y."""
    boxes = np.array([(*face.box[:2], face.box.x + face.box.side, face.box.y + face.box.side) for face in found.faces])
    around = round(ROOM * found.face.side)
    left, top = np.maximum(boxes[:, :2].min(axis=0) - around, 0).tolist()
    right, bottom = (boxes[:, 2:].max(axis=0) + around).tolist()
    return frame[top:bottom, left:right], left, top


def _drift(
    onset: np.ndarray, frames: Iterable[np.ndarray], found: ClipFace, transform: "PictureTransform"
) -> tuple[float | None, str]:
    """The largest displacement in pixels of 224, and how many frames it leaves out; None if it leaves out all."""
    from atm_gcn.media.registration import Registration

    points = None if found.face.points is None else transform.to_picture(found.face.points)
    registration = Registration(transform.picture(onset, _ESTIMATED), "similarity", points, transform.aspect)
    estimates = [registration.estimate(transform.picture(frame, _ESTIMATED)) for frame in frames]
    displacements = [one.displacement for one in estimates if one.converged]
    drift = PIXELS * max(displacements) if displacements else None
    if len(displacements) == len(estimates):
        return drift, ""
    return drift, f"{len(estimates) - len(displacements)} of the {len(estimates)} compared frames do not fit the onset"
