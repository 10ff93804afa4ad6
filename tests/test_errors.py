"""Messages quote damaged files in part only."""

import pickle

import pytest

from atm_gcn.errors import ATMGCNError


def test_overlong_words_are_shortened():
    message = str(ATMGCNError(f"/tmp/{'d' * 250}/manifest.csv, row 4: apex is {'x' * 10_000!r}, which is no number"))
    assert (
        message == f"/tmp/{'d' * 250}/manifest.csv, row 4: apex is 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx... (10,003 "
        "characters) which is no number"
    )


@pytest.mark.parametrize("text", ["", "x.csv: is damaged"])
def test_an_error_is_pickled_with_its_message(text):
    assert str(pickle.loads(pickle.dumps(ATMGCNError(text)))) == text
