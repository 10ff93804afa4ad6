"""Clips that show the same moments of one recording, found by their pictures.

Frames are compared as grey thumbnails without slow changes of brightness and of equal contrast. The similarity of two
pictures is that of their least similar parts (the structure term of SSIM, over windows of a quarter of the side):
copies agree everywhere, while pictures of two people in one studio differ in their faces. docs/leakage.md has the
measurements behind the numbers below.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from atm_gcn.terminal.progress import track

SIDE = 32
"""Height and width of a thumbnail, in pixels."""
THRESHOLD = 0.94
"""Similarity from which two pictures count as one moment of one recording."""

_BLUR = 4.0  # pixels; wider changes of brightness are removed
_LEAST_CONTRAST = 1.0  # grey levels; a picture with less is blank
_WINDOW, _STEP = 8, 4
_NOISE = 0.3  # variance, in units of the picture's own, below which a window is noise
_FLOOR, _CANDIDATES = 0.8, 4  # correlation of half the size from which, and for how many clips, parts are compared
_CHUNK = 256  # clips that are searched for at a time
_SHIFT, _STRETCH = 0.1, 0.1  # shares of the side by which two crops of one face may lie apart and differ in size
_GAIN = 0.01  # similarity that two faces may gain by being brought over each other


@dataclass(frozen=True)
class Match:
    """Two clips of different people with a picture in common.

    Args:
        first: Position of one clip.
        second: Position of the later one.
        similarity: Of the two most similar pictures; 1 if they are equal but for brightness and contrast.
    """

    first: int
    second: int
    similarity: float


@dataclass(frozen=True)
class Span:
    """A clip among the thumbnails: the row of its onset, its number of frames, its apex's position among them."""

    first: int
    num_frames: int
    apex: int

    @property
    def keys(self) -> list[int]:
        """Rows of onset, apex and last frame."""
        return [self.first, self.first + self.apex, self.first + self.num_frames - 1]

    @property
    def rows(self) -> slice:
        """Rows of all frames."""
        return slice(self.first, self.first + self.num_frames)


def thumbnails(frames: np.ndarray, side: int = SIDE) -> np.ndarray:
    """Grey thumbnails of RGB frames: uint8 ``[n, H, W, 3]`` to ``[n, side, side]``."""
    how = cv2.INTER_AREA if min(frames.shape[1:3]) >= side else cv2.INTER_LINEAR
    small = np.empty((len(frames), side, side), dtype=np.uint8)
    for out, frame in zip(small, frames, strict=True):
        out[:] = cv2.resize(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), (side, side), interpolation=how)
    return small


def find_matches(
    pictures: np.ndarray,
    spans: Sequence[Span],
    people: Sequence[Hashable],
    frame_of: Callable[[int, int], np.ndarray] | None = None,
    threshold: float = THRESHOLD,
) -> list[Match]:
    """Pairs of clips of different people in which onset, apex or last frame of one is like any frame of the other.

    Args:
        pictures: Thumbnails of all frames, uint8 ``[num_frames, SIDE, SIDE]``.
        spans: The clips.
        people: Whose clip each is.
        frame_of: Returns a frame ``[H, W, 3]`` by the position of its clip and its own in the clip. With it, pictures
            are aligned by a small affine map, since crops of one face differ slightly.
        threshold: Similarity from which two clips match.
    """
    details = _details(pictures)
    matches = []
    for first, second in track(sorted(_close(details, spans, people)), "pictures compared", "pairs of clips"):
        similarity = _similarity(details, spans, first, second, frame_of)
        if similarity >= threshold:
            matches.append(Match(first, second, round(similarity, 3)))
    return matches


def _details(pictures: np.ndarray, blur: float = _BLUR) -> np.ndarray:
    """Thumbnails without slow changes, of mean 0 and variance 1: float32 ``[n, side, side]``; all 0 where blank."""
    details = np.empty(pictures.shape, dtype=np.float32)
    for out, picture in zip(details, pictures.astype(np.float32), strict=True):
        out[:] = picture - cv2.GaussianBlur(picture, (0, 0), blur, borderType=cv2.BORDER_REFLECT)
    details -= details.mean(axis=(1, 2), keepdims=True)
    contrast = details.std(axis=(1, 2), keepdims=True)
    return np.where(contrast >= _LEAST_CONTRAST, details / np.maximum(contrast, _LEAST_CONTRAST), 0).astype(np.float32)


