"""What is refused before the first fold."""

import pytest

from atm_gcn.config import ModelConfig
from atm_gcn.errors import ATMGCNError
from atm_gcn.training.preflight import BYTES_PER_WEIGHT, LEAST_ROOM, check_memory, check_room
from tests.runs import tiny_config


def test_a_model_that_no_memory_holds_is_refused_unbuilt():
    huge = ModelConfig(num_classes=3, hidden_channels=16_384, num_layers=256, stem_channels=(16_384, 128))
    with pytest.raises(ATMGCNError, match=r"the model would have 6\d,\d{3},\d{3},\d{3} weights, and training"):
        check_memory(huge, 64e9)


def test_a_model_that_just_fits_is_not():
    model = tiny_config().model.model_copy(update={"num_classes": 3})
    weights = 1_000
    with pytest.raises(ATMGCNError, match="weights"):
        check_memory(model, weights)
    check_memory(model, BYTES_PER_WEIGHT * 10_000)


def test_a_process_that_may_take_little_more_is_refused():
    check_room(LEAST_ROOM)
    check_room(float("inf"))
    with pytest.raises(ATMGCNError, match=r"may take 18 MB more \(ulimit -v\), and training needs at least 200 MB"):
        check_room(18e6)
