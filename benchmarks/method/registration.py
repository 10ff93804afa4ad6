"""How much motion of the head is left after registration, and how much of the expression?

    python -m benchmarks.method.registration

Drawn heads drift and turn on known paths while they show a known expression. Frames are registered as by ``prepare``,
with the landmarks that the default detector finds, and by OpenCV's ECC with the same region. See registration.md.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click
import cv2
import numpy as np

from atm_gcn.config import DataConfig
from atm_gcn.media.faces import choose_face, find_faces
from atm_gcn.media.optical_flow import optical_flow
from atm_gcn.media.picture_transform import PictureTransform, compose
from atm_gcn.media.registration import Registration, refusal
from atm_gcn.media.registration.registration import SIDE
from atm_gcn.media.registration.rigid_region import rigid_region
from atm_gcn.synth import Recording, movement_field
from atm_gcn.synth.action_units import CLASSES
from atm_gcn.synth.animation import Scene, plan_scene, render_frames
from atm_gcn.synth.camera import REFERENCE
from atm_gcn.synth.face.identity import sample_identity
from atm_gcn.synth.face.landmarks import Landmarks
from atm_gcn.synth.face.portrait import draw_portrait
from benchmarks.common.machine import describe
from benchmarks.common.results import ResultsFile, Strict, out_option

IDENTITY = np.eye(2, 3)
ECC = {"ecc-euclidean": cv2.MOTION_EUCLIDEAN, "ecc-affine": cv2.MOTION_AFFINE}
KINDS = ("none", "translation", "similarity", "affine", *ECC, "truth")
TURN = 0.375  # degrees of tilt for every pixel of drift, standard deviations both
LARGEST_TURN = 1.5  # hence up to about 3 degrees
LIMIT = DataConfig().register_limit
EVERY = 3  # frames
Estimator = Callable[[np.ndarray], tuple[np.ndarray, bool]]  # picture -> motion [2, 3], whether it is accepted


class Row(Strict):
    """Frames of one size and drift, registered in one way.

    Args:
        size: Of the recorded and the stored frames, in pixels.
        drift: Standard deviation of the head's position, in pixels of 224; ``turn`` that of its tilt, in degrees.
        kind: Of registration, ``"none"``, or ``cv2.findTransformECC`` with rotation and shift (``"ecc-euclidean"``)
            or an affine map, which starts from the translation by phase correlation. ``"truth"`` is the known path.
        refused: Frames that are not registered: beyond the limit, or without convergence. They do not count below.
        residual: Mean displacement of the face that is left, without the expression, in pixels of 224: mean over frames
            and 95 % of them.
        survival: Size of the expression at the apex that is left, of what was drawn: by the known path of the head.
        measured: The same by optical flow (DIS) of the pictures, over that of the same clips at rest.
        milliseconds: Of one thread for one frame, median.
    """

    size: int
    drift: float
    turn: float
    kind: str
    frames: int
    refused: int
    residual: tuple[float, float]
    survival: float
    measured: float
    milliseconds: float


class Results(ResultsFile):
    program = "registration-motion"
    subjects: int
    clips_per_subject: int
    rows: list[Row]


@dataclass(frozen=True, eq=False)
class DrawnClip:
    """Some frames of a drawn clip, the onset first, and where the head truly is."""

    frames: list[np.ndarray]
    truth: list[np.ndarray]  # where a place of the onset lies in each frame, [2, 3]
    apex: int
    scene: Scene
    landmarks: Landmarks
    points: np.ndarray | None  # those that the detector finds

    def face(self) -> np.ndarray:
        """Places all over the face, ``[n, 2]``."""
        steps = np.linspace(0.02, 0.98, 33)
        places = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
        x, y = self.landmarks.local(*places.T)
        return places[np.hypot(x / 1.1, (y - 0.35) / 1.35) < 1]


def turn_of(drift: float) -> float:
    """Standard deviation of the head's tilt beside a drift, in degrees."""
    return min(TURN * drift, LARGEST_TURN)


