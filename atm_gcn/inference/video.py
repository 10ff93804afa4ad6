"""Prediction of one recording from Python, with the result of ``atm-gcn predict --json``."""

from pathlib import Path
from typing import Any

from atm_gcn.building import Builder
from atm_gcn.inference.batch import PredictOptions, predict_many
from atm_gcn.inference.ensemble import Ensemble
from atm_gcn.inference.sources import Source
from atm_gcn.inference.spotting.spotting import STRIDE_SECONDS
from atm_gcn.training.devices.device import choose_device


def predict_video(
    source: str | Path,
    model: str | Path,
    *,
    face: str | None = None,
    face_choice: str | int | None = None,
    face_detector: str | None = None,
    onset: int | None = None,
    apex: int | None = None,
    offset: int | None = None,
    fps: float | None = None,
    apex_rule: str | None = None,
    spot: bool | None = None,
    stride: float = STRIDE_SECONDS,
    device: str = "auto",
    build_model: Builder | None = None,
    seeds: int | None = None,
) -> dict[str, Any]:
    """Predict a recording as ``atm-gcn predict SOURCE --model MODEL --json`` does, and return what that prints.

    A recording that is longer than a clip may be is searched for brief movements, and each is classified. Of a run, the
    models that were not trained on the recording predict it; see :mod:`~atm_gcn.inference.model_choice`.

    Args:
        source: Video file or folder of frames.
        model: Folder of a run or of a fold, or a checkpoint.
        face: ``"align"`` to align to the face, ``"crop"`` to crop to it, ``"none"`` for whole pictures; None for what
            was done in training.
        face_choice: Which face of several is meant, as ``data.face_choice``; None for what was meant in training.
        face_detector: ``"mtcnn"``, ``"haar"`` or the ONNX file of a YuNet; None for that of training.
        onset: Frame number of the neutral face.
        apex: Frame number of the strongest movement.
        offset: Frame number of the last frame.
        fps: Frames per second; None for what the video states.
        apex_rule: ``"max-motion"`` or ``"middle"``, how to find the apex without ``apex``.
        spot: Whether to search for brief movements; None to search recordings that are longer than a clip may be.
        stride: Length in seconds of each regular window while spotting; 0 for none.
        device: ``"auto"``, ``"cpu"``, ``"cuda"``, ...
        build_model: Builder of the models, unless they are the library's own; see :mod:`atm_gcn.building`.
        seeds: Of a run with several seeds, the number of seeds, from the first, whose models are averaged; None for
            all.

    Returns:
        The keys of :class:`~atm_gcn.inference.prediction.Prediction` and ``format``: ``predicted``, ``probabilities``
        by class, ``movements``, ``models``, ``reliability`` and more.

    Raises:
        ATMGCNError: If the recording or the model cannot be read, or no face is found in it.
    """
    given = {"face": face, "face_choice": face_choice, "face_detector": face_detector, "apex": apex_rule}
    data = {key: value for key, value in given.items() if value is not None}
    frames = {"onset": onset, "apex": apex, "offset": offset}
    options = PredictOptions(data, frames, fps, spot, stride)
    ensemble = Ensemble.open(model, build_model, seeds)
    (outcome,) = predict_many(ensemble, [Source("recording", str(source))], choose_device(device, "device"), options)
    if outcome.error is not None:
        raise outcome.error
    return outcome.predictions[0].to_dict()
