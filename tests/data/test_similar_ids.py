"""Clips whose ids are similar: refused, respelled, or kept apart."""

from dataclasses import replace

import pytest

from atm_gcn.config import DataConfig
from atm_gcn.data import prepare
from atm_gcn.data.clip import Clip
from atm_gcn.data.similar_ids import resolve_similar_ids, respell_similar
from atm_gcn.errors import ATMGCNError
from tests.data.recordings import three_clips


def clip(subject: str, name: str, label: str = "x", dataset: str = "d") -> Clip:
    return Clip(dataset, subject, name, 0, 4, 9, 30.0, label=label)


CLIPS = [clip("S01", "1"), clip("s01", "2"), clip("s01", "3"), clip("b", "1"), clip("s01", "4", dataset="e")]


def test_nothing_looks_alike_where_ids_differ():
    clips = [clip("1", "1", "-1"), clip("2", "1", "1"), clip("11", "1", "0")]
    assert respell_similar(clips, DataConfig()) == (clips, [])


def test_two_spellings_are_refused_with_both_clips():
    message = r"clip d/S01/1: subject 'S01' looks like 's01' of clip d/s01/2: if both mean one person, write them alike"
    with pytest.raises(ATMGCNError, match=message):
        resolve_similar_ids(CLIPS, DataConfig())


def test_the_usual_spelling_is_used_for_the_same():
    clips = resolve_similar_ids(CLIPS, DataConfig(similar_subjects="same"))
    assert [one.subject_key for one in clips] == ["d/s01", "d/s01", "d/s01", "d/b", "e/s01"]


def test_spellings_are_kept_apart():
    assert resolve_similar_ids(CLIPS, DataConfig(similar_subjects="distinct")) == CLIPS


def test_subjects_of_two_datasets_are_different_people():
    assert respell_similar([clip("s01", "1"), clip("S01", "1", dataset="e")], DataConfig())[1] == []


def test_datasets_are_compared_before_their_subjects():
    clips = [clip("a", "1", dataset="Mine"), clip("a", "2", dataset="mine"), clip("A", "3", dataset="mine")]
    _, found = respell_similar(clips, DataConfig())
    assert [(one.field, one.usual, one.other) for one in found] == [("dataset", "mine", "Mine"), ("subject", "a", "A")]
    assert {one.subject_key for one in resolve_similar_ids(clips, DataConfig(similar_subjects="same"))} == {"mine/a"}


def test_two_clips_do_not_come_to_one_name():
    clips = [clip("s01", "1"), clip("S01", "1")]
    with pytest.raises(ATMGCNError, match="clip d/S01/1: there is another clip d/s01/1; give it another name"):
        resolve_similar_ids(clips, DataConfig(similar_subjects="same"))


def test_labels_have_a_setting_of_their_own():
    clips = [clip("a", "1", "Positive"), clip("b", "1", "positive"), clip("c", "1", "positive")]
    with pytest.raises(ATMGCNError, match=r"label 'Positive' looks like 'positive' of clip d/b/1: .* one class"):
        resolve_similar_ids(clips, DataConfig(similar_subjects="same"))
    assert {one.label for one in resolve_similar_ids(clips, DataConfig(similar_labels="same"))} == {"positive"}
    assert {
        one.label for one in resolve_similar_ids(clips, DataConfig(similar_labels="same", classes=["Positive"]))
    } == {"Positive"}
    assert resolve_similar_ids(clips, DataConfig(similar_labels="distinct")) == clips


def test_no_store_is_made_of_clips_with_unresolved_ids(tmp_path):
    first, second, third = three_clips(tmp_path)
    clips = [first, replace(second, subject="P1"), third]
    with pytest.raises(ATMGCNError, match="subject 'P1' looks like 'p1' of clip own/p1/a"):
        prepare(clips, tmp_path / "store", DataConfig(size=16))
    assert not (tmp_path / "store").exists()
    store = prepare(clips, tmp_path / "store", DataConfig(size=16, similar_subjects="same"))
    assert store.subjects == ["own/p1", "own/p2"]
    assert store.meta["config"]["similar_subjects"] == "same"
    with pytest.raises(ATMGCNError, match="made with similar_subjects=same, where similar_subjects=distinct is asked"):
        prepare(clips, tmp_path / "store", DataConfig(size=16, similar_subjects="distinct"))
