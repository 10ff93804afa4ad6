"""Section III.A of the paper: from frames to motion features."""

from atm_gcn.encoders.acceleration import Accelerable, Cost
from atm_gcn.encoders.ca_block import ContinuousAttentionBlock, watched_attention
from atm_gcn.encoders.chunked import encode_clips, encode_in_chunks, encode_stream
from atm_gcn.encoders.motion_encoder import MotionEncoder
from atm_gcn.encoders.pairing import check_frames, input_dtype, normalize_frames, pair_with_onset
from atm_gcn.encoders.positional_encoding import sinusoidal_position
from atm_gcn.encoders.views import VIEWS, encoder_images, mean_logits, mirrored, normalize_onset

__all__ = [
    "VIEWS",
    "Accelerable",
    "ContinuousAttentionBlock",
    "Cost",
    "MotionEncoder",
    "check_frames",
    "encode_clips",
    "encode_in_chunks",
    "encode_stream",
    "encoder_images",
    "input_dtype",
    "mean_logits",
    "mirrored",
    "normalize_frames",
    "normalize_onset",
    "pair_with_onset",
    "sinusoidal_position",
    "watched_attention",
]
