"""Explanation of a recording or a stored clip, by the models that predict it.

The class and the probabilities are those of ``atm-gcn predict``: the mean of several models where no fold held the clip
out. What the models attend to is not averaged, since no model computes with such a mean and edge weights of opposite
sign would cancel. Explained is the model whose probabilities are nearest to the mean, among those that predict its
class, or the explained action unit as it does, if any does.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch_geometric.data import Data
from torch_geometric.loader import DataLoader

from atm_gcn.building import Builder, load_model
from atm_gcn.data import Clip, FrameStore, MERDataset
from atm_gcn.defaults import THRESHOLD
from atm_gcn.errors import ATMGCNError, either
from atm_gcn.explain.contributions import contributions
from atm_gcn.explain.edge_weights import edge_weight_summary
from atm_gcn.explain.explained_clip import ExplainedClip, unit_of
from atm_gcn.explanation import Explanation
from atm_gcn.inference.ensemble import Ensemble
from atm_gcn.inference.known_clips import Query
from atm_gcn.inference.reliability import describe_reliability, input_warnings
from atm_gcn.inference.sources.recording_clip import read_annotated, read_recording
from atm_gcn.inference.spotting import Candidate, is_searched, spot
from atm_gcn.inference.spotting.why_nothing import why_nothing
from atm_gcn.media.sources import Frame

log = logging.getLogger(__name__)

BATCH = 16  # clips of a run that are explained at once


def explain_recording(
    run: str | Path,
    source: str | Path,
    device: torch.device,
    settings: dict[str, Any] | None = None,
    build_model: Builder | None = None,
    spotting: bool | None = None,
    on_frame: Callable[[Frame], None] = lambda frame: None,
    annotated: Clip | None = None,
    unit: str | None = None,
    **frames: Any,
) -> ExplainedClip:
    """Explain a video or a folder of frames: as one clip, or the strongest brief movement in it.

    Args:
        run: Folder of a run or of a fold, or a checkpoint; see :mod:`~atm_gcn.inference.model_choice`.
        source: Video file or folder of frames.
        device: Device of the model.
        settings: Data settings that override the model's own, such as ``{"face": "crop"}``.
        build_model: Builder of the model, unless it is the library's own; see :mod:`atm_gcn.building`.
        spotting: Whether to search for brief movements; None to search recordings that are longer than a clip may be.
        on_frame: Called with every frame that is searched.
        annotated: The row of a manifest that names the source as one clip; ``spotting`` and ``frames`` do not apply.
        unit: Of a model of action units, the one to explain, such as ``"AU4"``; None for the most probable one.
        **frames: ``onset``, ``apex``, ``offset`` and ``fps`` of :func:`~atm_gcn.data.unannotated.clip_from_source`.

    Raises:
        ATMGCNError: If the source cannot be read, no movement is found in it, or there is no model.
    """
    ensemble = Ensemble.open(run, build_model)
    if annotated is None and is_searched(source, ensemble, spotting, frames, frames.get("fps")):
        ensemble = ensemble.for_source(source)
        ensemble.warn(source)
        return _explain_strongest(ensemble, source, device, settings, frames.get("fps"), on_frame, unit)
    if annotated is None:
        clip = read_recording(ensemble, source, settings, None, spotting is None, **frames)
    else:
        clip = read_annotated(ensemble, annotated, settings)
    clip.ensemble.warn(annotated.key if annotated else source)
    for note in clip.raw.notes:
        if note not in clip.warned:
            log.info("%s: %s", source, note)
    return ExplainedClip(
        name=annotated.key if annotated else str(source),
        frames=_pictures(clip.data),
        milliseconds=_milliseconds(clip.raw.seconds) if clip.raw.seconds else None,
        apex=clip.raw.apex_position,
        class_names=ensemble.class_names,
        label=ensemble.label_of(annotated) if annotated else None,
        warnings=tuple(clip.warnings),
        **_explain(clip.ensemble, clip.data, device, unit),
    )


def explain_stored_clip(
    run: str | Path,
    store: FrameStore,
    clip: str,
    device: torch.device,
    build_model: Builder | None = None,
    unit: str | None = None,
) -> ExplainedClip:
    """Explain one clip of a frame store.

    Args:
        run: Folder of a run or of a fold, or a checkpoint.
        store: The store.
        clip: The clip's key.
        device: Device of the model.
        build_model: Builder of the model, unless it is the library's own; see :mod:`atm_gcn.building`.
        unit: Of a model of action units, the one to explain; None for the most probable one.

    Raises:
        ATMGCNError: If the store has no such clip, or its clips do not fit the model.
    """
    place = next((i for i, stored in enumerate(store.clips) if stored.clip.key == clip), None)
    if place is None:
        raise ATMGCNError(f"{store.path}: has no clip {clip!r}; its first is {store.clips[0].clip.key!r}")
    stored = store.clips[place]
    ensemble = Ensemble.open(run, build_model)
    ensemble.check_store(store)
    ensemble = ensemble.for_query(Query.of_clip(stored.clip, stored.recording or None))
    ensemble.warn(clip)
    return ExplainedClip(
        name=clip,
        frames=np.asarray(store.read(place)),
        milliseconds=_milliseconds(store.seconds(place)),
        apex=stored.apex_position,
        class_names=ensemble.class_names,
        label=ensemble.label_of(stored.clip),
        warnings=tuple(input_warnings(ensemble, None, store.config)),
        **_explain(ensemble, MERDataset(store, ensemble.window, view=ensemble.view)[place], device, unit),
    )


def run_edge_weights(
    run: str | Path, store: FrameStore, device: torch.device, build_model: Builder | None = None
) -> dict[str, Any] | None:
    """:func:`~atm_gcn.explain.edge_weights.edge_weight_summary` over all clips of a frame store.

    A clip is explained by the models that predict it: those that held it out, or all of a run that does not know it.
    If they are several, their mean counts.

    Raises:
        ATMGCNError: If the clips do not fit the models.
    """
    ensemble = Ensemble.open(run, build_model)
    ensemble.check_store(store)
    summary = edge_weight_summary(_explanations(ensemble, store, device))
    return summary and summary | {"clips": len(store)}


def _explanations(ensemble: Ensemble, store: FrameStore, device: torch.device) -> Iterator[Explanation]:
    dataset = MERDataset(store, ensemble.window, view=ensemble.view)
    places: dict[Path, list[int]] = {}
    for place, stored in enumerate(store.clips):
        for file in ensemble.for_query(Query.of_clip(stored.clip, stored.recording or None)).files:
            places.setdefault(file, []).append(place)
    for file, clips in places.items():
        model = load_model(file, ensemble.build_model).model
        for batch in DataLoader(dataset[clips], batch_size=BATCH):
            yield explain_with(model, batch, device, file)


def _explain_strongest(
    ensemble: Ensemble,
    source: str | Path,
    device: torch.device,
    settings: dict[str, Any] | None,
    fps: float | None,
    on_frame: Callable[[Frame], None],
    unit: str | None,
) -> ExplainedClip:
    """Explain the brief movement whose motion is highest in multiples of the threshold."""
    strongest: list[tuple[Candidate, Data]] = []

    def keep(candidate: Candidate, clip: Data) -> None:
        if not strongest or candidate.strength > strongest[0][0].strength:
            strongest[:] = [(candidate, clip)]

    found = spot(ensemble, source, device, settings, fps, stride=0.0, on_frame=on_frame, on_clip=keep)
    if not strongest:
        raise ATMGCNError(
            f"{source}: no brief movement was found to explain: {why_nothing(found)}; select one with --onset and "
            "--offset, or read all of it as one clip with --one-clip"
        )
    candidate, clip = strongest[0]
    times = f"{candidate.onset_seconds:.2f} to {candidate.offset_seconds:.2f} s"
    count = len(found.candidates)
    which = f"the strongest of {count} brief movements" if count > 1 else "the only brief movement"
    frames = _pictures(clip)
    return ExplainedClip(
        name=f"{source}, {times}",
        frames=frames,
        milliseconds=1000 * (np.concatenate([[1.0], clip.pos.numpy()]) - 1) / found.rate,
        apex=int(clip.global_index) + 1,
        class_names=ensemble.class_names,
        label=None,
        movement=f"{which} in {found.seconds:.1f} s, frames {candidate.onset} to {candidate.offset}",
        warnings=tuple(found.warnings),
        **_explain(ensemble, clip, device, unit),
    )


def _explain(ensemble: Ensemble, data: Data, device: torch.device, unit: str | None) -> dict[str, Any]:
    """The fields of an :class:`ExplainedClip` that the models give."""
    check_unit(ensemble, unit)
    each = torch.cat(list(ensemble.predict_each([data], device)))  # [num_models, C]
    mean = sum(each, torch.zeros_like(each[0])) / len(each)  # added in the order of Ensemble.predict
    explained = ensemble.class_names.index(unit) if unit else int(mean.argmax())
    agree = each.argmax(dim=1) == mean.argmax()
    if ensemble.task == "action-units":
        agree = (each[:, explained] > THRESHOLD) == (mean[explained] > THRESHOLD)
    distance = (each - mean).abs().sum(dim=1).where(agree | ~agree.any(), torch.inf)
    file = ensemble.files[int(distance.argmin())]
    several = len(ensemble.files) > 1
    model = load_model(file, ensemble.build_model).model
    explanation = explain_with(model, data, device, file)
    of_unit: dict[str, Any] = {"task": ensemble.task}
    if ensemble.task == "action-units":
        maps, evidence = contributions(model.eval(), data.to(device), explained)
        of_unit |= {"unit": ensemble.class_names[explained], "contributions": maps, "evidence": evidence}
    return {
        **of_unit,
        "explanation": explanation,
        "flow": None if explanation.flow_magnitude is None else data.flow.permute(0, 2, 3, 1).cpu().numpy(),
        "flow_unit": unit_of(ensemble.data),
        "model": ensemble.choice.reason,
        "mean": mean.numpy(),
        "explained_model": ensemble.name_of(file) if several else "",
        "reliability": describe_reliability(ensemble)["text"],
    }


def check_unit(ensemble: Ensemble, unit: str | None) -> None:
    """Make sure that models predict an action unit.

    Raises:
        ATMGCNError: If they do not.
    """
    if unit is None:
        return
    if ensemble.task != "action-units":
        raise ATMGCNError(
            f"--unit is for models of action units, and those of {ensemble.path} predict classes; leave it out"
        )
    if unit not in ensemble.class_names:
        raise ATMGCNError(f"--unit must be {either(ensemble.class_names)}, not {unit!r}")


def explain_with(model: nn.Module, data: Data, device: torch.device, file: Path) -> Explanation:
    """The explanation of a clip or a batch of clips by a model, on the CPU.

    Raises:
        ATMGCNError: If the model, which ``file`` holds, has no method ``explain``.
    """
    explain: Callable[[Data], Explanation] | None = getattr(model.to(device), "explain", None)
    if explain is None:
        raise ATMGCNError(
            f"{file}: cannot be explained: {type(model).__name__} has no method explain(batch), as ATM-GCN has"
        )
    return explain(data.to(device)).cpu()


def _pictures(clip: Data) -> np.ndarray:
    """All frames of a clip, the onset first, uint8 RGB ``[L, H, W, 3]``."""
    return torch.cat([clip.onset_frame, clip.frames]).permute(0, 2, 3, 1).cpu().numpy()


def _milliseconds(seconds: Sequence[float] | np.ndarray) -> np.ndarray:
    """Times since the onset."""
    return 1000 * (np.asarray(seconds) - seconds[0])
