"""Scores of predictions (Eq. 12), their intervals, chance levels and differences.

:mod:`atm_gcn.metrics.edge_weights` measures edge weights; it imports torch.
"""

from atm_gcn.metrics.action_units import UnitScores, unit_scores
from atm_gcn.metrics.chance import chance_level, largest_class_scores
from atm_gcn.metrics.holm import holm
from atm_gcn.metrics.interval import score_interval
from atm_gcn.metrics.permutation_test import Difference, paired_permutation_test
from atm_gcn.metrics.recognition import SCORES, Scores, per_subject_mean, scores, scores_of
from atm_gcn.metrics.spotting import Interval, SpottingScores, spotting_scores

__all__ = [
    "SCORES",
    "Difference",
    "Interval",
    "Scores",
    "SpottingScores",
    "UnitScores",
    "chance_level",
    "holm",
    "largest_class_scores",
    "paired_permutation_test",
    "per_subject_mean",
    "score_interval",
    "scores",
    "scores_of",
    "spotting_scores",
    "unit_scores",
]
