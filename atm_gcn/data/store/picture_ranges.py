"""What the pictures of clips look like, in a few numbers, whether they show faces, and whether others look like them.

The numbers are part of the model card, so that a prediction can warn of input that is unlike the training pictures.

Measured at 96 and 224 pixels, with the clips of 3 or 8 drawn subjects (``atm-gcn synth``) as training clips, on seeds
that did not choose the limits. Of drawn clips of other subjects, seeds and sizes, 0.7 and 1.8 % (3 training subjects)
or 0.0 and 0.1 % (8) are taken for unlike, and about as few once they are encoded as MJPEG or MPEG-4. Of 27 photographs
of faces, all are if they are cropped to the face, and 94 to 97 % of the whole pictures. These photographs are few, of
three videos and three still pictures, and also chose the limits: a recording without a warning need not be like the
training clips. Drawn clips with a sensor noise of 8 instead of 2.5 grey levels are unlike at 224 pixels, not at 96.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from atm_gcn.data.store.clip_store import ClipStore

STATISTICS = {  # name: what is said below the range and above it, and the least standard deviation that is assumed
    "brightness": ("is darker", "is brighter", 20.0),
    "shadows": ("has darker shadows", "has lighter shadows", 0.35),
    "contrast": ("has less contrast", "has more contrast", 10.0),
    "colourfulness": ("is less colourful", "is more colourful", 6.0),
    "even_share": ("has a less even surface", "", 0.06),
}
"""Mean of the grey levels in 0..255; log2(8 + their 5 % quantile); their standard deviation; the mean difference of the
largest and the smallest of R, G and B; and the share of blocks of 8 x 8 pixels with a standard deviation below 4.
Above its range, an even share means nothing: compression smooths."""
DEVIATIONS = 3.5  # from the mean of the training clips, at which a picture is unlike them
FACE_DETECTOR = "mtcnn"
"""By which whole pictures are searched for faces."""
_BLOCK, _EVEN = 8, 4.0
_SEARCHED = 24  # clips of a store that are searched for faces, evenly spread
_SMALLEST = 64  # pixels of the side of a picture, from which a face in it is found
_GREY = np.array([0.299, 0.587, 0.114], np.float32)
# Every fold needs most clips.
_known: WeakKeyDictionary[ClipStore, dict[int, dict[str, float]]] = WeakKeyDictionary()
_shown: WeakKeyDictionary[ClipStore, dict[int, bool]] = WeakKeyDictionary()


def picture_statistics(picture: np.ndarray) -> dict[str, float]:
    """Each of :data:`STATISTICS` of one picture, uint8 RGB ``[H, W, 3]``."""
    grey = picture.astype(np.float32) @ _GREY  # [H, W]
    rows, columns = (side // _BLOCK for side in grey.shape)
    blocks = grey[: rows * _BLOCK, : columns * _BLOCK].reshape(rows, _BLOCK, columns, _BLOCK)
    return {
        "brightness": float(grey.mean()),
        "shadows": float(np.log2(8 + np.quantile(grey, 0.05))),
        "contrast": float(grey.std()),
        "colourfulness": float((picture.max(axis=2) - picture.min(axis=2)).mean()),
        "even_share": float((blocks.std(axis=(1, 3)) < _EVEN).mean()) if blocks.size else 1.0,
    }


def picture_ranges(store: ClipStore, clips: Sequence[int]) -> dict[str, dict[str, float]] | None:
    """``least``, ``most``, ``mean`` and ``deviation`` of each statistic over the onset frames of some clips of a store.

    None for clips of features or optical flow instead of pictures of faces, and for no clips.
    """
    if store.frame_size is None or store.config.flow == "pictures" or not clips:
        return None
    known = _known.setdefault(store, {})
    for clip in clips:
        if clip not in known:
            known[clip] = picture_statistics(store.read(clip)[0])
    values = {name: np.array([known[clip][name] for clip in clips]) for name in STATISTICS}
    return {
        name: {
            "least": round(float(of_clips.min()), 3),
            "most": round(float(of_clips.max()), 3),
            "mean": round(float(of_clips.mean()), 3),
            "deviation": round(float(of_clips.std()), 3),
        }
        for name, of_clips in values.items()
    }


def differences(ranges: Mapping[str, Mapping[str, float]], picture: np.ndarray) -> list[str]:
    """In which ways a picture is unlike the training clips, such as ``"is darker"``; empty if it is like them.

    A statistic differs if it lies outside the range of the training clips and :data:`DEVIATIONS` standard deviations
    from their mean. Few clips have a small deviation by chance, so that it counts as at least the one of
    :data:`STATISTICS`.

    Args:
        ranges: Of :func:`picture_ranges`.
        picture: uint8 RGB ``[H, W, 3]``, prepared as the training clips were.
    """
    found = []
    for name, value in picture_statistics(picture).items():
        below, above, least_deviation = STATISTICS[name]
        if name not in ranges:
            continue
        own = ranges[name]
        far = DEVIATIONS * max(own["deviation"], least_deviation)
        if value < min(own["least"], own["mean"] - far):
            found.append(below)
        elif above and value > max(own["most"], own["mean"] + far):
            found.append(above)
    return found


def faces_shown(store: ClipStore, clips: Sequence[int]) -> dict[str, Any] | None:
    """In how many onset frames of clips a face is found.

    At most 24 clips are searched, evenly spread over the store, so that all folds of a run share them.

    Returns:
        ``searched`` and ``found``, numbers of clips, and the ``detector``. None where nothing is to be learned: for
        pictures that were cropped to a face, features, optical flow, and pictures that are too small.
    """
    config, size = store.config, store.frame_size
    if size is None or size < _SMALLEST or config.face != "none" or config.flow == "pictures" or not clips:
        return None
    spread, own = np.linspace(0, len(store) - 1, _SEARCHED).round().astype(int).tolist(), set(clips)
    chosen = [clip for clip in dict.fromkeys(spread) if clip in own] or list(clips[:_SEARCHED])
    known = _shown.setdefault(store, {})
    for clip in chosen:
        if clip not in known:
            known[clip] = shows_face(store.read(clip)[:1])
    return {"searched": len(chosen), "found": sum(known[clip] for clip in chosen), "detector": FACE_DETECTOR}


def shows_face(pictures: Iterable[np.ndarray]) -> bool:
    """Whether a face is found in any of some pictures, uint8 RGB ``[size, size, 3]`` each."""
    from atm_gcn.media.faces import find_faces

    return any(find_faces(picture, FACE_DETECTOR) for picture in pictures)
