"""The model card: what a checkpoint was trained on, how it was tested, and what it is not for."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, FiniteFloat, ValidationError

from atm_gcn.config import RunConfig
from atm_gcn.config.messages import location
from atm_gcn.data import ClipStore
from atm_gcn.data.store.picture_ranges import faces_shown, picture_ranges
from atm_gcn.defaults import Task as Kind
from atm_gcn.errors import ATMGCNError
from atm_gcn.training.results.outcomes import OUTCOMES
from atm_gcn.version import __version__

if TYPE_CHECKING:
    from atm_gcn.training.loop.fold import FoldResult
    from atm_gcn.training.protocol.tasks import Task

INTENDED_USE = (
    "Research on micro-expressions: classifying brief facial movements of people who know of it and agreed to it, and "
    "comparing methods under the same protocol."
)
NOT_FOR = (
    "It infers affect from a face's movement; it does not know what anybody feels, and it detects no lies.",
    "No decision about a person may rest on it: not in hiring, work, policing, courts, borders, insurance, credit, "
    "health or education.",
    "It must not be used on people who did not consent, nor to watch people covertly or in public.",
    "It says nothing about faces, cameras, lights and frame rates unlike those of its training clips.",
)
LIMITS = {  # people in the clips, according to the datasets' papers and tables; all datasets are small
    "casme": "CASME: 19 young Chinese adults in a laboratory, at 60 fps.",
    "casme2": "CASME II: 26 young Chinese adults in a laboratory, at 200 fps.",
    "casmesq": "CAS(ME)2: 22 young Chinese adults in a laboratory, at 30 fps.",
    "samm": "SAMM: 29 subjects with clips, of 13 ethnicities, mean age 33, in a British laboratory, at 200 fps.",
    "sammlv": "SAMM Long Videos: the subjects of SAMM, of 13 ethnicities, in a British laboratory, at 200 fps.",
    "smic": "SMIC-HS: 16 subjects in a Finnish laboratory, at 100 fps.",
    "casme3": "CAS(ME)3: Chinese subjects in a laboratory, at 30 fps.",
    "casme3c": "CAS(ME)3 Part C: 30 Chinese subjects who took part in a mock crime, at 30 fps.",
    "mmew": "MMEW: 30 subjects in a Chinese laboratory, at 90 fps.",
    "4dme": "4DME: subjects in a Finnish laboratory, at 60 fps.",
    "synth": "Drawn faces that move as a program tells them; they say nothing of how well real faces are read.",
}
PROTOCOLS = {
    "loso": "leave one subject out; this model never saw {held_out}",
    "kfold": "{folds} folds by subject; this model never saw the subjects of {held_out}",
    "cross": "trained on one dataset and tested on another, {held_out}",
    "lodo": "leave one dataset out; this model never saw clips of {held_out}",
    "all": "trained on every clip; no clip was held out, and no score of this model is known",
}


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True)


class _Data(_Strict):
    datasets: list[str]
    clips: int
    subjects: int
    clips_per_class: dict[str, int]
    recorded_fps: list[FiniteFloat]
    store_checksum: str
    apex_sources: list[str] | None = None  # not recorded by earlier versions


class _Range(_Strict):
    least: FiniteFloat
    most: FiniteFloat
    mean: FiniteFloat
    deviation: FiniteFloat


class _Faces(_Strict):
    searched: int
    found: int
    detector: str


class _Scores(_Strict):
    held_out_clips: int
    uf1: FiniteFloat | None
    uar: FiniteFloat | None
    acc: FiniteFloat
    mean_f1: FiniteFloat | None = None  # of action units


class ModelCard(_Strict):
    """Schema of the cards that :func:`model_card` writes; further keys are dropped."""

    data: _Data
    pictures: dict[str, _Range] | None = None  # not recorded by earlier versions
    faces: _Faces | None = None  # likewise
    protocol: str
    seed: int
    epochs: int
    scores: _Scores | None
    intended_use: str
    not_for: list[str]
    limits: list[str]
    atm_gcn: str


def check_card(card: dict[str, Any], path: Path) -> dict[str, Any]:
    """Validate a card from the metadata of a checkpoint.

    Args:
        card: The card.
        path: The checkpoint, for errors.

    Raises:
        ATMGCNError: Naming the first entry that is missing or does not fit.
    """
    try:
        return ModelCard.model_validate(card).model_dump()
    except ValidationError as error:
        what = error.errors()[0]["msg"]
        raise ATMGCNError(
            f"{path}: its model card is damaged at {location(error)} ({what}); train or copy the model again"
        ) from error


def model_card(config: RunConfig, store: ClipStore, task: "Task", result: "FoldResult") -> dict[str, Any]:
    """The card for the metadata of a fold's checkpoint; JSON-serialisable, and equal for equal runs.

    Args:
        config: Settings of the run.
        store: The clips.
        task: The fold, and the seed it was trained with.
        result: Its result.
    """
    stored = [store.clips[position] for position in task.fold.train]
    clips = [one.clip for one in stored]
    return {
        "data": {
            "datasets": sorted({clip.dataset for clip in clips}),
            "clips": len(clips),
            "subjects": len({clip.subject_key for clip in clips}),
            "clips_per_class": OUTCOMES[config.model.task].clips_with([clip.label for clip in clips], store.classes),
            "recorded_fps": sorted({clip.fps for clip in clips if clip.fps}),
            "store_checksum": store.checksum,
            "apex_sources": sorted({one.apex_source for one in stored}),
        },
        "pictures": picture_ranges(store, task.fold.train),
        "faces": faces_shown(store, task.fold.train),
        "protocol": _protocol(config, task),
        "seed": task.seed,
        "epochs": config.train.optim.epochs,
        "scores": _scores(result, config.model.task),
        "intended_use": INTENDED_USE,
        "not_for": list(NOT_FOR),
        "limits": _limits(sorted({clip.dataset for clip in clips})),
        "atm_gcn": __version__,
    }


def _protocol(config: RunConfig, task: "Task") -> str:
    protocol = config.train.protocol
    text = PROTOCOLS[protocol.kind].format(held_out=task.fold.name, folds=protocol.folds)
    if task.fold.validation:
        return f"{text}; the epoch was chosen on clips of {protocol.validation_subjects} training subjects"
    average = config.train.optim.average_epochs
    if average:
        return f"{text}; its weights are the mean over the last {min(average, config.train.optim.epochs)} epochs"
    return f"{text}; the last epoch was taken"


def _scores(result: "FoldResult", task: Kind) -> dict[str, Any] | None:
    """Scores on the few clips that were held out from this model; the pooled scores of the run are more reliable."""
    if not result.clips:
        return None
    return {"held_out_clips": len(result.clips), **OUTCOMES[task].card(result)}


def _limits(datasets: list[str]) -> list[str]:
    unknown = [name for name in datasets if name not in LIMITS]
    known = [LIMITS[name] for name in datasets if name in LIMITS]
    return known + [f"{name}: whom its clips show is not recorded here." for name in unknown]
