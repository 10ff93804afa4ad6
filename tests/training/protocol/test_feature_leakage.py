"""Equal and nearly equal features of two people are found, and chance is not."""

import numpy as np
import pytest
import torch

from atm_gcn import ATMGCNError
from atm_gcn.config import DataConfig
from atm_gcn.data import from_dataset
from atm_gcn.training import cross_validate
from atm_gcn.training.protocol.feature_matching import equal_clips, shared_rows
from atm_gcn.training.protocol.leakage import ties_of
from tests.sequences import feature_clips, feature_config

PEOPLE = ["a", "b"]
RNG = np.random.default_rng(0)
CLIP = RNG.normal(size=(12, 5)).astype(np.float32)
OTHER = RNG.normal(size=(9, 5)).astype(np.float32)


def pairs(*clips, people=PEOPLE):
    clips = [np.asarray(clip, dtype=np.float32) for clip in clips]
    return [(one.first, one.second) for one in (*equal_clips(clips, people), *shared_rows(clips, people))]


COPIES = {
    "whole": CLIP,
    "excerpt": CLIP[3:9],
    "thinned": CLIP[::2],
    "with other frames around it": np.concatenate([OTHER[:5], CLIP[2:11]]),
    "rounded": CLIP.round(4),
    "noisy": CLIP * (1 + 1e-4 * RNG.normal(size=CLIP.shape)),
    "half precision": CLIP.astype(np.float16),
}


@pytest.mark.parametrize("copy", COPIES.values(), ids=list(COPIES))
def test_copies(copy):
    found = pairs(CLIP, copy)
    assert found and set(found) == {(0, 1)}
    assert pairs(CLIP, copy, people=["a", "a"]) == []


def test_clips_of_different_people_and_few_values():
    assert pairs(CLIP, OTHER) == []
    assert pairs(np.zeros((6, 4)), np.zeros((6, 4))) == []  # padding
    people = [f"s{number}" for number in range(20)]
    units = [RNG.integers(0, 2, (12, 3)) for _ in people]  # action units that are there or not
    assert pairs(*units, people=people) == []
    scalars = [RNG.normal(size=(10, 1)) for _ in people]
    assert pairs(*scalars, people=people) == []
    assert pairs(*scalars, scalars[3], people=[*people, "other"])[0] == (3, 20)
    landmarks = [1000 + RNG.normal(size=(10, 6)) for _ in people]
    assert pairs(*landmarks, people=people) == []
    assert (3, 20) in pairs(*landmarks, landmarks[3].round(3), people=[*people, "other"])
    started = [np.concatenate([np.eye(1, 5), RNG.normal(size=(9, 5))]) for _ in people]  # one neutral row in common
    assert pairs(*started, people=people) == []


def test_a_run_refuses_them():
    clips = feature_clips()
    clips[4].x = clips[0].x * 1.00001
    clips[4].global_index = torch.tensor([1])
    with pytest.raises(
        ATMGCNError, match=r"data/s1/c1 trains .*rows of features of one are in the other, exactly or near"
    ):
        cross_validate(clips, config=feature_config())
    cross_validate(clips, config=feature_config(), overrides=["data.similar_pictures=distinct"])
    clips[4].x = clips[0].x.clone()
    with pytest.raises(ATMGCNError, match=r"their features are the same; correct the subjects or leave one"):
        cross_validate(clips, config=feature_config(), overrides=["data.similar_pictures=distinct"])


def test_ids_that_look_alike():
    clips = feature_clips()
    for clip in clips[:3]:
        clip.subject = "S1"
    with pytest.raises(
        ATMGCNError, match="data/S1 and data/s1 look like one person; give both the same subject if they"
    ):
        cross_validate(clips, config=feature_config())
    assert ties_of(from_dataset(clips), DataConfig(similar_subjects="distinct")) == []
    labels = [clip.clone() for clip in feature_clips()]
    for number, clip in enumerate(labels):
        del clip.y
        clip.label = ("Up", "up", "down")[number % 3]
    with pytest.raises(
        ATMGCNError, match=r"the data: the classes .* look like one; if they are, give both the same label"
    ):
        cross_validate(labels, config=feature_config())
