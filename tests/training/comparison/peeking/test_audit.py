"""Readings of a run that are not scores, and their tables and figure."""

import csv
import io
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from atm_gcn.errors import ATMGCNError
from atm_gcn.metrics import per_subject_mean, scores
from atm_gcn.training.comparison.peeking import table as peeking_table
from atm_gcn.training.comparison.peeking.audit import FoldEpochs, audit, points_added, present_class_scores
from atm_gcn.training.comparison.peeking.figure import draw_peeking, peeking_figure
from tests.training.comparison.builders import LONG, picture, texts_that_collide


def fold(subject, true, predicted, seed=0):
    return FoldEpochs(subject, [subject] * len(true), np.array(true), np.array(predicted), seed)


def drawn(seed=0, seeds=2, subjects=5, epochs=4, classes=3):
    """Folds of random predictions; the same clips for every seed."""
    rng = np.random.default_rng(seed)
    true = [rng.integers(0, classes, size) for size in rng.integers(1, 8, subjects)]
    return [
        fold(f"s{i}", own, rng.integers(0, classes, (epochs, len(own))), number)
        for number, (i, own) in product(range(seeds), enumerate(true))
    ]


def pooled(folds, epochs, classes=3):
    true = np.concatenate([one.true for one in folds])
    return scores(true, np.concatenate([one.predicted[e] for one, e in zip(folds, epochs, strict=True)]), classes)


BY_HAND = [fold("a", [0, 1], [[0, 1], [0, 0], [1, 1]]), fold("b", [0, 0], [[1, 1], [0, 0], [1, 1]])]


def test_by_hand():
    """UF1 of epochs 1 to 3 is 1/2, 3/7 and 1/5; each fold has an epoch with all of its clips right."""
    found = audit(BY_HAND, 2)
    assert found.honest == pytest.approx({"uf1": (0 + 2 / 5) / 2, "uar": (0 + 1) / 2, "acc": 1 / 4})
    assert found.best_epoch_of_all == pytest.approx({"uf1": 1 / 2, "uar": (1 / 3 + 1) / 2, "acc": 2 / 4})
    assert found.best_epoch_per_subject == {"uf1": 1, "uar": 1, "acc": 1}
    assert found.mean_over_subjects_best_epoch["uf1"] == pytest.approx((1 + 0.5) / 2)  # b has clips of one class only
    assert found.present_classes_best_epoch["uf1"] == 1
    assert found.best_seed is None and found.everything == found.present_classes_best_epoch


def test_best_epoch_by_brute_force():
    for number in range(20):
        folds = drawn(number, seeds=1)
        found, last = audit(folds, 3), [3] * 5
        by_epoch = [pooled(folds, [epoch] * 5).uf1 for epoch in range(4)]
        assert found.honest["uf1"] == by_epoch[3]
        assert found.best_epoch_of_all["uf1"] == pytest.approx(max(by_epoch))
        accuracy = max(pooled(folds, epochs).acc for epochs in product(range(4), repeat=5))
        assert found.best_epoch_per_subject["acc"] == pytest.approx(accuracy)
        true, subjects = (np.concatenate([getattr(one, key) for one in folds]) for key in ("true", "subjects"))
        predicted = np.concatenate([one.predicted[e] for one, e in zip(folds, last, strict=True)])
        assert found.mean_over_subjects == pytest.approx(per_subject_mean(true, predicted, subjects, 3))


def test_the_first_of_equally_good_epochs_is_taken():
    ties = [fold("a", [0, 1], [[0, 0], [1, 1], [1, 0]]), fold("b", [0], [[0], [0], [0]])]
    assert audit(ties, 2).best_epoch_per_subject["uf1"] == pytest.approx(pooled(ties, [0, 0], 2).uf1)


def test_seeds_are_averaged_or_chosen():
    folds = drawn(3, seeds=3)
    each = [audit([one for one in folds if one.seed == seed], 3) for seed in range(3)]
    found = audit(folds, 3)
    for name in ("honest", "best_epoch_of_all", "present_classes"):
        assert getattr(found, name)["uf1"] == pytest.approx(np.mean([getattr(one, name)["uf1"] for one in each]))
    assert found.best_seed == max((one.honest for one in each), key=lambda values: values["uf1"])
    assert found.everything["uf1"] == max(one.present_classes_best_epoch["uf1"] for one in each)


def test_choosing_never_lowers_what_is_chosen_by():
    for number in range(20):
        found = audit(drawn(number), 3)
        assert found.honest["uf1"] <= found.best_epoch_of_all["uf1"] + 1e-12
        assert found.honest["uf1"] <= found.best_seed["uf1"] + 1e-12
        assert found.honest["acc"] <= found.best_epoch_per_subject["acc"] + 1e-12
        assert found.mean_over_subjects["uf1"] <= found.present_classes["uf1"] + 1e-12


