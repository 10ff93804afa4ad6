"""Scores of spotting and of spot-then-recognise in long videos, as the challenge MEGC defines them."""

from atm_gcn.metrics.spotting.interval import Interval
from atm_gcn.metrics.spotting.matching import Match, intersection_over_union, match_intervals
from atm_gcn.metrics.spotting.record import record_of
from atm_gcn.metrics.spotting.scoring import Analysis, Spotted, SpottingScores, spotting_scores
from atm_gcn.metrics.spotting.tables import IntervalTable, read_intervals, write_log

__all__ = [
    "Analysis",
    "Interval",
    "IntervalTable",
    "Match",
    "Spotted",
    "SpottingScores",
    "intersection_over_union",
    "match_intervals",
    "read_intervals",
    "record_of",
    "spotting_scores",
    "write_log",
]
