"""Folds of spotting follow those of the classifiers, and leave nobody out."""

from pathlib import Path

import pytest

from atm_gcn.errors import ATMGCNError
from atm_gcn.spotting.held_out.folds import spotting_folds
from atm_gcn.spotting.long_videos import LongVideo, long_videos, micro_clips
from atm_gcn.training.protocol.tasks import tasks_of
from tests.runs import tiny_config

RECOGNITION = Path("recognition")


def test_a_person_without_clips_is_searched_too(long_store):
    clips = micro_clips(long_store)
    videos = [*long_videos(long_store), LongVideo("synth-long/s09", "s09", "s09.mp4", None, "")]
    folds = spotting_folds(tasks_of(tiny_config(), clips), clips, videos, RECOGNITION)
    assert [fold.test for fold in folds] == [(f"synth-long/s0{number}",) for number in (1, 2, 3, 9)]
    for fold in folds:
        assert sorted((*fold.train, *fold.test)) == [video.subject for video in videos]
    assert folds[3].model == RECOGNITION and folds[0].model.name == "model.safetensors"


def test_two_people_are_needed_to_choose_on(long_store):
    clips, videos = micro_clips(long_store), long_videos(long_store)
    config = tiny_config().merge({"train": {"protocol": {"kind": "kfold", "folds": 2}}})
    with pytest.raises(ATMGCNError, match="leaves 1 person to train on; spotting needs two or more"):
        spotting_folds(tasks_of(config, clips), clips, videos, RECOGNITION)
