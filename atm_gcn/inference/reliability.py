"""What a prediction is worth: the held-out score of its models beside chance, and whether the input is like theirs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from atm_gcn.config import DataConfig
from atm_gcn.data.clip_pictures import ClipFace
from atm_gcn.data.store.picture_ranges import differences, shows_face
from atm_gcn.errors import ATMGCNError, listed
from atm_gcn.inference import unit_reliability
from atm_gcn.inference.ensemble import Ensemble
from atm_gcn.media.sources import open_source
from atm_gcn.training.results.run_results import RunResults
from atm_gcn.training.results.summary import ensemble_scores

DRAWN = "synth"
_SMALL = 0.5  # of the side of the training pictures
_SLOW = 0.95  # of the frame rate of the training clips
_KEPT = {
    "none": "whole pictures",
    "crop": "pictures cropped to the face",
    "align": "pictures aligned to the eyes",
}
_SHAPING = ("face_margin", "face_detector", "register", "register_limit")
_DETECTORS = ("mtcnn", "haar")
_LOOKED_AT = 4  # frames of an input that are searched for a face


def describe_reliability(ensemble: Ensemble, warnings: list[str] | None = None) -> dict[str, Any]:
    """What is known of the models' score and training clips.

    Args:
        ensemble: The models.
        warnings: Of :func:`input_warnings`.

    Returns:
        - ``text``: all of it as one line.
        - ``score``: ``uf1``, ``uar``, the ``chance`` level of both, ``interval`` (None where it is not known),
          ``num_clips``, ``num_subjects`` (likewise) and ``better_than_chance``; of the run's held-out clips, pooled
          over all folds, or else of the clips that were held out from the named model. Where models of several seeds
          predict together, it is the score of their ensemble. None if it is not recorded.
        - ``datasets``: of the training clips; None if they are not recorded.
        - ``warnings``: in which ways the input is unlike the training clips.
    """
    chooser = ensemble.chooser
    if chooser is None:
        known = _describe(None, "its held-out score is not recorded", None)
    else:
        if chooser.reliability is None:  # the same for every source
            chooser.reliability = _describe(*_score(ensemble), _datasets(ensemble))
        known = chooser.reliability
    return {**known, "warnings": list(warnings or [])}


def input_warnings(
    ensemble: Ensemble,
    picture: np.ndarray | None,
    config: DataConfig,
    side: int | None = None,
    fps: float | None = None,
    lacks_face: bool = False,
) -> list[str]:
    """In which ways an input is unlike the training clips of the models, in a sentence each.

    Args:
        ensemble: The models.
        picture: A picture of the input, uint8 RGB ``[size, size, 3]``, prepared as the training clips were.
        config: Settings by which the input was read or prepared.
        side: Pixels of the shorter side of the part of the recording that the picture shows; None if unknown.
        fps: Frames per second of the recording; None if unknown.
        lacks_face: Whether the input shows no face where the training clips do; see :func:`lacks_face`.
    """
    trained, drawn = ensemble.data, _datasets(ensemble) == [DRAWN]
    found = []
    if config.face != trained.face:
        own = _KEPT[trained.face] + (" of drawn faces" if drawn and trained.face == "none" else "")
        found.append(f"the models were trained on {own}, and this input is {_KEPT[config.face]}")
    found += _other_settings(trained, config)
    if lacks_face:
        found.append("no face is found in it, and the training clips show one")
    if picture is not None and ensemble.picture_ranges is not None:
        unlike = differences(ensemble.picture_ranges, picture)
        if unlike:
            only = "; the models have seen drawn faces only" if drawn else ""
            found.append(f"the picture {listed(unlike)} than any training clip{only}")
    if side is not None and side < _SMALL * trained.size:
        found.append(f"it has {side} pixels where the training pictures have {trained.size}: movements are lost")
    if fps and trained.fps and fps < _SLOW * trained.fps:
        found.append(f"it has {fps:g} frames per second where the training clips have {trained.fps:g}")
    return found


def _other_settings(trained: DataConfig, config: DataConfig) -> list[str]:
    """The other settings that shape pictures and differ, in a sentence each; those without effect in one are left out.

    Files of a YuNet count as one detector.
    """
    used = [key for key in _SHAPING if key not in trained.unused | config.unused]
    if config.face != trained.face and "face_margin" in used:
        used.remove("face_margin")  # crop and align add it around other things
    pairs = [(key, getattr(trained, key), getattr(config, key)) for key in used]
    return [
        f"the models were trained with data.{key}={written}, and this input was prepared with {own}"
        for key, written, own in pairs
        if written != own and not (key == "face_detector" and {written, own}.isdisjoint(_DETECTORS))
    ]


def lacks_face(ensemble: Ensemble, pictures: np.ndarray, face: str) -> bool:
    """Whether an input shows no face although the training clips do, by their model card.

    Args:
        ensemble: The models.
        pictures: Of the input, uint8 RGB ``[L, size, size, 3]``, prepared as the training clips were. The first, the
            last and two between are searched.
        face: What of the input was kept; a face was found where it is not ``"none"``.
    """
    shown = ensemble.card["faces"] if ensemble.card else None
    if shown is None or face != "none" or 2 * shown["found"] <= shown["searched"]:
        return False
    places = np.linspace(0, len(pictures) - 1, _LOOKED_AT).round().astype(int)
    return not shows_face(pictures[place] for place in dict.fromkeys(places.tolist()))


def shorter_side(source: str | Path, number: int, face: ClipFace | None, config: DataConfig) -> int | None:
    """Pixels of the recording along the shorter side of what the pictures show; None if it cannot be read."""
    if face is not None:
        return round(np.hypot(*face.transform(config).matrix[:, :2]).min())
    try:
        return min(open_source(source).read([number])[0].shape[:2])
    except ATMGCNError:
        return None


def _describe(score: dict[str, Any] | None, text: str, datasets: list[str] | None) -> dict[str, Any]:
    trained = f"trained on {_domain(datasets)}" if datasets else "training data not recorded"
    return {"text": f"{text}; {trained}", "score": score, "datasets": datasets}


def _score(ensemble: Ensemble) -> tuple[dict[str, Any] | None, str]:
    """The score, and what to say of it."""
    chooser = ensemble.chooser
    if chooser is None or not chooser.is_run or chooser.results is None:
        return _card_score(ensemble)
    return _run_score(chooser.results, chooser.seeds)


def _run_score(run: RunResults, seeds: Sequence[int]) -> tuple[dict[str, Any] | None, str]:
    """The score of the models of these seeds of a run; no seeds if it has one only."""
    try:
        metrics = run.metrics
    except ATMGCNError:
        return None, "the run has no scores yet, or they were changed"
    if "mean_f1" in metrics:
        return unit_reliability.run_score(metrics, run.predictions, seeds)
    if "uf1" not in metrics:
        return None, "no clip was held out, so no score is known"
    chance = {key: metrics["chance"][key] for key in ("uf1", "uar")}
    whose, own = "the run", metrics
    if seeds:
        own = ensemble_scores([row for row in run.predictions if row.seed in seeds], metrics["class_names"])
        whose = f"the ensemble of {len(seeds)} seeds" if len(seeds) > 1 else f"seed {seeds[0]} of the run"
    interval = {key: own["interval"][key] for key in ("uf1", "uar")}
    score = {
        "uf1": own["uf1"],
        "uar": own["uar"],
        "chance": chance,
        "interval": interval,
        "num_clips": metrics["num_clips"],
        "num_subjects": metrics["num_subjects"],
        "better_than_chance": all(interval[key][0] > chance[key] for key in chance),
    }
    clips = f"{score['num_clips']} clips of {score['num_subjects']} subjects"
    return score, f"held-out score of {whose}: {_score_text(score)} over {clips}{_verdict(score)}"


def _card_score(ensemble: Ensemble) -> tuple[dict[str, Any] | None, str]:
    scores, classes = (ensemble.card or {}).get("scores"), len(ensemble.class_names)
    if ensemble.task == "action-units":
        return unit_reliability.card_score(scores)
    if not scores or scores["uar"] is None or scores["uf1"] is None:
        return None, "the held-out score of this model is not recorded"
    chance = 1 / classes
    score = {
        "uf1": scores["uf1"],
        "uar": scores["uar"],
        "chance": {"uf1": chance, "uar": chance},
        "interval": None,
        "num_clips": scores["held_out_clips"],
        "num_subjects": None,
        "better_than_chance": False if min(scores["uf1"], scores["uar"]) <= chance else None,
    }
    text = f"score of this model alone: {_score_text(score)} over {score['num_clips']} held-out clips"
    return score, f"{text}{_verdict(score)}"


def _score_text(score: dict[str, Any]) -> str:
    return ", ".join(f"{key.upper()} {score[key]:.2f} (chance {score['chance'][key]:.2f})" for key in ("uf1", "uar"))


def _verdict(score: dict[str, Any]) -> str:
    return ", not distinguishable from chance" if score["better_than_chance"] is False else ""


def _datasets(ensemble: Ensemble) -> list[str] | None:
    return ensemble.card["data"]["datasets"] if ensemble.card else None


def _domain(datasets: list[str]) -> str:
    return listed([f"drawn faces ({name})" if name == DRAWN else name for name in datasets])
