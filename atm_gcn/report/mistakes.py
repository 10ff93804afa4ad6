"""The worst mistakes of a run, with pictures of the clips and the models' attention."""

import base64
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from atm_gcn.data import FrameStore
from atm_gcn.errors import ATMGCNError
from atm_gcn.terminal.progress import track
from atm_gcn.training.results.predictions import Prediction
from atm_gcn.training.results.run_record import StoreRecord

if TYPE_CHECKING:
    from atm_gcn.building import Builder

SIDE = 160  # pixels of a thumbnail
FLOW = "optical flow at the apex"


@dataclass(frozen=True)
class Mistake:
    """A clip of which a wrong class was predicted.

    Args:
        clip: Its key.
        label: Its true class.
        predicted: The predicted class.
        probabilities: By class, mean over the seeds.
        pictures: Caption and ``data:`` URL of each picture; empty without the frames.
    """

    clip: str
    label: str
    predicted: str
    probabilities: dict[str, float]
    pictures: list[tuple[str, str]] = field(default_factory=list)

    @property
    def margin(self) -> float:
        """Probability of the predicted class minus that of the true class, in (0, 1]."""
        return self.probabilities[self.predicted] - self.probabilities[self.label]


def worst_mistakes(predictions: Sequence[Prediction], class_names: list[str], count: int) -> list[Mistake]:
    """The mistakes with the largest margin, the worst first.

    Args:
        predictions: Of all folds and seeds; probabilities are averaged over seeds.
        class_names: In the order of the probabilities.
        count: Number of mistakes, at most.
    """
    mistakes = []
    for clip, label, mean in rows_by_clip(predictions):
        predicted = class_names[int(np.argmax(mean))]
        if predicted != label:
            mistakes.append(Mistake(clip, label, predicted, dict(zip(class_names, mean, strict=True))))
    return sorted(mistakes, key=lambda mistake: -mistake.margin)[:count]


def rows_by_clip(predictions: Sequence[Prediction]) -> list[tuple[str, str, list[float]]]:
    """Key, label and probabilities of every clip, these as means over the seeds."""
    by_clip = defaultdict(list)
    for row in predictions:
        by_clip[row.clip].append(row)
    return [
        (clip, rows[0].label, np.mean([row.probabilities for row in rows], axis=0).tolist())
        for clip, rows in by_clip.items()
    ]


def with_pictures(
    mistakes: Sequence[Mistake],
    run: Path,
    stores: Sequence[FrameStore],
    build_model: "Builder | None" = None,
    peer_reads: str | None = None,
) -> list[Mistake]:
    """Add onset, apex and the attention of the first block at the apex, by the model that held the clip out.

    Args:
        mistakes: Mistakes of the run.
        run: Folder of the run.
        stores: The clips.
        build_model: Builder of the models, unless they are the library's own.
        peer_reads: ``"frames"`` or ``"flow"`` if the models are peers, which have no explanations.

    Raises:
        ATMGCNError: If a store or a model does not fit.
    """
    drawn = []
    store_of = {stored.clip.key: store for store in stores for stored in store.clips}
    for mistake in track(mistakes, "mistakes drawn"):
        store = store_of.get(mistake.clip)
        if store is None:  # only one of the stores of the run was named
            drawn.append(mistake)
            continue
        if peer_reads is None:
            pictures = _explained_pictures(run, store, mistake.clip, build_model)
        else:
            pictures = _stored_pictures(store, mistake.clip, peer_reads != "frames")
        drawn.append(replace(mistake, pictures=[(caption, _data_url(picture)) for caption, picture in pictures]))
    return drawn


def open_stores(record: StoreRecord, path: Path | None = None) -> list[FrameStore]:
    """Open the frame stores of a run.

    Args:
        record: The run's record of them.
        path: Where the only one is now; None for where they were.

    Raises:
        ATMGCNError: If one is gone, was changed or holds features, or the run was trained on another one.
    """
    if path is None:
        opened = [store.located(0)[0] for store in record.open()]
    else:
        opened = [FrameStore.open(path)]
        if opened[0].checksum not in {record.checksum, *(origin.checksum for origin in record.origins)}:
            raise ATMGCNError(f"{path}: is not the frame store that the run was trained on; name that one with --store")
    stores = [store for store in opened if isinstance(store, FrameStore)]
    if len(stores) < len(opened):
        raise ATMGCNError("the clips are features that were computed beforehand")
    return stores


def _stored_pictures(store: FrameStore, clip: str, with_flow: bool) -> list[tuple[str, np.ndarray]]:
    from atm_gcn.explain.explained_clip import unit_of

    place = next(place for place, stored in enumerate(store.clips) if stored.clip.key == clip)
    apex, frames, seconds = store.clips[place].apex_position, store.read(place), store.seconds(place)
    caption = f"apex, {1000 * (seconds[apex] - seconds[0]):.0f} ms"
    pictures = [("onset", frames[0]), (caption, frames[apex])]
    return [*pictures, _flow_picture(store.flow(place)[apex], unit_of(store.config))] if with_flow else pictures


def _flow_picture(flow: np.ndarray, unit: str) -> tuple[str, np.ndarray]:
    from atm_gcn.explain.flow_scale import FlowScale

    scale = FlowScale.of(flow[None])
    return f"{FLOW}, up to {scale.reach:.2g} {unit}".rstrip(), scale.flow_picture(flow)


def _explained_pictures(
    run: Path, store: FrameStore, clip: str, build_model: "Builder | None"
) -> list[tuple[str, np.ndarray]]:
    import torch  # a slow import, which a page without pictures does not need

    from atm_gcn.explain import explain_stored_clip
    from atm_gcn.explain.attention_scale import attention_scale

    explained = explain_stored_clip(run, store, clip, torch.device("cpu"), build_model)
    apex, times = explained.apex, explained.milliseconds
    caption = "apex" if times is None else f"apex, {times[apex]:.0f} ms"
    pictures = [("onset", explained.frames[0]), (caption, explained.frames[apex])]
    if explained.explanation.attention_maps:
        maps = explained.attention(block=1)
        pictures.append(("attention at the apex", explained.overlay(maps, apex, attention_scale(maps))))
    if explained.flow is not None:
        pictures.append(_flow_picture(explained.flow[apex - 1], explained.flow_unit))
    return pictures


def flow_key() -> str:
    """The colour wheel of optical flow, as a ``data:`` URL."""
    from atm_gcn.media.optical_flow.colours import colour_wheel

    return _data_url(colour_wheel(SIDE))


def _data_url(picture: np.ndarray) -> str:
    from atm_gcn.media.heatmaps import jpeg_bytes
    from atm_gcn.media.resizing import shrink

    return "data:image/jpeg;base64," + base64.b64encode(jpeg_bytes(shrink(picture, SIDE))).decode()
