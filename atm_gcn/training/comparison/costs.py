"""What a model costs: its parameters and the multiply-adds of a clip."""

from typing import NamedTuple

import numpy as np
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode
from torch_geometric.data import Batch

from atm_gcn.building import build, without_labels
from atm_gcn.config import RunConfig
from atm_gcn.data import ClipStore
from atm_gcn.training.loop.clips import dataset_of
from atm_gcn.training.loop.fold import is_fitted_once


class Costs(NamedTuple):
    """What a model costs.

    Args:
        parameters: Number that are trained by gradients; None if there are none.
        gmac: Multiply-adds in 1e9 to classify a clip of the median length; None if it multiplies no matrices. Those of
            convolutions, products and attention are counted, others not.
    """

    parameters: int | None
    gmac: float | None


def costs_of(config: RunConfig, store: ClipStore) -> Costs:
    """What the model of these settings costs on the clips of a store."""
    lengths = [stored.num_frames for stored in store.clips]
    place = int(np.argsort(lengths, kind="stable")[len(lengths) // 2])
    model = build(config.model).eval()
    parameters = sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)
    if is_fitted_once(config.model):
        return Costs(parameters or None, None)
    clip = without_labels(Batch.from_data_list([dataset_of(config, store)[place]]))
    # Attention as products of matrices, which are counted, instead of one kernel.
    with torch.no_grad(), sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        model(clip)
    return Costs(parameters or None, counter.get_total_flops() / 2e9 or None)
