"""What a preset is, beside the sizes that tests/test_model.py compares with the paper's."""

from typing import Any

from atm_gcn.config import RunConfig


def flat(settings: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    found = {}
    for key, value in settings.items():
        found |= flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
    return found


def test_plus_is_small_with_another_graph():
    small, plus = (flat(RunConfig.preset(name).model_dump()) for name in ("small", "plus"))
    assert {key: value for key, value in plus.items() if small[key] != value} == {
        "model.layer": "gcnii",
        "model.adaptive_heads": 2,
        "model.adaptive_start": "mixed",
        "model.pooling": "apex",
        "model.center_flow": True,
        "train.optim.adaptive_lr": 10.0,
    }


def test_small_and_large_keep_the_papers_graph():
    for name in ("small", "large"):
        settings = flat(RunConfig.preset(name).model_dump())
        changed = {key for key, value in flat(RunConfig().model_dump()).items() if settings[key] != value}
        assert changed <= {
            "model.num_blocks",
            "model.num_layers",
            "model.window",
            "data.fps",
            "train.augment.crop",
            "train.augment.jitter",
        }
        assert (settings["model.adaptive_start"], settings["model.forgetting_rate"]) == ("identity", 0.5)
