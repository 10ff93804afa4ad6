"""The tasks of a run, and folds of earlier runs in folders of other names."""

from atm_gcn.training.protocol.tasks import tasks_of
from atm_gcn.training.results.layout import MODEL
from atm_gcn.training.run import run_folds


def test_a_fold_in_a_folder_of_another_name_is_gone_on_with(store, config, run):
    folds = run / "folds"
    (folds / "tiny__s1").rename(folds / "tiny-s1-of-old")
    before = (folds / "tiny-s1-of-old" / MODEL).stat().st_mtime_ns
    (run / "metrics.json").unlink()
    run_folds(config, store, run, resume=True)
    assert sorted(folder.name for folder in folds.iterdir()) == ["tiny__s0", "tiny__s1", "tiny__s2"]
    assert (folds / "tiny__s1" / MODEL).stat().st_mtime_ns == before
    assert [task.path.name for task in tasks_of(config, store)] == ["tiny__s0", "tiny__s1", "tiny__s2"]
