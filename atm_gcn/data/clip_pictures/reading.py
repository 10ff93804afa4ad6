"""The pictures of one clip: decoded, cropped or aligned, registered, and with their optical flow and depth."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from atm_gcn.config import DataConfig
from atm_gcn.data.clip_pictures.clip_face import ClipFace, search_clip_face
from atm_gcn.data.clip_pictures.flow_pictures import check_colours
from atm_gcn.errors import ATMGCNError
from atm_gcn.files.limits import CLIP_BYTES, size_text

if TYPE_CHECKING:
    from atm_gcn.media.picture_transform import PictureTransform
    from atm_gcn.media.registration import RegistrationKind
    from atm_gcn.media.sources import DepthFolder

IDENTITY = np.eye(2, 3)


class Frames(Protocol):
    """Frames by number, such as a :class:`~atm_gcn.media.sources.FrameSource`.

    Attributes:
        path: What messages call them.
    """

    path: Path

    def iterate(self, numbers: np.ndarray) -> Iterator[np.ndarray]:
        """The frames of ascending ``numbers`` one by one, uint8 RGB ``[H, W, 3]``."""


@dataclass(frozen=True)
class ClipPictures:
    """What is stored of a clip.

    Args:
        frames: uint8 RGB ``[L, size, size, 3]``, the onset first.
        flow: float16 ``[L, flow_size, flow_size, 3]``, of :func:`~atm_gcn.media.optical_flow.flow_view` against the
            onset, whose own row is zero; float32 of :func:`~atm_gcn.media.optical_flow.flow_from_picture` where the
            recording is pictures of optical flow; None without optical flow.
        registration: float64 ``[L, 2, 3]``: where a place of the onset lies in each frame, in units of the picture's
            side; the identity in the onset, and everywhere if the clip stayed unregistered. None without registration.
        displacement: Largest displacement that registration removed, as a share of the picture's side.
        unregistered: Why the clip stayed unregistered, in a few words; empty if it did not, or none was asked.
        face: The face that the pictures show; None for whole frames.
        depth: uint16 ``[L, size, size]``, 0 where nothing was measured; None without.
    """

    frames: np.ndarray
    flow: np.ndarray | None = None
    registration: np.ndarray | None = None
    displacement: float = 0.0
    unregistered: str = ""
    face: ClipFace | None = None
    depth: np.ndarray | None = None


def read_pictures(
    source: Frames,
    numbers: np.ndarray,
    config: DataConfig,
    face: ClipFace | None = None,
    depth: "DepthFolder | None" = None,
) -> ClipPictures:
    """Read the frames of a clip, one after another: only what is stored is held in memory.

    Each frame is decoded, registered to the onset, resampled once, and compared with the onset's picture.

    Args:
        source: The recording.
        numbers: The frames, ascending; the first is the onset.
        config: The settings.
        face: Of :func:`~atm_gcn.data.clip_pictures.search_clip_face`; it decides the part of every frame that is kept.
            None for whole frames, whatever ``config.face`` is.
        depth: Of the recording; without it none is read, whatever ``config.depth`` is.

    Raises:
        ATMGCNError: If a frame is missing or corrupt, the size changes within the clip, or the clip takes too much
            memory.
    """
    _check_memory(source, len(numbers), config)
    if config.register == "none":
        return _read(source, numbers, config, face, depth)
    try:
        return _read(source, numbers, config, face, depth, register=True)
    except _UnregisteredError as failure:
        pictures = _read(source, numbers, config, face, depth)
        still = np.broadcast_to(IDENTITY, (len(numbers), 2, 3)).copy()
        return replace(pictures, registration=still, unregistered=str(failure))


class _UnregisteredError(Exception):
    """A frame cannot be registered to the onset."""


def _read(
    source: Frames,
    numbers: np.ndarray,
    config: DataConfig,
    face: ClipFace | None,
    depth: "DepthFolder | None",
    register: bool = False,
) -> ClipPictures:
    size, flow_size = config.size, config.flow_pixels
    frames = np.empty((len(numbers), size, size, 3), dtype=np.uint8)
    flow = np.zeros((len(numbers), flow_size, flow_size, 3), np.float16) if has_flow_file(config) else None
    depths = None if depth is None else np.empty((len(numbers), size, size), np.uint16)
    track, transform = None, None
    for index, (frame, of_frame) in enumerate(_with_depth(source, depth, numbers)):
        if transform is None:
            transform = _transform(frame, face, config)
            track = _Track(frame, transform, face, config) if register else None
        motion = None if track is None else track.follow(frame, int(numbers[index]))
        transform.picture(frame, size, motion, frames[index])
        if depths is not None and of_frame is not None:
            depths[index] = transform.depth(of_frame, size, motion)
        if flow is not None and index > 0:
            flow[index] = _flow(frames[0], frames[index], config.flow, flow_size)
    if config.flow == "pictures":
        check_colours(frames, str(source.path))
        flow = _flow_of_pictures(frames)
    path = None if track is None else np.stack(track.path)
    return ClipPictures(frames, flow, path, 0.0 if track is None else track.displacement, "", face, depths)


def _with_depth(
    source: Frames, depth: "DepthFolder | None", numbers: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray | None]]:
    if depth is None:
        yield from ((frame, None) for frame in source.iterate(numbers))
        return
    both = zip(numbers.tolist(), source.iterate(numbers), depth.iterate(numbers), strict=True)
    for number, frame, of_frame in both:
        depth.check_size(number, of_frame, frame)
        yield frame, of_frame


class _Track:
    """The place of the head in one frame after another, the onset first."""

    def __init__(
        self, onset: np.ndarray, transform: "PictureTransform", face: ClipFace | None, config: DataConfig
    ) -> None:
        from atm_gcn.media.registration import Registration
        from atm_gcn.media.registration.registration import SIDE

        if face is None:
            face = _face_in(onset, config)
        points = None if face is None or face.face.points is None else transform.to_picture(face.face.points)
        kind: RegistrationKind = config.register  # type: ignore[assignment]
        self._registration = Registration(transform.picture(onset, SIDE), kind, points, transform.aspect)
        self._transform, self._side, self._limit = transform, SIDE, config.register_limit
        self.path: list[np.ndarray] = []
        self.displacement = 0.0

    def follow(self, frame: np.ndarray, number: int) -> np.ndarray:
        """Where the places of the onset's picture lie in the next frame, ``[2, 3]``."""
        from atm_gcn.media.registration import refusal

        if not self.path:
            self.path.append(IDENTITY)
            return IDENTITY
        found = self._registration.estimate(self._transform.picture(frame, self._side))
        reason = refusal(found, self._limit)
        if reason:
            raise _UnregisteredError(f"frame {number}: {reason}")
        self.path.append(found.matrix)
        self.displacement = max(self.displacement, found.displacement)
        return found.matrix


