"""One fold, all folds, and what they say together."""
