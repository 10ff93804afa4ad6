"""Classification of spotted intervals by models that were not trained on the person."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch_geometric.data import Data

from atm_gcn.config import DataConfig
from atm_gcn.data.clip_pictures import ClipPictures
from atm_gcn.data.unannotated import RawClip, clip_from_source
from atm_gcn.errors import ATMGCNError
from atm_gcn.inference.ensemble import Ensemble, data_of
from atm_gcn.inference.sources.recording_clip import flow_of
from atm_gcn.spotting.held_out.folds import SpottingFold
from atm_gcn.spotting.layout import RECOGNISED, read_part, write_part
from atm_gcn.spotting.long_videos import LongVideo

log = logging.getLogger(__name__)


def recognise_fold(
    fold: SpottingFold,
    spotted: dict[str, Any],
    videos: Sequence[LongVideo],
    folder: Path,
    digest: str,
    device: torch.device,
) -> dict[str, Any]:
    """Classify the intervals that a spotter found, or read what was predicted before.

    Args:
        fold: Whose classifier is used.
        spotted: Of :func:`~atm_gcn.spotting.held_out.spotters.spot_fold`.
        videos: All videos.
        folder: Folder of the fold.
        digest: Of the run.
        device: Device of the classifiers.

    Returns:
        ``classes``, and for each video of ``spotted`` ``probabilities``: those of every interval, None for one whose
        frames cannot be read as a clip.
    """
    done = read_part(folder / RECOGNISED, digest)
    if done is not None:
        return done
    ensemble = Ensemble.open(fold.model)
    config = ensemble.read_settings()
    by_place = {video.place: video for video in videos}
    rows = []
    for one in spotted["videos"]:
        video = by_place[one["subject"], one["video"]]
        moments = [(int(onset), int(apex), int(offset)) for onset, apex, offset, _ in one["intervals"]]
        read = [read_interval(video.source, config, each, video.fps) for each in moments]
        clips = [each[0] for each in read if each is not None]
        found = iter(ensemble.predict(clips, device).tolist() if clips else [])
        rows.append([None if each is None else next(found) for each in read])
    content = {
        "classes": ensemble.class_names,
        "videos": [
            {"subject": one["subject"], "video": one["video"], "probabilities": row}
            for one, row in zip(spotted["videos"], rows, strict=True)
        ],
    }
    return write_part(folder / RECOGNISED, content, digest)


def read_interval(
    source: str, config: DataConfig, moments: tuple[int, int, int], fps: float | None
) -> tuple[Data, ClipPictures, RawClip] | None:
    """The frames of an interval as the classifiers read them; None, with a warning, if they are no clip.

    Args:
        source: The recording.
        config: Settings by which the classifiers' clips were prepared.
        moments: Frame numbers of onset, apex and offset.
        fps: Frames per second of the recording; None for the rate that the file states.
    """
    try:
        pictures, raw = clip_from_source(source, config, *moments, fps)
    except ATMGCNError as error:
        log.warning("%s: frames %d to %d are left without a class: %s", source, moments[0], moments[2], error)
        return None
    landmarks = None if raw.face is None else raw.face.landmarks(config)
    data = data_of(pictures.frames, raw.apex_position, raw.positions, flow_of(pictures, config), landmarks)
    return data, pictures, raw
