"""A small frame store whose clips have action units, and a model for it."""

from dataclasses import replace
from pathlib import Path

from atm_gcn.config import DataConfig, RunConfig
from atm_gcn.data import Clip, FrameStore, prepare
from tests.runs import SIZE, tiny_clips, tiny_config

UNITS = {"down": "17", "left": "4+L10", "still": "none"}
"""The action units of each class of :func:`~tests.runs.tiny_clips`."""


def unit_clips(path: Path, subjects: int = 3, dataset: str = "tiny") -> list[Clip]:
    """Clips of which two classes move, each with units of its own."""
    clips = tiny_clips(path, subjects)
    return [replace(clip, dataset=dataset, action_units=UNITS[clip.label]) for clip in clips]


def store_of(clips: list[Clip], path: Path) -> FrameStore:
    """A frame store of clips."""
    return prepare(clips, path, DataConfig(size=SIZE))


def unit_config(**train) -> RunConfig:
    """Settings of a small model of the units that two clips of a fold have."""
    config = tiny_config(**{"least_unit_clips": 2, "class_weights": "balanced", **train})
    return config.merge({"model": {"task": "action-units"}})
