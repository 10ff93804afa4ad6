"""Comparison of runs over the same folds and seeds."""

from atm_gcn.training.comparison.ablation import VARIANTS, ablate
from atm_gcn.training.comparison.difference import compare

__all__ = ["VARIANTS", "ablate", "compare"]
