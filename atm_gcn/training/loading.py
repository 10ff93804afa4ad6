"""In which batches the clips of a fold are read."""

import torch
from torch_geometric.loader import DataLoader

from atm_gcn.config import TrainConfig
from atm_gcn.data import MERDataset
from atm_gcn.training.seeds import derive_seed


def training_loader(dataset: MERDataset, settings: TrainConfig, seed: int) -> DataLoader:
    """Shuffled batches, in an order that only ``seed`` decides."""
    return DataLoader(
        dataset,
        batch_size=settings.batch_size,
        shuffle=True,
        num_workers=settings.num_workers,
        generator=torch.Generator().manual_seed(derive_seed(seed, "order")),
    )


def evaluation_loader(dataset: MERDataset, settings: TrainConfig) -> DataLoader:
    """Batches in the order of the dataset."""
    return DataLoader(dataset, batch_size=settings.batch_size, num_workers=settings.num_workers)
