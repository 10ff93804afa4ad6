"""The result for one source, with the keys that ``atm-gcn predict --json`` prints."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from atm_gcn.defaults import Task
from atm_gcn.inference.sources.pictures_used import FaceUsed, RegistrationUsed
from atm_gcn.training.results.outcomes import OUTCOMES

FORMAT = 1
"""Version of the keys; it changes when one is removed or means something else."""

RECORDED_IN_RUN = "recorded in the run"
"""How a :class:`Rate` was chosen for a folder of frames that the run of the models knows."""

Mode = Literal["clip", "spotting"]
Status = Literal["predicted", "nothing-found", "no-face", "error"]
SpotterName = Literal["learnt", "threshold"]
DropReason = Literal["stronger-motion-near", "head-motion", "near-edge", "no-rest", "too-long"]

DROP_REASONS: dict[DropReason, str] = {
    "head-motion": "the head moves too fast",
    "too-long": "longer than a micro-expression",
    "no-rest": "no rest before or after",
    "near-edge": "too near to the beginning or end",
    "stronger-motion-near": "stronger motion near",
}
"""What each reason means, in a phrase."""


@dataclass(frozen=True)
class Moment:
    """The onset, apex or offset.

    Args:
        frame: Frame number in the recording; None if the frame store does not record it.
        seconds: When the frame is shown; None if unknown.
        chosen: How the frame was chosen: ``"given"``, ``"annotated"``, ``"first frame"``, ``"first face"``,
            ``"max-motion"``, ``"middle"``, ``"last frame"`` or ``"spotted"``; of features, ``"first row"``,
            ``"largest norm"``, ``"last row"`` or ``"none"``.
    """

    frame: int | None
    seconds: float | None
    chosen: str


@dataclass(frozen=True)
class Rate:
    """The frame rate of the recording.

    Args:
        value: Frames per second, the usual ones where they vary; None if unknown.
        chosen: ``"given"``, ``"video"``, ``"recorded in the run"``, ``"assumed"``, ``"camera"`` or ``"annotated"``.
    """

    value: float | None
    chosen: str


@dataclass(frozen=True)
class Movement:
    """A classified movement: a brief movement that was spotted, or the clip itself.

    Args:
        predicted: The class with the highest probability; or all action units above one half, as ``AU1+AU4``.
        probabilities: By class, which sum to 1; or by action unit.
        onset: First frame.
        apex: Frame of the strongest movement.
        offset: Last frame.
        motion: Motion at the apex in grey levels, or the score of a learnt spotter; None for a clip.
        threshold: The threshold that it exceeds, likewise; None for a clip.
        face: The face that it was seen in; None where the whole picture was used.
        registration: How its frames were registered; None where the models' clips are not.
    """

    predicted: str
    probabilities: dict[str, float]
    onset: Moment
    apex: Moment
    offset: Moment
    motion: float | None = None
    threshold: float | None = None
    face: FaceUsed | None = None
    registration: RegistrationUsed | None = None


@dataclass(frozen=True)
class MacroExpression:
    """A macro-expression, which is not classified.

    Args:
        onset: First frame.
        apex: Frame of the highest score.
        offset: Last frame.
        score: Of the spotter, from 0 to 1.
        threshold: The threshold that it reaches.
    """

    onset: Moment
    apex: Moment
    offset: Moment
    score: float
    threshold: float


@dataclass(frozen=True)
class CurvePeak:
    """A peak of the motion curve.

    Args:
        frame: Frame number in the recording.
        seconds: When the frame is shown.
        motion: Motion in grey levels, or the score of a learnt spotter.
        threshold: The threshold there, likewise.
    """

    frame: int
    seconds: float
    motion: float
    threshold: float

    @property
    def ratio(self) -> float:
        """Motion in multiples of the threshold."""
        return self.motion / self.threshold


@dataclass(frozen=True)
class DroppedPeak(CurvePeak):
    """A peak above the threshold that is not reported as a movement.

    Args:
        reason: ``"stronger-motion-near"``, ``"head-motion"``, ``"near-edge"``, ``"no-rest"`` or ``"too-long"``.
        detail: The reason with its numbers, as a phrase.
    """

    reason: DropReason
    detail: str


@dataclass(frozen=True)
class WindowProbabilities:
    """Probabilities of a regular window, whether or not something moves in it.

    Args:
        start: Time of its first frame in seconds.
        end: Time of its last frame in seconds.
        probabilities: By class.
    """

    start: float
    end: float
    probabilities: dict[str, float]


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """The result for one recording, one clip of a manifest or frame store, or one camera.

    Args:
        source: The file, folder or camera as given; for a row of a manifest, its absolute path; for a clip of a store,
            the store.
        clip: ``DATASET/SUBJECT/NAME`` of a clip of a manifest or frame store; None without one.
        label: Its annotated class.
        mode: ``"clip"`` if the frames were classified as one clip, ``"spotting"`` if they were searched for brief
            movements; None if the source could not be read.
        status: ``"predicted"``; ``"nothing-found"`` if spotting found no movement; ``"no-face"`` if ``--face crop``
            found no face; or ``"error"``.
        reason: Why nothing was predicted; None if ``status`` is ``"predicted"``.
        predicted: The class with the highest probability; while spotting, of the movement with the highest motion in
            multiples of its threshold. None if nothing was predicted, as the next four.
        probabilities: Of the same, by class; they sum to 1.
        onset: Of the same.
        apex: Of the same.
        offset: Of the same.
        movements: The clip itself, or every movement that was spotted, in order of time.
        dropped: While spotting, the peaks above the threshold that are no movements, in order of time.
        highest_peak: While spotting, where the motion is highest in multiples of the threshold.
        seconds: Time from the first frame that was used to the last; None if unknown.
        num_frames: Frames that were used.
        apex_position: Of a clip, the 0-based position of the apex among the frames that were used.
        fps: Frame rate of the recording.
        training_fps: Frames per second of the models' training clips; None for "as recorded".
        resampled: Whether frames were left out to come down to ``training_fps``; None for a clip of a frame store.
        notes: What is unusual about the recording, and how it was read.
        warned: Those of ``notes`` that were also logged as warnings.
        missing: What is missing of it.
        face: Of a clip, the face that was used; None for whole pictures.
        registration: Of a clip, how its frames were registered; None where the models' clips are not.
        face_number: With ``--face-choice all``, the number of the person: from the left in the first frame that shows
            faces; while spotting, then of those who appear later, in the order of appearance. None without.
        frames_without_face: With ``--face crop`` or ``align``, frames in which no face was found: of a clip, those
            before the first face; while spotting, of all frames, those without the face that is followed. None without.
        model: The path that was given.
        num_models: Models whose probabilities are averaged.
        models: Which models predict and why: ``path``, ``count``, ``reason``, ``held_out`` and ``trained_on``. The last
            two say what of the source was held out from all of them or was trained on; null where neither is known.
        reliability: What the prediction is worth: ``text``, one line; ``score`` (``uf1``, ``uar``, ``chance``,
            ``interval``, ``num_clips``, ``num_subjects``, ``better_than_chance``); ``datasets`` of the training clips;
            ``warnings``, in which ways the source is unlike these.
        windows: While spotting, the regular windows, in order of time.
        spotter: While spotting, ``"threshold"`` or ``"learnt"``; the latter finds movements by a score from 0 to 1.
        macro_expressions: While spotting, the macro-expressions, in order of time; None if they were not looked for.
    """

    source: str
    clip: str | None = None
    label: str | None = None
    mode: Mode | None = None
    status: Status
    reason: str | None = None
    predicted: str | None = None
    probabilities: dict[str, float] | None = None
    onset: Moment | None = None
    apex: Moment | None = None
    offset: Moment | None = None
    movements: list[Movement] = field(default_factory=list)
    dropped: list[DroppedPeak] = field(default_factory=list)
    highest_peak: CurvePeak | None = None
    seconds: float | None = None
    num_frames: int | None = None
    apex_position: int | None = None
    fps: Rate | None = None
    training_fps: float | None = None
    resampled: bool | None = None
    notes: list[str] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    face: FaceUsed | None = None
    registration: RegistrationUsed | None = None
    face_number: int | None = None
    frames_without_face: int | None = None
    model: str
    num_models: int
    models: dict[str, Any]
    reliability: dict[str, Any]
    windows: list[WindowProbabilities] = field(default_factory=list)
    spotter: SpotterName | None = None
    macro_expressions: list[MacroExpression] | None = None

    def to_dict(self) -> dict[str, Any]:
        """The object that ``--json`` prints: ``format`` and the attributes, always all of them."""
        return {"format": FORMAT, **asdict(self)}


def whose(source: object, face_number: int | None) -> str:
    """A source, and the number of the person whom a message is about, if every face is a result of its own."""
    return str(source) if face_number is None else f"{source}, face {face_number}"


def of_movement(movement: Movement) -> dict[str, Any]:
    """The attributes that a :class:`Prediction` shares with its strongest movement."""
    return {name: getattr(movement, name) for name in ("predicted", "probabilities", "onset", "apex", "offset")}


def by_class(names: list[str], probabilities: Sequence[float], task: Task = "emotion") -> dict[str, Any]:
    """``predicted`` and ``probabilities`` by class or unit."""
    by_name = dict(zip(names, probabilities, strict=True))
    return {"predicted": OUTCOMES[task].predicted(probabilities, names), "probabilities": by_name}
