"""Synthetic clips: drawn faces on which muscles move, with every nuisance of a recording and a known truth."""

from atm_gcn.data.synth.dataset import synthesize
from atm_gcn.data.synth.movement import Bump, moved_region, movement_field
from atm_gcn.data.synth.recording import Recording
from atm_gcn.data.synth.truth import load_truth

__all__ = ["Bump", "Recording", "load_truth", "moved_region", "movement_field", "synthesize"]