def _face_in(onset: np.ndarray, config: DataConfig) -> ClipFace | None:
    """The face of a whole frame, by which others are registered; None if none is found, or none with landmarks."""
    if config.face_detector == "haar":
        return None
    found = search_clip_face([onset], np.zeros(1, int), config)
    return found if isinstance(found, ClipFace) else None


def _flow(onset: np.ndarray, picture: np.ndarray, method: str, size: int) -> np.ndarray:
    from atm_gcn.media.optical_flow import flow_view

    return flow_view(onset, picture, method, size)  # type: ignore[arg-type]


def _flow_of_pictures(pictures: np.ndarray) -> np.ndarray:
    from atm_gcn.media.optical_flow import flow_from_picture

    flow = flow_from_picture(pictures)
    flow[0] = 0
    return flow


def has_flow_file(config: DataConfig) -> bool:
    """Whether optical flow is computed and stored beside the frames."""
    return config.flow not in ("none", "pictures")


def _transform(frame: np.ndarray, face: ClipFace | None, config: DataConfig) -> "PictureTransform":
    from atm_gcn.media.picture_transform import PictureTransform

    if face is None or config.face == "none":
        return PictureTransform.whole(frame.shape)
    return face.transform(config)


def _check_memory(source: Frames, count: int, config: DataConfig) -> None:
    needed = count * bytes_per_frame(config)
    if needed > CLIP_BYTES.value:
        flow = " with optical flow" if has_flow_file(config) else ""
        raise ATMGCNError(
            f"{source.path}: {count:,} frames of {config.size} x {config.size} pixels{flow} take "
            f"{size_text(needed)}; lower data.max_frames or data.size; {CLIP_BYTES.remedy}"
        )


def bytes_per_frame(config: DataConfig) -> int:
    """What a stored frame takes, with its optical flow and depth."""
    flow = 6 * config.flow_pixels**2 if has_flow_file(config) else 0
    return (5 if config.depth else 3) * config.size**2 + flow
