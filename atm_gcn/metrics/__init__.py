"""Scores of predictions, UF1, UAR and accuracy (Eq. 12), and the significance of their differences."""

from atm_gcn.metrics.permutation_test import Difference, paired_permutation_test
from atm_gcn.metrics.recognition import Scores, per_subject_mean, scores, scores_of

__all__ = ["Difference", "Scores", "paired_permutation_test", "per_subject_mean", "scores", "scores_of"]
