"""A long recording of one drawn face with planted micro-expressions, to measure spotting on."""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from atm_gcn.errors import ATMGCNError
from atm_gcn.files import write_json
from atm_gcn.media.video.writer import VideoWriter
from atm_gcn.synth.action_units import ACTION_UNITS, CLASSES, EMOTIONS
from atm_gcn.synth.animation import Scene, render_frames
from atm_gcn.synth.camera import REFERENCE, Disturbance, Recording
from atm_gcn.synth.face.identity import sample_identity
from atm_gcn.synth.face.landmarks import SIDES, Landmarks
from atm_gcn.synth.face.portrait import draw_portrait
from atm_gcn.synth.lively import Liveliness, head_movements, speech
from atm_gcn.synth.movement import Muscle, expression, muscle
from atm_gcn.synth.timing import Array, course, smooth_step, wander

LONG_RECORDING = Recording(fps=30.0)
REST = 2.0  # seconds between two planted movements at least, and before the first and after the last
BLINKS = 15.0  # per minute, as of people at rest
FIDGETS = 6.0  # per minute: slow movements of one muscle that stay for seconds


@dataclass(frozen=True)
class Planted:
    """An expression in a long recording; frames count from 0.

    Args:
        onset: Last frame before the movement; ``apex`` that of its peak, ``offset`` of its end.
        label: Its class.
        kind: ``"micro"`` or ``"macro"``.
    """

    onset: int
    apex: int
    offset: int
    label: str
    kind: str = "micro"


def synthesize_long(
    out: str | Path,
    seconds: float = 300.0,
    per_minute: float = 6.0,
    num_classes: int = 3,
    size: int = 224,
    seed: int = 0,
    subject: int = 0,
    recording: Recording = LONG_RECORDING,
    lively: Liveliness | None = None,
) -> list[Planted]:
    """Write a video of a face that drifts, blinks, fidgets and sometimes shows a micro-expression.

    The truth is written into a JSON file of the same name beside the video. The same arguments give the same frames.

    Args:
        out: Video to write, ``.mp4`` or ``.avi``.
        seconds: Its length.
        per_minute: Micro-expressions per minute; their number is rounded, their times are random.
        num_classes: 3, 5 or 7; every class occurs.
        size: Side of the frames in pixels.
        seed: Seed of all random numbers, from 0.
        subject: Number of the person, as in :func:`~atm_gcn.synth.synthesize`.
        recording: Strength and duration of the movements, and disturbances.
        lively: Let the person also talk, show macro-expressions and move the head; None leaves the person quiet. The
            micro-expressions are the same ones at other times.

    Returns:
        The planted expressions, in order.

    Raises:
        ATMGCNError: If the movements do not fit into the time, or the video cannot be written.
    """
    out, rng = Path(out), np.random.default_rng([seed, subject, 5])
    who = sample_identity(seed, subject)
    times = np.arange(round(seconds * recording.fps)) / recording.fps
    apart = np.random.default_rng([seed, subject, 6])  # so that a quiet person stays the same
    muscles, strengths, planted = _movements(
        times, per_minute, num_classes, who.landmarks, recording, rng, lively, apart
    )
    disturbance = _disturbance(times, who.landmarks, recording, rng)
    if lively is not None:
        disturbance = _livelier(disturbance, times, who.landmarks, lively, apart)
    scene = Scene(0, 0, 0, 0, muscles, strengths, disturbance)
    frames = render_frames(draw_portrait(who, size), who.landmarks, scene, recording, (seed, subject, 0))
    with VideoWriter(out, recording.fps) as video:
        for frame in frames:
            video.write(frame)
    write_json(out.with_suffix(".json"), {"fps": recording.fps, "planted": [asdict(one) for one in planted]})
    return planted


def load_planted(video: str | Path) -> list[Planted]:
    """The truth of a video of :func:`synthesize_long`.

    Raises:
        ATMGCNError: If the JSON file beside it cannot be read.
    """
    path = Path(video).with_suffix(".json")
    try:
        return [Planted(**one) for one in json.loads(path.read_text(encoding="utf-8"))["planted"]]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise ATMGCNError(f"{path}: is missing or does not hold planted micro-expressions ({error})") from error