def draw(size: int, drift: float, subjects: int, clips: int) -> Iterator[DrawnClip]:
    """Clips of several people; their expressions do not depend on the drift."""
    recording = Recording(drift=drift, turn=turn_of(drift))
    emotions = list(CLASSES[3].values())
    for subject in range(subjects):
        who = sample_identity(0, subject)
        portrait = draw_portrait(who, size)
        for clip in range(clips):
            key = (0, subject, clip)
            scene = plan_scene(who.landmarks, emotions[clip % 3], [], recording, key)
            frames = list(render_frames(portrait, who.landmarks, scene, recording, key))
            onset, apex, offset = (number - scene.first for number in (scene.onset, scene.apex, scene.offset))
            kept = sorted({onset, apex, *range(onset, offset + 1, EVERY)})
            first = _inverse(_pose(who.landmarks, scene, onset))
            truth = [compose(_pose(who.landmarks, scene, t), first) for t in kept]
            face = choose_face(find_faces(frames[onset]), "largest", frames[onset].shape)
            points = None if face is None or face.points is None else face.points / size
            yield DrawnClip([frames[t] for t in kept], truth, kept.index(apex), scene, who.landmarks, points)


def _pose(landmarks: Landmarks, scene: Scene, t: int) -> np.ndarray:
    """Where a place of the neutral face lies in a frame, ``[2, 3]``: the inverse of what the renderer samples."""
    head, centre = scene.disturbance, np.array(landmarks.origin)
    cosine, sine = head.zoom[t] * np.cos(head.turn[t]), head.zoom[t] * np.sin(head.turn[t])
    linear = np.array([[cosine, -sine], [sine, cosine]])
    return np.column_stack([linear, centre + head.shift[t] - linear @ centre])


def _inverse(motion: np.ndarray) -> np.ndarray:
    linear = np.linalg.inv(motion[:, :2])
    return np.column_stack([linear, -linear @ motion[:, 2]])


def _apply(motion: np.ndarray, places: np.ndarray) -> np.ndarray:
    return places @ motion[:, :2].T + motion[:, 2]


def estimator(kind: str, onset: np.ndarray, points: np.ndarray | None) -> Estimator:
    """How frames are registered to an onset, given as pictures of ``SIDE`` pixels."""
    if kind in ("none", "truth"):
        return lambda picture: (IDENTITY, True)
    if kind in ECC:
        region = np.ones((SIDE, SIDE)) if points is None else rigid_region(points, SIDE)
        return partial(_ecc, ECC[kind], cv2.cvtColor(onset, cv2.COLOR_RGB2GRAY), (region > 0.25).astype(np.uint8))
    registration = Registration(onset, kind, points)  # type: ignore[arg-type]

    def estimate(picture: np.ndarray) -> tuple[np.ndarray, bool]:
        found = registration.estimate(picture)
        return found.matrix, not refusal(found, LIMIT)

    return estimate


def _ecc(kind: int, onset: np.ndarray, region: np.ndarray, picture: np.ndarray) -> tuple[np.ndarray, bool]:
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    window = cv2.createHanningWindow((SIDE, SIDE), cv2.CV_32F)
    start, _ = cv2.phaseCorrelate(onset.astype(np.float32), grey.astype(np.float32), window)
    warp = np.array([[1, 0, start[0]], [0, 1, start[1]]], dtype=np.float32)
    until = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 50, 1e-5)
    try:
        _, warp = cv2.findTransformECC(onset, grey, warp, kind, until, region, 5)  # type: ignore[assignment]
    except cv2.error:
        return IDENTITY, False
    motion = warp.astype(np.float64)
    motion[:, 2] = (motion @ (-0.5, -0.5, 1) + 0.5) / SIDE
    return motion, True


