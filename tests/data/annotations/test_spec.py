"""A dataset is complete: besides its spec it has label schemes, a sentence for model cards, a page and a test table."""

from pathlib import Path

import pytest

from atm_gcn.data.annotations.spec import DATASETS, SPECS
from atm_gcn.data.labels import DEFAULT_SCHEMES, SCHEMES
from atm_gcn.training.results.model_card import LIMITS
from tests.data.annotations.tables import FILE_NAMES, TABLES

PAGES = Path(__file__).parents[3] / "docs" / "datasets"


@pytest.mark.parametrize("key", SPECS)
def test_a_dataset_is_complete(key):
    assert SPECS[key].key == key and key in DATASETS
    assert SCHEMES[DEFAULT_SCHEMES[key]].datasets == (key,)
    assert SPECS[key].title.split()[0] in LIMITS[key]
    assert f"atm-gcn prepare {key} " in (PAGES / f"{key}.md").read_text(encoding="utf-8")
    assert {key} <= TABLES.keys() & FILE_NAMES.keys()
