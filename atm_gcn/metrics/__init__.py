"""Scores of predictions: UF1, UAR and accuracy (Eq. 12)."""

from atm_gcn.metrics.recognition import Scores, per_subject_mean, scores, scores_of

__all__ = ["Scores", "per_subject_mean", "scores", "scores_of"]
