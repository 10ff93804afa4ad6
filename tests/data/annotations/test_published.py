"""The published tables themselves, where a copy lies beside the checkout."""

from collections import Counter
from pathlib import Path

import pytest

from atm_gcn.data.annotations import read_annotations
from atm_gcn.data.annotations.spec import COMPOSITE_COUNTS, SPECS
from atm_gcn.data.labels import SCHEMES, apply_scheme, emotion_of

CHECKOUT = Path(__file__).parents[3]
PLACES = [place / "shared" / "data" / "annotations" for place in (CHECKOUT, CHECKOUT.parent)]
TABLES = next((place for place in PLACES if place.is_dir()), None)
pytestmark = pytest.mark.skipif(TABLES is None, reason="no copy of the published tables beside the checkout")


@pytest.mark.parametrize(("dataset", "clips", "subjects"), [("casme2", 255, 26), ("samm", 159, 29), ("smic", 164, 16)])
def test_coding_tables(dataset, clips, subjects):
    read, problems = read_annotations(dataset, TABLES / f"{dataset}-coding.csv")
    spec = SPECS[dataset]
    assert len(read) == len({clip.key for clip in read}) == clips == spec.clips
    assert Counter(clip.subject for clip in read) == spec.clips_of_subjects
    assert len(spec.clips_of_subjects) == subjects == spec.published.subjects
    assert Counter(emotion_of(clip.emotion) for clip in read) == spec.published.emotions
    assert all(problem.action == "kept" for problem in problems)
    assert all(clip.onset <= clip.apex <= clip.offset for clip in read)


@pytest.mark.parametrize(
    ("scheme", "counts"),
    [
        ("casme2-5", {"happiness": 32, "disgust": 63, "repression": 27, "surprise": 28, "others": 99}),
        ("casme2-3", {"negative": 90, "positive": 32, "surprise": 28}),
        ("samm-5", {"anger": 57, "happiness": 26, "contempt": 12, "surprise": 15, "others": 26}),
        ("samm-5-paper", {"anger": 57, "happiness": 26, "surprise": 15, "sadness": 6, "others": 26}),
        ("samm-3", {"negative": 92, "positive": 26, "surprise": 15}),
        ("smic-3", {"negative": 70, "positive": 51, "surprise": 43}),
    ],
)
def test_classes(scheme, counts):
    (dataset,) = SCHEMES[scheme].datasets
    clips = read_annotations(dataset, TABLES / f"{dataset}-coding.csv")[0]
    labelled, left_out = apply_scheme(clips, scheme)
    assert Counter(clip.label for clip in labelled) == counts
    assert len(left_out) == len(clips) - sum(counts.values())


def test_composite_leaves_nobody_unmatched():
    clips, problems = read_annotations("composite", TABLES / "composite-3class.csv")
    assert len(clips) == 442
    assert Counter(clip.label for clip in clips) == COMPOSITE_COUNTS
    assert Counter(clip.dataset for clip in clips) == {"smic": 164, "casme2": 145, "samm": 133}
    assert Counter(key.partition("/")[0] for key in {clip.subject_key for clip in clips}) == {
        "smic": 16,
        "casme2": 24,
        "samm": 28,
    }
    assert all(clip.onset < clip.offset and clip.emotion for clip in clips)
    assert all(problem.action == "kept" for problem in problems)


def test_what_is_odd_is_noted():
    casme2 = read_annotations("casme2", TABLES)[1]
    assert [(p.row, p.clip) for p in casme2] == [(47, "casme2/sub05/EP09_05f")]
    assert read_annotations("samm", TABLES)[1] == []
    assert ["computed" in problem.kind for problem in read_annotations("smic", TABLES)[1]] == [True]
