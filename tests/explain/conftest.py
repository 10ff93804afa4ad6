import numpy as np
import pytest
import torch

from atm_gcn.explain import ExplainedClip
from tests.cli.conftest import store, tiny_sets, trained  # noqa: F401  fixtures
from tests.clips import frame_batch
from tests.inference.conftest import long_video, tiny_run  # noqa: F401  fixtures
from tests.test_model import model_of


@pytest.fixture
def explained():
    """A clip of 7 frames and what a small model saw of it."""
    batch = frame_batch(sizes=(6,))
    batch.global_index = torch.tensor([2])
    frames = torch.cat([batch.onset_frame, batch.frames]).permute(0, 2, 3, 1).numpy()
    explanation = model_of().explain(batch)
    return ExplainedClip("d/s/c", frames, np.arange(7) * 33.3, 3, explanation, ["a", "b", "c"], "b", "fold d__s")