def test_the_order_of_clips_and_folds_is_nothing():
    folds, rng, mixed = drawn(7), np.random.default_rng(0), []
    for one in folds:
        order = rng.permutation(len(one.true))
        mixed.append(replace(one, true=one.true[order], predicted=one.predicted[:, order]))
    rng.shuffle(mixed)
    for name, values in audit(folds, 3).readings.items():
        assert audit(mixed, 3).readings[name] == pytest.approx(values), name


def test_a_fold_that_ended_earlier_keeps_its_last_epoch():
    short = [BY_HAND[0], replace(BY_HAND[1], predicted=BY_HAND[1].predicted[:2])]
    padded = [BY_HAND[0], replace(BY_HAND[1], predicted=BY_HAND[1].predicted[[0, 1, 1]])]
    assert audit(short, 2) == audit(padded, 2)


def test_subjects_of_one_fold_are_averaged_on_their_own():
    both = FoldEpochs(
        "k", ["a", "a", "b", "b"], np.array([0, 1, 0, 0]), np.concatenate([one.predicted for one in BY_HAND], axis=1)
    )
    assert audit([both], 2).mean_over_subjects == audit(BY_HAND, 2).mean_over_subjects


def test_classes_that_do_not_occur_are_left_out():
    confusion = np.array([[2, 0, 1], [0, 0, 0], [0, 0, 0]])  # class 2 is only predicted, class 1 does not occur
    assert present_class_scores(confusion) == pytest.approx([0.8 / 2, 2 / 3, 2 / 3])
    assert present_class_scores(np.eye(3)) == pytest.approx([1, 1, 1])


@pytest.mark.parametrize(
    ("folds", "message"),
    [
        ([], "there are no folds"),
        ([replace(BY_HAND[0], predicted=np.zeros((3, 5), int))], r"a: predicted must be \[epochs, 2\]"),
        ([replace(BY_HAND[0], subjects=["a"])], "has 2 clips, but the subjects of 1"),
        ([fold("a", [0, 2], [[0, 1]])], "none of the 2 classes"),
        ([*BY_HAND, replace(BY_HAND[0], seed=1)], "the seeds were not tested on the same clips"),
    ],
)
def test_what_cannot_be_read_is_said(folds, message):
    with pytest.raises(ATMGCNError, match=message):
        audit(folds, 2)


AUDITS = {f"Model-{number}": audit(drawn(number, subjects=8), 3) for number in range(3)}


def test_points_added():
    added = points_added(AUDITS)
    expected = [100 * (one.best_seed["uf1"] - one.honest["uf1"]) for one in AUDITS.values()]
    assert list(added["best_seed"].by_model.values()) == pytest.approx(expected)
    assert added["best_seed"].median == pytest.approx(np.median(expected))
    assert "honest" not in added
    some = points_added({**AUDITS, "one seed": audit(drawn(9, seeds=1), 3)})
    assert list(some["best_seed"].by_model) == list(AUDITS) and "one seed" in some["everything"].by_model


def test_tables():
    lines = list(csv.DictReader(io.StringIO(peeking_table.to_csv(AUDITS))))
    assert len(lines) == 3 * 9 and [row["reading"] for row in lines if row["is_a_score"] == "yes"] == ["honest"] * 3
    assert float(lines[1]["uf1_points_added"]) == pytest.approx(
        100 * (float(lines[1]["uf1"]) - float(lines[0]["uf1"])), abs=1e-3
    )
    named = {**AUDITS, LONG: AUDITS["Model-0"]}
    text, markdown = peeking_table.to_text(named), peeking_table.to_markdown(named)
    assert max(map(len, text.splitlines())) <= 120
    assert text.count("not a score:") == markdown.count("not a score:") == 8
    assert len({len(line) for line in markdown.splitlines() if line.startswith("|")}) == 1
    sentences = peeking_table.points_text(AUDITS)
    assert len(sentences) == 8 and all("points of UF1 in the median, from" in sentence for sentence in sentences)


@pytest.mark.parametrize("count", [1, 2, 14])
def test_texts_do_not_overlap(count):
    named = {f"{number} {LONG}": audit(drawn(number), 3) for number in range(count)}
    for chance in (0.1, 0.33, 0.9):
        assert texts_that_collide(peeking_figure(named, chance=chance)) == []


def test_picture(tmp_path):
    draw_peeking(AUDITS, tmp_path / "peeking.png", "uar", 1 / 3)
    picture(tmp_path / "peeking.png")