def _movements(
    times: Array,
    per_minute: float,
    num_classes: int,
    landmarks: Landmarks,
    recording: Recording,
    rng: np.random.Generator,
    lively: Liveliness | None,
    apart: np.random.Generator,
) -> tuple[list[Muscle], Array, list[Planted]]:
    """The planted movements: their muscles, the strength of each in every frame ``[T, M]``, and the truth."""
    total = times[-1]
    count = max(1, round(per_minute * total / 60))
    durations = rng.uniform(*recording.duration, count)
    is_macro = np.zeros(count, dtype=bool)
    if lively is not None:
        lively.check()
        macros = round(lively.macros * total / 60)
        is_macro = apart.permutation(np.arange(count + macros) >= count)
        every = np.empty(count + macros)
        every[~is_macro], every[is_macro] = durations, apart.uniform(*lively.macro_duration, macros)
        durations, count = every, count + macros
    slack = total - durations.sum() - (count + 1) * REST
    if slack < 0:
        raise ATMGCNError(f"{count} movements do not fit into {total:.0f} seconds: plan 20 a minute at most")
    gaps = np.diff(np.sort(np.concatenate([[0.0], rng.uniform(0, slack, count)])))
    starts = np.cumsum(gaps + REST) + np.concatenate([[0.0], np.cumsum(durations[:-1])])
    classes = CLASSES[num_classes]
    labels = np.resize(rng.permutation(list(classes)), count)
    muscles, courses, planted = [], [], []
    for start, duration, label, macro in zip(starts, durations, labels.tolist(), is_macro.tolist(), strict=True):
        if macro and lively is not None:
            amplitudes, kind = lively.macro_amplitude, "macro"
        else:
            amplitudes, kind = recording.amplitude, "micro"
        emotion, amplitude = classes[label], rng.uniform(*amplitudes) / REFERENCE
        own = expression(landmarks, emotion, EMOTIONS[emotion], amplitude, rng)
        shape = rng.uniform(0.3, 0.65), *rng.uniform(0.7, 1.5, 2)
        strength = course((times - start) / duration, *shape)
        muscles += own
        courses += [strength] * len(own)
        onset, apex, offset = (round((start + share * duration) * recording.fps) for share in (0.0, shape[0], 1.0))
        planted.append(Planted(onset, apex, offset, label, kind))
    return muscles, np.stack(courses, axis=-1), planted


def _livelier(
    other: Disturbance, times: Array, landmarks: Landmarks, lively: Liveliness, rng: np.random.Generator
) -> Disturbance:
    """Disturbances with speech and movements of the head."""
    muscles, strengths = speech(times, landmarks, lively.talk, rng)
    shift, tilt, zoom = head_movements(times, lively, rng)
    return replace(
        other,
        shift=other.shift + shift,
        turn=other.turn + tilt,
        zoom=other.zoom * zoom,
        muscles=[*other.muscles, *muscles],
        strengths=np.concatenate([other.strengths, np.stack(strengths, axis=-1)], axis=-1),
    )


def _disturbance(times: Array, landmarks: Landmarks, recording: Recording, rng: np.random.Generator) -> Disturbance:
    """Drift of the head in slow and quick waves, flicker, blinks, and fidgets that come and stay."""

    def drift() -> Array:
        return wander(times, rng) + 4 * wander(times / 6, rng)

    closure = np.zeros_like(times)
    for start in _moments(times[-1], BLINKS, rng):
        length = rng.uniform(0.12, 0.25)
        closure = np.maximum(closure, rng.uniform(0.8, 1.0) * course((times - start) / length, 0.4, 1.0, 1.0))
    muscles, strengths = [], []
    for start in _moments(times[-1], FIDGETS, rng):
        one = muscle(landmarks, rng.choice(list(ACTION_UNITS)), rng.choice(list(SIDES)), recording.fidget / REFERENCE)
        stays, length = rng.uniform(2, 6), rng.uniform(0.8, 1.6)
        muscles.append(one)
        strengths.append(smooth_step((times - start) / length) - smooth_step((times - start - stays) / length))
    if not muscles:
        muscles, strengths = [muscle(landmarks, "1", "left", 0.0)], [np.zeros_like(times)]
    shift = np.stack([drift(), drift()], axis=-1) * recording.drift / REFERENCE
    tilt, size = drift(), drift()
    turn, zoom = (path * recording.drift / REFERENCE for path in (tilt, size))
    turn = turn + tilt * np.deg2rad(recording.turn)
    mains = 0.3 * np.sin(2 * np.pi * (rng.uniform(5, 25) * times + rng.random()))
    brightness = 1.0 + recording.flicker * (wander(times, rng) + mains)
    return Disturbance(brightness, shift, turn, 1.0 + zoom, closure, muscles, np.stack(strengths, axis=-1))


def _moments(seconds: float, per_minute: float, rng: np.random.Generator) -> list[float]:
    return rng.uniform(0, seconds, rng.poisson(per_minute * seconds / 60)).tolist()
