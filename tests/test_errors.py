"""Messages quote damaged files in part only."""

import pickle

import pytest

from atm_gcn.errors import ATMGCNError


def test_overlong_words_are_shortened():
    path = f"/data/{'d' * 250}/manifest.csv"
    assert str(ATMGCNError(f"{path}: apex is {'x' * 10_000}")) == f"{path}: apex is {'x' * 40}... (10,000 characters)"


@pytest.mark.parametrize("text", ["", "x.csv: is damaged"])
def test_an_error_is_pickled_with_its_message(text):
    assert str(pickle.loads(pickle.dumps(ATMGCNError(text)))) == text