def _close(details: np.ndarray, spans: Sequence[Span], people: Sequence[Hashable]) -> set[tuple[int, int]]:
    """For every clip the few most similar ones of other people, as ascending pairs."""
    halves = _halved(details).reshape(len(details), -1)
    halves /= np.maximum(np.linalg.norm(halves, axis=1, keepdims=True), 1e-6)
    numbers = {person: number for number, person in enumerate(dict.fromkeys(people))}
    whose = np.array([numbers[person] for person in people])
    starts = np.array([span.first for span in spans])
    pairs: set[tuple[int, int]] = set()
    for begin in range(0, len(spans), _CHUNK):
        chunk = range(begin, min(begin + _CHUNK, len(spans)))
        keys = [row for clip in chunk for row in spans[clip].keys]
        nearest = np.maximum.reduceat(halves[keys] @ halves.T, starts, axis=1)  # [3 * clips of chunk, clips]
        nearest = nearest.reshape(len(chunk), 3, -1).max(axis=1)
        nearest[whose[chunk][:, None] == whose] = -1
        for clip, row in zip(chunk, nearest, strict=True):
            best = np.argsort(row)[-_CANDIDATES:]
            pairs |= {(min(clip, int(other)), max(clip, int(other))) for other in best if row[other] >= _FLOOR}
    return pairs


def _similarity(
    details: np.ndarray,
    spans: Sequence[Span],
    first: int,
    second: int,
    frame_of: Callable[[int, int], np.ndarray] | None,
) -> float:
    """Similarity of the most similar pictures of two clips."""
    best = -1.0
    for one, other in ((first, second), (second, first)):
        keys, rows = details[spans[one].keys], details[spans[other].rows]
        best = max(best, float(_alike(keys, rows).max()))
        if frame_of and best < THRESHOLD:
            key, row = np.unravel_index(np.argmax(np.einsum("khw,rhw->kr", keys, rows)), (len(keys), len(rows)))
            position = spans[one].keys[key] - spans[one].first
            best = max(best, _aligned(frame_of(one, position), frame_of(other, int(row))))
    return best


def _alike(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Similarity of every picture of ``[n, H, W]`` with every one of ``[m, H, W]``, float ``[n, m]``."""
    a, b = _windows(one), _windows(other)  # [n, windows, pixels]
    covariance = np.einsum("nwp,mwp->nmw", a, b)
    variance = np.einsum("nwp,nwp->nw", a, a)[:, None] + np.einsum("mwp,mwp->mw", b, b)
    noise = _NOISE * _WINDOW**2
    # Blank pictures are equal whoever was recorded.
    shown = np.logical_and.outer(one.any(axis=(1, 2)), other.any(axis=(1, 2)))
    return np.where(shown, ((2 * covariance + noise) / (variance + noise)).min(axis=-1), -1.0)


def _windows(details: np.ndarray) -> np.ndarray:
    views = sliding_window_view(details, (_WINDOW, _WINDOW), axis=(1, 2))[:, ::_STEP, ::_STEP]
    flat = views.reshape(len(details), -1, _WINDOW**2)
    return flat - flat.mean(axis=-1, keepdims=True)


def _aligned(one: np.ndarray, other: np.ndarray) -> float:
    """Similarity of two frames after aligning the second by a small affine map; -1 without such a map.

    Thumbnails of twice the side are moved, since moving blurs.
    """
    side = 2 * SIDE
    pictures = np.concatenate([thumbnails(frame[None], side) for frame in (one, other)])
    fixed, loose = _details(pictures, 2 * _BLUR)
    limits = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 50, 1e-4)
    start = np.eye(2, 3, dtype=np.float32)
    try:
        everywhere = np.ones(fixed.shape, dtype=np.uint8)
        _, found = cv2.findTransformECC(fixed, loose, start.copy(), cv2.MOTION_AFFINE, limits, everywhere, 5)
    except cv2.error:  # no map makes them alike
        return -1.0
    change = found - start
    if abs(change[:, :2]).max() > _STRETCH or abs(change @ (side / 2, side / 2, 1)).max() > _SHIFT * side:
        return -1.0
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    pictures[1] = cv2.warpAffine(pictures[1], found, (side, side), flags=flags, borderMode=cv2.BORDER_REFLECT)
    inner = slice(2, SIDE - 2)  # what moved in from outside is not compared
    fixed, moved = _details(_halved(pictures))[:, inner, inner]
    return float(_alike(fixed[None], moved[None])[0, 0]) - _GAIN


def _halved(pictures: np.ndarray) -> np.ndarray:
    count, side, _ = pictures.shape
    return pictures.reshape(count, side // 2, 2, side // 2, 2).mean(axis=(2, 4))
