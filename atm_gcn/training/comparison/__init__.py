"""Runs compared over the same folds and seeds."""
