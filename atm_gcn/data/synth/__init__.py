"""Synthetic clips: drawn faces on which muscles move, with every nuisance of a recording and a known truth."""

from atm_gcn.data.synth.dataset import synthesize
from atm_gcn.data.synth.movement import Bump, moved_region, movement_field
from atm_gcn.data.synth.recording import DIFFICULTIES, Recording
from atm_gcn.data.synth.truth import load_truth

__all__ = ["DIFFICULTIES", "Bump", "Recording", "load_truth", "moved_region", "movement_field", "synthesize"]
