import pytest

from atm_gcn.report.curves import charts_of
from tests.cli.conftest import store, tiny_sets, trained  # noqa: F401  fixtures


@pytest.fixture
def content():
    """What the page shows of a run with hostile names, without pictures."""
    names = ["<b>down</b>", "left & right", "still"]
    row = {"precision": 0.5, "recall": 0.25, "f1": 1 / 3, "support": 4}
    return {
        "name": "run <script>alert(1)</script>",
        "datasets": ["tiny"],
        "metrics": {
            "uf1": 0.5,
            "uar": 0.25,
            "acc": 0.75,
            "interval": {"uf1": [0.214, 0.7], "uar": [0.1, 0.5], "acc": [0.5, 0.9]},
            "chance": {"uf1": 0.321, "uar": 1 / 3, "acc": 0.4},
            "largest_class": {"uf1": 0.2, "uar": 1 / 3, "acc": 0.5},
            "per_subject_mean": {"uf1": 0.4, "uar": 0.2, "acc": 0.7},
            "per_class": [row | {"class": name} for name in names],
            "class_names": names,
            "num_clips": 12,
            "num_subjects": 3,
            "protocol": "leave-one-subject-out",
        },
        "notes": ["UF1 is not distinguishable from chance."],
        "confusion": [[(1, 0.25), (3, 0.75), (0, 0.0)] for _ in names],
        "subjects": [
            {"subject": subject, "clips": clips, "correct": 2.0, "acc": acc, "uf1": 0.5, "uar": 0.5}
            for subject, clips, acc in (("tiny/s10", 4, 0.5), ("tiny/s9<img src=x>", 30, 1.0), ("tiny/s1", 5, 0.25))
        ],
        "mistakes": [],
        "no_pictures": "",
        "charts": charts_of({f"fold {i}": [{"epoch": e, "loss": float(i)} for e in (1, 2)] for i in (1, 2, 3)}),
        "config": "model:\n  heads: 2 # <none>\n",
        "facts": [("Finished", "today")],
    }
