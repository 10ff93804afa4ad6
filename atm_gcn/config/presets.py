"""Settings by the name of a preset, where they differ from the defaults."""

from typing import Any

from atm_gcn.config.overrides import merged

_SMALL = {  # SAMM, CASME II, composite
    "model": {"num_blocks": 2, "num_layers": 2, "window": 1},
    "data": {"fps": 30.0},
    "train": {"augment": {"crop": 0.05, "jitter": 0.2}},
}
_PLUS = {  # another graph, which departs from the text; docs/design-choices.md
    "model": {
        "layer": "gcnii",
        "adaptive_heads": 2,
        "adaptive_start": "mixed",
        "pooling": "apex",
        "center_flow": True,
    },
    "train": {"optim": {"adaptive_lr": 10.0}},
}
_DEMO = {  # drawn faces on a CPU
    "model": {
        "num_blocks": 2,
        "num_layers": 2,
        "window": 1,
        "stem_channels": (12, 12),
        "block_channels": (12, 24, 24, 24),
        "motion_channels": 64,
        "hidden_channels": 64,
    },
    "data": {"size": 96, "fps": 30.0},
    "train": {
        "optim": {"epochs": 20, "lr": 2e-3, "lr_decay": 0.9},
        "augment": {"crop": 0.05, "flip": True},
        "compute": {"threads": 1},
    },
}
_LAPTOP = {  # datasets of a few hundred clips on two CPU cores without bfloat16
    "model": {"stem_channels": (8, 16), "block_channels": (16, 32, 32, 32)},
    "train": {"optim": {"epochs": 15, "batch_size": 8}},
}

PRESETS: dict[str, dict[str, Any]] = {
    "small": _SMALL,
    "large": {"model": {"num_blocks": 4, "num_layers": 4, "window": 2}},  # CAS(ME)3
    "plus": merged(_SMALL, _PLUS),
    "laptop": merged(_DEMO, _LAPTOP),
    "demo": _DEMO,
}