def survival(clip: DrawnClip, motion: np.ndarray) -> float:
    """Projection of the displacement that is left at the apex, by the known path, on what was drawn."""
    steps = (np.arange(64) + 0.5) / 64
    places = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    drawn = movement_field(clip.scene.truth, 64).reshape(-1, 2) / 64
    left = _apply(compose(_inverse(motion), clip.truth[clip.apex]), places + drawn) - places
    shown = np.hypot(*drawn.T) > 0.1 * np.hypot(*drawn.T).max()
    return float((left * drawn)[shown].sum() / np.square(drawn[shown]).sum())


def projected_flow(clip: DrawnClip, motion: np.ndarray, size: int) -> float:
    """The same by the optical flow between the pictures of the onset and the apex."""
    whole = PictureTransform.whole(clip.frames[0].shape)
    onset, apex = whole.picture(clip.frames[0], size, IDENTITY), whole.picture(clip.frames[clip.apex], size, motion)
    drawn, flow = movement_field(clip.scene.truth, size), optical_flow(onset, apex, "dis")
    length = np.linalg.norm(drawn, axis=-1)
    shown = length > 0.1 * length.max()
    return float((flow * drawn)[shown].sum() / np.square(drawn[shown]).sum())


def measure(clips: list[DrawnClip], size: int, drift: float, kind: str, at_rest: list[float]) -> Row:
    """Register every frame of the clips in one way."""
    residuals, kept, flows, seconds, refused = [], [], [], [], 0
    for clip, rest in zip(clips, at_rest, strict=True):
        whole, face = PictureTransform.whole(clip.frames[0].shape), clip.face()
        pictures = [whole.picture(frame, SIDE) for frame in clip.frames]
        estimate = estimator(kind, pictures[0], clip.points)
        for position, (picture, truth) in enumerate(zip(pictures, clip.truth, strict=True)):
            if position == 0:
                continue
            start = time.thread_time()
            motion, accepted = (truth, True) if kind == "truth" else estimate(picture)
            seconds.append(time.thread_time() - start)
            if not accepted:
                refused += 1
                continue
            away = REFERENCE * (_apply(motion, face) - _apply(truth, face))
            residuals.append(np.hypot(*away.T).mean())
            if position == clip.apex:
                kept.append(survival(clip, motion))
                flows.append((projected_flow(clip, motion, size), rest))
    return Row(
        size=size,
        drift=drift,
        turn=turn_of(drift),
        kind=kind,
        frames=len(seconds),
        refused=refused,
        residual=(round(float(np.mean(residuals)), 3), round(float(np.quantile(residuals, 0.95)), 3)),
        survival=round(float(np.mean(kept)), 3),
        measured=round(float(np.sum(flows, axis=0)[0] / np.sum(flows, axis=0)[1]), 3),
        milliseconds=round(1e3 * float(np.median(seconds)), 2),
    )


@click.command()
@click.option("--size", "sizes", type=int, multiple=True, default=(224, 96), show_default=True)
@click.option("--drift", "drifts", type=float, multiple=True, default=(0, 1, 2, 4, 8), show_default=True)
@click.option("--subjects", default=6, show_default=True)
@click.option("--clips-per-subject", default=4, show_default=True)
@out_option
def main(
    sizes: tuple[int, ...], drifts: tuple[float, ...], subjects: int, clips_per_subject: int, out: Path | None
) -> None:
    """Measure registration on drawn clips."""
    cv2.setNumThreads(1)
    rows = []
    for size in sizes:
        still = draw(size, 0.0, subjects, clips_per_subject)
        at_rest = [projected_flow(clip, IDENTITY, size) for clip in still]
        for drift in drifts:
            clips = list(draw(size, drift, subjects, clips_per_subject))
            for kind in KINDS:
                rows.append(measure(clips, size, drift, kind, at_rest))
                click.echo(rows[-1].model_dump_json())
    results = Results(machine=describe(), subjects=subjects, clips_per_subject=clips_per_subject, rows=rows)
    click.echo(results.write(out), err=True)


if __name__ == "__main__":
    main()
