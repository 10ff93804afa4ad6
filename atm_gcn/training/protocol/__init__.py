"""The folds, seeds and tasks of a run, and the check that no data leaks between training and test."""
