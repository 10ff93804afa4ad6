"""Emotions to classes."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from atm_gcn.data.clip import Clip
from atm_gcn.data.labels import DEFAULT_SCHEMES, SCHEMES, SPELLINGS, apply_scheme, emotion_of
from atm_gcn.errors import ATMGCNError

OF_UNITS = [name for name in SCHEMES if "-units" in name]


def clip(dataset: str, emotion: str, label: str = "") -> Clip:
    return Clip(dataset, "1", emotion, 1, 2, 3, 200.0, emotion=emotion, label=label)


@pytest.mark.parametrize(
    ("text", "emotion"),
    [
        ("Happy", "happiness"),
        ("happiness", "happiness"),
        (" Others ", "others"),
        ("Other", "others"),
        ("sad", "sadness"),
    ],
)
def test_spellings(text, emotion):
    assert emotion_of(text) == emotion
    assert emotion_of(f"{text}x") == ""


def test_every_emotion_of_a_scheme_exists_and_has_one_class():
    for scheme in SCHEMES.values():
        emotions = Counter(emotion for members in scheme.classes.values() for emotion in members)
        assert set(emotions) <= set(SPELLINGS)
        assert set(emotions.values()) == (set() if scheme.of_any_emotion else {1})


@pytest.mark.parametrize("scheme", [name for name in SCHEMES if name not in OF_UNITS])
def test_number_of_classes_is_in_the_name(scheme):
    assert len(SCHEMES[scheme].classes) == int(scheme.split("-")[1])


@pytest.mark.parametrize("scheme", OF_UNITS)
def test_a_scheme_for_action_units_leaves_nothing_out(scheme):
    (dataset,) = SCHEMES[scheme].datasets
    clips = [clip(dataset, emotion) for emotion in ("happy", "others", "", "nonsense")]
    labelled, left_out = apply_scheme(clips, scheme)
    assert [one.label for one in labelled] == ["any"] * 4 and not left_out
    macro = [replace(one, kind="macro") for one in clips]
    assert len(apply_scheme(macro, scheme)[0]) == (4 if scheme.endswith("-both") else 0)


def test_defaults_exist():
    assert set(DEFAULT_SCHEMES.values()) <= set(SCHEMES)


@pytest.mark.parametrize(
    ("scheme", "dataset", "labels"),
    [
        ("casme2-3", "casme2", {"disgust": "negative", "repression": "negative", "happiness": "positive", "fear": ""}),
        ("samm-3", "samm", {"Contempt": "negative", "Fear": "negative", "Happiness": "positive", "Other": ""}),
        ("samm-5", "samm", {"Contempt": "contempt", "Sadness": "", "Other": "others"}),
        ("samm-5-paper", "samm", {"Contempt": "", "Sadness": "sadness", "Other": "others"}),
        ("casme3-7", "casme3", {"happy": "happiness", "sad": "sadness", "others": "others"}),
        ("casme3-3", "casme3", {"happy": "positive", "sad": "negative", "surprise": "surprise", "others": ""}),
        ("casme3-4", "casme3", {"happy": "positive", "sad": "negative", "others": "others", "": ""}),
    ],
)
def test_mapping(scheme, dataset, labels):
    labelled, left_out = apply_scheme([clip(dataset, emotion) for emotion in labels], scheme)
    assert {one.emotion: one.label for one in labelled} == {key: label for key, label in labels.items() if label}
    assert [one.emotion for one in left_out] == [key for key, label in labels.items() if not label]


def test_composite_takes_the_published_class():
    clips = [clip("casme2", "disgust", "surprise"), clip("smic", "negative")]
    labelled, left_out = apply_scheme(clips, "composite-3")
    assert labelled == clips[:1]
    assert left_out == clips[1:]


def test_wrong_scheme():
    with pytest.raises(ATMGCNError, match=r"scheme must be casme-4, .*, not 'casme2-9'; did you mean 'casme2-"):
        apply_scheme([], "casme2-9")
    with pytest.raises(ATMGCNError, match="casme2-5 is for casme2, but clip samm/1/fear is not"):
        apply_scheme([clip("samm", "fear")], "casme2-5")


def test_the_documented_table_is_the_one_in_code():
    page = Path(__file__).parents[2] / "docs" / "datasets" / "README.md"
    documented: dict[str, dict[str, tuple[str, ...]]] = {}
    name = ""
    table = page.read_text(encoding="utf-8").partition("| scheme | class | emotions |")[2]
    for line in table.splitlines()[2:]:
        if not line.startswith("|"):
            break
        scheme, label, emotions = (cell.strip(" `") for cell in line.strip("|").split("|"))
        name = scheme or name
        documented.setdefault(name, {})[label] = tuple(emotions.split(", "))
    assert set(documented) == set(SCHEMES)
    for name, scheme in SCHEMES.items():
        assert scheme.published or scheme.of_any_emotion or documented[name] == scheme.classes
